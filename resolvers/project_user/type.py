"""The member of a project as clients see it. Counters follow the member's labels in the project."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from labelyard.domain.number import LARGEST_INT, MOST_SECONDS, whole_if_whole
from labelyard.resolvers.enumeration import InvitationStatus, ProjectRole, ProjectUserStatus
from labelyard.resolvers.object_type import computed, expression, json, object_type, to_one
from labelyard.resolvers.project.type import mean_per_category
from labelyard.resolvers.scalar import JSON, DateTime
from labelyard.resolvers.user.type import ADDRESS

if TYPE_CHECKING:
    from labelyard.resolvers.project.type import Project
    from labelyard.resolvers.user.type import User

# Labels are counted when they change: `storage.table.tally`.
OF_MEMBER = "from label_tally y where y.project_id = {t}.project_id and y.author_id = {t}.user_id"
ACCOUNT = "from user_account u where u.id = {t}.user_id and u.organization_id = :organization_id"


def mean_mark(mark: str) -> str:
    """The mean over the assets that the member labeled; hidden from who sees no marks."""
    mean = f"(select (sum(y.{mark}_sum) / nullif(sum(y.{mark}_marks), 0))::float {OF_MEMBER})"
    return f"(case when {{t}}.project_id = any(:markless_projects) then null else {mean} end)"


def newest(label_type: str) -> str:
    """When the member made their newest label of a type: one look at the end of an index."""
    return (
        "(select max(l.created_at) from label l where l.author_id = {t}.user_id and l.project_id = {t}.project_id "
        f"and l.label_type = '{label_type}')"
    )


CONSENSUS_MARK = mean_mark("consensus")  # that of the asset, whoever else agreed or not
HONEYPOT_MARK = mean_mark("honeypot")
ANNOTATIONS = f"(select least(coalesce(sum(y.annotations), 0), {LARGEST_INT})::int {OF_MEMBER})"
LABELED_ASSETS = f"(select coalesce(sum(y.labeled_assets), 0)::int {OF_MEMBER})"
LABELS = f"(select coalesce(sum(y.labels), 0)::int {OF_MEMBER})"
DURATION = f"(select least(coalesce(sum(y.seconds), 0), 1e15)::float {OF_MEMBER})"
MEAN_DURATION = (
    f"(select least(sum(y.seconds) / sum(y.timed), {MOST_SECONDS})::float {OF_MEMBER} having sum(y.timed) > 0)"
)


def seconds(_context: Any, number: float) -> float:
    """Seconds without a fraction where there is none."""
    return whole_if_whole(number)


def mean_seconds(_context: Any, number: float | None) -> float | None:
    """The same, null where nothing was timed."""
    return None if number is None else whole_if_whole(number)


LAST = f"greatest({newest('DEFAULT')}, {newest('REVIEW')})"


@object_type("project_user")
class ProjectUser:
    """A person's role in a project, and what they have done there."""

    id: strawberry.ID
    activated: bool | None = expression(f"(select u.activated {ACCOUNT})")
    consensusMark: float | None = expression(CONSENSUS_MARK)
    consensusMarkCompute: float | None = expression(CONSENSUS_MARK)
    consensusMarkPerCategory: JSON | None = json(
        mean_per_category(
            "p_assets.project_id = {t}.project_id and p_assets.is_used_for_consensus and exists (select 1 from label l "
            "where l.asset_id = p_assets.id and l.author_id = {t}.user_id and l.is_latest_default_label_for_user)",
            project="{t}.project_id",
        )
    )
    calculatedConsensusMark: float | None = expression(CONSENSUS_MARK)
    calculatedHoneypotMark: float | None = expression(HONEYPOT_MARK)
    createdAt: DateTime | None
    deletedAt: DateTime | None
    durationPerLabel: float | None = computed(mean_seconds, MEAN_DURATION)
    email: str | None = expression(f"(select {ADDRESS.replace('{t}', 'u')} {ACCOUNT})")
    honeypotMark: float | None = expression(HONEYPOT_MARK)
    honeypotMarkCompute: float | None = expression(HONEYPOT_MARK)
    invitationStatus: InvitationStatus | None
    lastLabelingAt: DateTime | None = expression(LAST, is_timestamp=True)
    lastLabelingAtCompute: DateTime | None = expression(LAST, is_timestamp=True)
    numberOfAnnotations: int | None = expression(ANNOTATIONS)
    numberOfAnnotationsCompute: int | None = expression(ANNOTATIONS)
    numberOfLabeledAssets: int | None = expression(LABELED_ASSETS)
    numberOfLabeledAssetsCompute: int | None = expression(LABELED_ASSETS)
    numberOfLabels: int | None = expression(LABELS)
    numberOfLabelsCompute: int | None = expression(LABELS)
    project: Annotated["Project", strawberry.lazy("labelyard.resolvers.project.type")] | None = to_one(
        "Project", on="{r}.id = {t}.project_id"
    )
    role: ProjectRole | None
    starred: bool | None
    status: ProjectUserStatus | None = expression(
        # An invited person is a member before their first log-in.
        "(select case when not (u.activated or u.is_invited) then 'ORG_SUSPENDED' "
        f"when u.organization_role = 'ADMIN' then 'ORG_ADMIN' else 'ACTIVATED' end {ACCOUNT})"
    )
    totalDuration: float | None = computed(seconds, DURATION)
    totalDurationCompute: float | None = computed(seconds, DURATION)
    user: Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")] | None = to_one(
        "User", on="{r}.id = {t}.user_id"
    )
