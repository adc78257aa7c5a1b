"""The member of a project as clients see it. Counters follow the member's labels in the project."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers.enumeration import InvitationStatus, ProjectRole, ProjectUserStatus
from resolvers.scalar import JSON, DateTime
from resolvers.stored import always, expression, one, stored
from storage.table import ProjectUser as ProjectUserRow

if TYPE_CHECKING:
    from resolvers.project.type import Project
    from resolvers.user.type import User

OF_MEMBER = "from label l where l.project_id = {t}.project_id and l.author_id = {t}.user_id"
SUBMITTED = OF_MEMBER + " and l.label_type in ('DEFAULT', 'REVIEW')"
LATEST = SUBMITTED + " and l.is_latest_label_for_user"
ACCOUNT = "from user_account u where u.id = {t}.user_id"
MARK = (
    "(case when {{t}}.project_id = any(:markless_projects) then null else (select avg(l.{mark}) "
    + OF_MEMBER.replace("{", "{{").replace("}", "}}")
    + " and l.is_latest_default_label_for_user) end)"
)
# Of the assets the member labeled, whoever else agreed or not.
CONSENSUS_MARK = (
    "(case when {t}.project_id = any(:markless_projects) then null else (select avg(a.consensus_mark) from asset a "
    "where a.project_id = {t}.project_id and a.is_used_for_consensus and exists (select 1 "
    + OF_MEMBER
    + " and l.asset_id = a.id and l.is_latest_default_label_for_user)) end)"
)
HONEYPOT_MARK = MARK.format(mark="honeypot_mark")
ANNOTATIONS = f"(select coalesce(sum(l.number_of_annotations), 0)::int {LATEST})"
LABELED_ASSETS = f"(select count(distinct l.asset_id)::int {SUBMITTED})"
LABELS = f"(select count(*)::int {SUBMITTED})"
DURATION = f"(select coalesce(sum(l.seconds_to_label), 0) {SUBMITTED})"
LAST = f"(select max(l.created_at) {SUBMITTED})"


@stored(ProjectUserRow)
class ProjectUser:
    """A person's role in a project, and what they have done there."""

    id: strawberry.ID
    activated: bool | None = expression(f"(select u.activated {ACCOUNT})")
    consensusMark: float | None = expression(CONSENSUS_MARK)
    consensusMarkCompute: float | None = expression(CONSENSUS_MARK)
    consensusMarkPerCategory: JSON | None = always(None)
    calculatedConsensusMark: float | None = expression(CONSENSUS_MARK)
    calculatedHoneypotMark: float | None = expression(HONEYPOT_MARK)
    createdAt: DateTime | None
    deletedAt: DateTime | None
    durationPerLabel: float | None = expression(f"(select avg(l.seconds_to_label) {SUBMITTED})")
    email: str | None = expression(f"(select u.email {ACCOUNT})")
    honeypotMark: float | None = expression(HONEYPOT_MARK)
    honeypotMarkCompute: float | None = expression(HONEYPOT_MARK)
    invitationStatus: InvitationStatus | None
    lastLabelingAt: DateTime | None = expression(LAST, is_moment=True)
    lastLabelingAtCompute: DateTime | None = expression(LAST, is_moment=True)
    numberOfAnnotations: int | None = expression(ANNOTATIONS)
    numberOfAnnotationsCompute: int | None = expression(ANNOTATIONS)
    numberOfLabeledAssets: int | None = expression(LABELED_ASSETS)
    numberOfLabeledAssetsCompute: int | None = expression(LABELED_ASSETS)
    numberOfLabels: int | None = expression(LABELS)
    numberOfLabelsCompute: int | None = expression(LABELS)
    project: Annotated["Project", strawberry.lazy("resolvers.project.type")] | None = one(
        "Project", on="{r}.id = {t}.project_id"
    )
    role: ProjectRole | None
    starred: bool | None
    status: ProjectUserStatus | None = expression(
        "(select case when not u.activated then 'ORG_SUSPENDED' when u.organization_role = 'ADMIN' then 'ORG_ADMIN' "
        f"else 'ACTIVATED' end {ACCOUNT})"
    )
    totalDuration: float | None = expression(DURATION)
    totalDurationCompute: float | None = expression(DURATION)
    user: Annotated["User", strawberry.lazy("resolvers.user.type")] | None = one("User", on="{r}.id = {t}.user_id")
