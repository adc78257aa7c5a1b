"""What clients send about this room."""

import strawberry

from labelyard.resolvers.enumeration import PluginHandlerType
from labelyard.resolvers.scalar import DateTime


@strawberry.input
class PluginNameData:
    """The name of a plugin."""

    pluginName: str


@strawberry.input
class PluginRunnerData:
    """A plugin whose code has been uploaded, and what it handles."""

    pluginName: str
    handlerTypes: list[PluginHandlerType] | None = strawberry.UNSET
    eventMatcher: list[str] | None = strawberry.UNSET


@strawberry.input
class GetPluginBuildErrorsData:
    """Which lines of the builds of a plugin."""

    pluginName: str
    createdAt: DateTime | None = strawberry.UNSET
    limit: int | None = strawberry.UNSET
    skip: int | None = strawberry.UNSET


@strawberry.input
class GetPluginLogsData:
    """Which lines of a plugin on a project."""

    projectId: strawberry.ID
    pluginName: str
    createdAt: DateTime | None = strawberry.UNSET
    limit: int | None = strawberry.UNSET
    skip: int | None = strawberry.UNSET
