"""Plugins and webhooks as clients see them."""

import strawberry

from labelyard.resolvers.object_type import object_type
from labelyard.resolvers.scalar import DateTime


@object_type(None)
class Plugin:
    """Code or a URL that handles what happens in projects."""

    id: strawberry.ID
    createdAt: DateTime | None
    name: str
    projectIds: list[strawberry.ID] | None
    updatedAt: DateTime | None
    eventMatcher: list[str] | None
