"""What clients send about this room. Every key may be absent or null, which means the same."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.enumeration import HubspotSubscriptionStatus, OrganizationRole

if TYPE_CHECKING:
    from labelyard.resolvers.organization.input import OrganizationWhere


@strawberry.input
class UserWhere:
    """Which users. `apiKey` finds the caller by their own key."""

    id: strawberry.ID | None = strawberry.UNSET
    idIn: list[strawberry.ID] | None = strawberry.UNSET
    activated: bool | None = strawberry.UNSET
    apiKey: str | None = strawberry.UNSET
    email: str | None = strawberry.UNSET
    organization: Annotated["OrganizationWhere", strawberry.lazy("labelyard.resolvers.organization.input")] | None = (
        strawberry.UNSET
    )
    organizationId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class CreateUserData:
    """A new user. `name` is divided at its first space; without a password, they log in with API keys only."""

    email: str
    name: str | None = strawberry.UNSET
    firstname: str | None = strawberry.UNSET
    lastname: str | None = strawberry.UNSET
    password: str | None = strawberry.UNSET
    organizationRole: OrganizationRole | None = strawberry.UNSET


@strawberry.input
class UserData:
    """What may be changed of a user; `apiKey` takes the place of all their keys."""

    activated: bool | None = strawberry.UNSET
    apiKey: str | None = strawberry.UNSET
    auth0Id: str | None = strawberry.UNSET
    email: str | None = strawberry.UNSET
    firstname: str | None = strawberry.UNSET
    hasCompletedLabelingTour: bool | None = strawberry.UNSET
    hubspotSubscriptionStatus: HubspotSubscriptionStatus | None = strawberry.UNSET
    lastname: str | None = strawberry.UNSET
    name: str | None = strawberry.UNSET
    organization: str | None = strawberry.UNSET
    organizationId: str | None = strawberry.UNSET
    organizationRole: OrganizationRole | None = strawberry.UNSET


@strawberry.input
class UpdatePasswordData:
    """The old password, and twice the new one."""

    oldPassword: str
    newPassword1: str
    newPassword2: str
