"""What clients send about this room."""

import strawberry

from labelyard.resolvers.enumeration import PluginHandlerType


@strawberry.input
class WebhookData:
    """A URL to call on events."""

    pluginName: str
    webhookUrl: str
    header: str | None = strawberry.UNSET
    handlerTypes: list[PluginHandlerType] | None = strawberry.UNSET
    eventMatcher: list[str] | None = strawberry.UNSET


@strawberry.input
class PluginOnProjectWhere:
    """A plugin or webhook, and a project."""

    pluginName: str
    projectId: strawberry.ID


@strawberry.input
class PluginWhere:
    """Which plugins and webhooks."""

    pluginName: str | None = strawberry.UNSET
    id: strawberry.ID | None = strawberry.UNSET
