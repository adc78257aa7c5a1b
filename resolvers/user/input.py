"""What clients send about this room. Every key may be absent or null, which means the same."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from resolvers.organization.input import OrganizationWhere


@strawberry.input
class UserWhere:
    """Which users. `apiKey` finds the caller by their own key."""

    id: strawberry.ID | None = strawberry.UNSET
    idIn: list[strawberry.ID] | None = strawberry.UNSET
    activated: bool | None = strawberry.UNSET
    apiKey: str | None = strawberry.UNSET
    email: str | None = strawberry.UNSET
    organization: Annotated["OrganizationWhere", strawberry.lazy("resolvers.organization.input")] | None = (
        strawberry.UNSET
    )
    organizationId: strawberry.ID | None = strawberry.UNSET
