"""Plugins and what they log, as clients see them."""

import strawberry

from labelyard.resolvers.object_type import expression, object_type
from labelyard.resolvers.scalar import DateTime
from labelyard.storage.scope import OWN_PROJECT
from labelyard.storage.table import Plugin as PluginRow


@object_type(PluginRow)
class Plugin:
    """Code that handles what happens in projects of the organization."""

    id: strawberry.ID
    createdAt: DateTime | None
    name: str
    projectIds: list[strawberry.ID] | None = expression(
        "array(select a.project_id from plugin_project a join project p on p.id = a.project_id "
        f"where a.plugin_id = {{t}}.id and {OWN_PROJECT} order by p.position)"
    )
    updatedAt: DateTime | None
    eventMatcher: list[str] | None


@object_type(None)
class PluginLogMetadata:
    """What a line of a plugin is about."""

    assetId: strawberry.ID | None
    labelId: strawberry.ID | None


@object_type(None)
class PluginLog:
    """A line that a plugin or its build has logged."""

    content: str | None
    createdAt: DateTime | None
    logType: str | None
    metadata: PluginLogMetadata | None
    pluginName: str | None
    projectId: strawberry.ID | None
    runId: strawberry.ID | None
