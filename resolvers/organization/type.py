"""The organization as clients see it."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from labelyard.domain.number import LARGEST_INT
from labelyard.resolvers.enumeration import InputType, LicenseType
from labelyard.resolvers.object_type import computed, constant, expression, object_type, to_many
from labelyard.resolvers.scalar import DateTime
from labelyard.storage.plan.compiler import milliseconds

if TYPE_CHECKING:
    from labelyard.resolvers.user.type import User


def unlimited_license(_call: Any, organization_id: str, created_at: Any) -> dict[str, Any]:
    """The licence of a self-hosted organization: everything is allowed, nothing runs out."""
    return {
        "api": True,
        "apiPriority": True,
        "canUsePlugins": True,
        "enableSmartTools": True,
        "expiryDate": None,
        "inputType": [kind.value for kind in InputType],
        "maxNumberOfAnnotations": None,
        "maxNumberOfAnnotationsPerMonth": None,
        "maxNumberOfLabeledAssets": None,
        "maxNumberOfPredictionsPerMonth": None,
        "organizationId": organization_id,
        "publicProject": True,
        "seats": None,
        "startDate": milliseconds(created_at),
        "type": LicenseType.PAID.value,
        "uploadCloudData": True,
        "uploadLocalData": True,
    }


@object_type(None)
class License:
    """What an organization may use. Numbers that are null are not limited."""

    api: bool | None
    apiPriority: bool | None
    canUsePlugins: bool | None
    enableSmartTools: bool | None
    expiryDate: DateTime | None
    inputType: list[InputType] | None
    maxNumberOfAnnotations: int | None
    maxNumberOfAnnotationsPerMonth: int | None
    maxNumberOfLabeledAssets: int | None
    maxNumberOfPredictionsPerMonth: int | None
    organizationId: strawberry.ID | None
    publicProject: bool | None
    seats: int | None
    startDate: DateTime | None
    type: LicenseType | None
    uploadCloudData: bool | None
    uploadLocalData: bool | None


@object_type(None)
class OrganizationMetrics:
    """The work of people and models in a period."""

    numberOfAnnotations: int | None
    numberOfHours: float | None
    numberOfLabeledAssets: int | None


# Labels are counted when they change: `storage.table.tally`.
LABELS = (
    "from label_tally y join project p on p.id = y.project_id where p.organization_id = {t}.id and p.deleted_at is null"
)


@object_type("organization")
class Organization:
    """Owner of users and projects."""

    id: strawberry.ID
    address: str | None
    canSeeDataset: bool | None = constant(True)
    city: str | None
    country: str | None
    license: License | None = computed(unlimited_license, "{t}.id", "{t}.created_at")
    name: str | None
    numberOfAnnotations: int | None = expression(
        f"(select least(coalesce(sum(y.all_annotations), 0), {LARGEST_INT})::int {LABELS})"
    )
    numberOfHours: float | None = expression(f"(select (coalesce(sum(y.all_seconds), 0) / 3600)::float {LABELS})")
    numberOfLabeledAssets: int | None = expression(f"(select coalesce(sum(y.first_labels), 0)::int {LABELS})")
    users: list[Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")]] | None = to_many(
        "User",
        matches="{r}.organization_id",
        where=":is_organization_admin or {r}.id = :viewer",
        size=100,
    )
    zipCode: str | None
