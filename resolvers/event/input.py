"""What clients send about this room. Every key may be absent or null, which means the same."""

import strawberry

from labelyard.resolvers.scalar import DateTime


@strawberry.input
class EventsWhere:
    """Which events; all conditions given must hold."""

    projectId: strawberry.ID | None = strawberry.UNSET
    organizationId: strawberry.ID | None = strawberry.UNSET
    createdAtGte: DateTime | None = strawberry.UNSET
    createdAtLte: DateTime | None = strawberry.UNSET
    userId: strawberry.ID | None = strawberry.UNSET
    event: str | None = strawberry.UNSET


@strawberry.input
class EventPagination:
    """Which part of a list of events."""

    first: int | None = strawberry.UNSET
    skip: int | None = strawberry.UNSET
    fromEventId: strawberry.ID | None = strawberry.UNSET
    untilEventId: strawberry.ID | None = strawberry.UNSET
