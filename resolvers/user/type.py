"""The user as clients see it."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from labelyard.resolvers.enumeration import HubspotSubscriptionStatus, OrganizationRole
from labelyard.resolvers.object_type import column, constant, expression, object_type, to_many, to_one
from labelyard.resolvers.scalar import DateTime
from labelyard.storage.scope import HIDDEN_ADDRESS, HIDDEN_NAME, KEYS_OF_COLLEAGUE, SEES_ADDRESS, SEES_NAME

if TYPE_CHECKING:
    from labelyard.resolvers.api_key.type import ApiKey
    from labelyard.resolvers.organization.type import Organization
    from labelyard.resolvers.project_user.type import ProjectUser

# What a person may do in the product; a self-hosted server holds none of it back.
RIGHTS = ["USE_API", "USE_API_PRIORITY", "CAN_LABEL", "UPLOAD_CLOUD_DATA"]

SHOWS_NAME = SEES_NAME.format(r="{t}")
ADDRESS = f"(case when {SEES_ADDRESS.format(r='{t}')} and {SHOWS_NAME} then {{t}}.email else {{t}}.id || '{HIDDEN_ADDRESS}' end)"
FULL_NAME = "btrim({t}.firstname || ' ' || {t}.lastname)"


def unless_anonymous(name: str, instead: str) -> Any:
    """A name of the person, and what stands for it where names are hidden."""
    return expression(f"(case when {SHOWS_NAME} then {name} else '{instead}' end)", plain=name)


@object_type("user_account")
class User:
    """A person or a program of an organization."""

    id: strawberry.ID
    activated: bool | None
    apiKeys: list[Annotated["ApiKey", strawberry.lazy("labelyard.resolvers.api_key.type")]] | None = to_many(
        "ApiKey",
        matches="{r}.user_id",
        scope=KEYS_OF_COLLEAGUE,
    )
    createdAt: DateTime | None
    email: str = expression(ADDRESS, plain="{t}.email")
    firstname: str | None = unless_anonymous("{t}.firstname", HIDDEN_NAME)
    lastname: str | None = unless_anonymous("{t}.lastname", "")
    name: str | None = unless_anonymous(FULL_NAME, HIDDEN_NAME)
    hasCompletedLabelingTour: bool | None
    hubspotSubscriptionStatus: HubspotSubscriptionStatus | None = constant(None)
    organization: Annotated["Organization", strawberry.lazy("labelyard.resolvers.organization.type")] | None = to_one(
        "Organization", on="{r}.id = {t}.organization_id"
    )
    organizationId: strawberry.ID | None
    organizationIdCompute: strawberry.ID | None = column("organization_id")
    organizationRole: OrganizationRole | None
    projectUsers: list[Annotated["ProjectUser", strawberry.lazy("labelyard.resolvers.project_user.type")]] | None = (
        to_many(
            "ProjectUser",
            matches="{r}.user_id",
            where="{r}.deleted_at is null",
        )
    )
    rights: list[str] | None = constant(RIGHTS)
    updatedAt: DateTime | None
