"""What plugins log, as clients see it."""

import strawberry

from labelyard.resolvers.object_type import object_type
from labelyard.resolvers.scalar import DateTime


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
