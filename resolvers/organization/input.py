"""What clients send about this room. Every key may be absent or null, which means the same."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.scalar import DateTime

if TYPE_CHECKING:
    from labelyard.resolvers.user.input import UserWhere


@strawberry.input
class OrganizationWhere:
    """Which organizations; `user` means the organization of that person."""

    id: strawberry.ID | None = strawberry.UNSET
    organizationID: strawberry.ID | None = strawberry.UNSET
    user: Annotated["UserWhere", strawberry.lazy("labelyard.resolvers.user.input")] | None = strawberry.UNSET


@strawberry.input
class OrganizationMetricsWhere:
    """Which organization, and from when to when; both ends belong to the period."""

    organizationId: strawberry.ID
    startDate: DateTime | None = strawberry.UNSET
    endDate: DateTime | None = strawberry.UNSET


@strawberry.input
class OrganizationData:
    """What may be changed of an organization; `license` is refused, for a self-hosted server limits nothing."""

    name: str | None = strawberry.UNSET
    address: str | None = strawberry.UNSET
    city: str | None = strawberry.UNSET
    country: str | None = strawberry.UNSET
    zipCode: str | None = strawberry.UNSET
    license: str | None = strawberry.UNSET
    canSeeDataset: bool | None = strawberry.UNSET


@strawberry.input
class CreateOrganizationData:
    """A new organization."""

    name: str
    address: str | None = strawberry.UNSET
    city: str | None = strawberry.UNSET
    country: str | None = strawberry.UNSET
    zipCode: str | None = strawberry.UNSET
