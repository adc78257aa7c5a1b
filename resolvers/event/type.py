"""Events as clients see them."""

import strawberry

from labelyard.resolvers.object_type import object_type
from labelyard.resolvers.scalar import JSON, DateTime


@object_type(None)
class Event:
    """One thing that happened: what, when, who did it, and what it was about."""

    id: strawberry.ID
    createdAt: DateTime
    event: str
    organizationId: strawberry.ID | None
    payload: JSON | None
    projectId: strawberry.ID | None
    userId: strawberry.ID | None
