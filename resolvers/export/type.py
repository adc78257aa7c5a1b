"""The export as clients see it."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from labelyard.resolvers.asset.type import file_link
from labelyard.resolvers.enumeration import ExportFormat, ExportLabels, ExportLayout, ExportStatus
from labelyard.resolvers.object_type import computed, expression, object_type, to_one
from labelyard.resolvers.scalar import DateTime

if TYPE_CHECKING:
    from labelyard.resolvers.user.type import User

OF_JOB = "(select j.{column} from job j where j.id = {{t}}.job_id)"
# Jobs that have ended go after a week, as exports do.
STATUS = (
    "(case when {t}.blob_id is not null then 'DONE' else coalesce("
    "(select case j.status when 'PARKED' then 'FAILED' when 'DONE' then 'FAILED' else j.status end "
    "from job j where j.id = {t}.job_id), 'FAILED') end)"
)
ORGANIZATION = "(select p.organization_id from project p where p.id = {t}.project_id)"


def own_file_link(call: Any, organization_id: str, user_id: str, blob_id: str | None) -> str | None:
    """A link for the person who asked for the export: it holds what they see."""
    return file_link(call, organization_id, blob_id) if user_id == call.actor.user_id else None


@object_type("project_export")
class ProjectExport:
    """An archive of labels that the server makes, or has made."""

    id: strawberry.ID
    projectId: strawberry.ID
    author: Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")] | None = to_one(
        "User", on="{r}.id = {t}.user_id"
    )
    format: ExportFormat
    layout: ExportLayout
    labels: ExportLabels
    status: ExportStatus = expression(STATUS)
    done: int = expression(f"coalesce({OF_JOB.format(column='done')}, 0)::int")
    total: int | None = expression(f"{OF_JOB.format(column='total')}::int")
    reason: str | None = expression(f"(case when {{t}}.blob_id is null then {OF_JOB.format(column='reason')} end)")
    size: float | None = expression("(select b.size::float from blob b where b.id = {t}.blob_id)")
    url: str | None = computed(own_file_link, ORGANIZATION, "{t}.user_id", "{t}.blob_id")
    createdAt: DateTime
    finishedAt: DateTime | None
