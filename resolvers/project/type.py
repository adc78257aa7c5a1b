"""The project as clients see it."""

from typing import TYPE_CHECKING, Annotated, Any

import orjson
import strawberry

from labelyard.resolvers.enumeration import (
    ComplianceTag,
    InputType,
    InterfaceCategory,
    WorkflowStepType,
    WorkflowVersion,
)
from labelyard.resolvers.object_type import column, computed, constant, expression, json, object_type, to_many, to_one
from labelyard.resolvers.scalar import JSON, DateTime
from labelyard.storage.workflow import MAY_WORK

if TYPE_CHECKING:
    from labelyard.resolvers.asset.type import Asset
    from labelyard.resolvers.data_connection.type import DataConnection
    from labelyard.resolvers.project_user.type import ProjectUser
    from labelyard.resolvers.tag.type import Tag
    from labelyard.resolvers.user.type import User

# Assets and labels are counted when they change: `storage.table.tally`.
TALLY = "(select coalesce(sum(y.{count}), 0)::int from asset_tally y where y.project_id = {{t}}.id)"
SKIPPED = TALLY.format(count="skipped")
EMPTY = (
    "(select count(distinct l.asset_id)::int from label l where l.project_id = {t}.id and l.number_of_annotations = 0 "
    "and l.is_latest_label_for_user and l.label_type in ('DEFAULT', 'REVIEW'))"
)
ISSUES = (
    "(select count(*)::int from issue i where i.project_id = {{t}}.id and i.type = '{type}' and i.status = '{status}')"
)


def of_first_step(setting: str) -> str:
    """A setting of the project that is one of its first labeling step, null for other steps."""
    return (
        f"(select p.{setting} from project p where p.id = {{t}}.project_id and {{t}}.type = 'DEFAULT' and not exists ("
        "select 1 from project_step e where e.project_id = p.id and e.step_order < {t}.step_order))"
    )


def mean_mark(mark: str) -> str:
    """The target somebody set for a mark, else the mean over assets; hidden from who sees no marks."""
    return (
        f"(case when {{t}}.id = any(:markless_projects) then null else coalesce({{t}}.{mark}_mark, "
        f"(select (sum(y.{mark}_sum) / nullif(sum(y.{mark}_marks), 0))::float from asset_tally y "
        f"where y.project_id = {{t}}.id)) end)"
    )


def mean_per_category(where: str, *, project: str) -> str:
    """The mean over assets of the consensus of each category, by job; null without any, and for who sees no marks."""
    return (
        f"(case when {project} = any(:markless_projects) then null else (select json_object_agg(j.job, j.marks)::text from ("
        "select c.job, json_object_agg(c.category, c.mean) as marks from (select per_job.key as job, one.key as category, "
        "avg(one.value::float) as mean from asset p_assets, json_each(p_assets.consensus_mark_per_category::json) per_job, "
        "json_each_text(per_job.value) one where p_assets.consensus_mark_per_category is not null "
        f"and {where} group by 1, 2 order by 1, 2) c group by c.job order by c.job) j) end)"
    )


def metadata_types(_call: Any, properties: str) -> dict[str, Any]:
    """The older form of `metadataProperties`: the type of each key."""
    return {key: value.get("type", "string") for key, value in orjson.loads(properties).items()}


def geospatial_settings(_call: Any, is_pixel: bool) -> dict[str, str] | None:
    """How coordinates of a geospatial project are to be read."""
    return {"labelingCRSCode": "PIXEL"} if is_pixel else None


@object_type("step_group")
class StepGroup:
    """A group of workflow steps, which assets pass one after the other."""

    id: strawberry.ID
    name: str


@object_type("project_step")
class ProjectStep:
    """One stage of a project's workflow. Until somebody chooses assignees, every member whose role allows it is one."""

    id: strawberry.ID
    name: str
    type: WorkflowStepType
    isActivated: bool | None = constant(True)
    order: int | None = column("step_order")
    stepGroupId: strawberry.ID | None
    assignees: list[Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")]] | None = to_many(
        "User",
        matches="sp.id",
        join="join project_user pu on pu.user_id = {r}.id join project_step sp on sp.project_id = pu.project_id "
        f"and {MAY_WORK}",
        where="pu.project_id <> all(:labeler_projects) or {r}.id = :viewer",
        order="pu.position",
        size=10,
    )
    consensusCoverage: int | None = expression(of_first_step("consensus_tot_coverage"))
    numberOfExpectedLabelsForConsensus: int | None = expression(of_first_step("min_consensus_size"))
    stepCoverage: int | None
    sendBackStepId: strawberry.ID | None
    useHoneypot: bool | None = expression(f"({{t}}.use_honeypot or coalesce({of_first_step('use_honeypot')}, false))")


@object_type("project")
class Project:
    """One interface, one asset type, members with roles, workflow settings."""

    id: strawberry.ID
    archived: bool | None = expression("({t}.archived_at is not null)")
    archivedAt: DateTime | None
    assetMetadata: JSON | None = json("{t}.metadata_properties")
    assetMetadataCompute: JSON | None = json("{t}.metadata_properties")
    author: Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")] | None = to_one(
        "User", on="{r}.id = {t}.author_id"
    )
    calculatedConsensusMark: float | None = expression(mean_mark("consensus"))
    calculatedHoneypotMark: float | None = expression(mean_mark("honeypot"))
    canNavigateBetweenAssets: bool | None
    canSkipAsset: bool | None
    completionPercentage: float | None = expression(
        "(select coalesce(round(100.0 * (sum(y.assets) - sum(y.remaining)) / nullif(sum(y.assets), 0)), 0)::float "
        "from asset_tally y where y.project_id = {t}.id)"
    )
    complianceTags: list[ComplianceTag] | None
    consensusMark: float | None = expression(mean_mark("consensus"))
    consensusMarkPerCategory: JSON | None = json(mean_per_category("p_assets.project_id = {t}.id", project="{t}.id"))
    consensusTotCoverage: int | None
    createdAt: DateTime | None
    dataConnections: (
        list[Annotated["DataConnection", strawberry.lazy("labelyard.resolvers.data_connection.type")]] | None
    ) = to_many("DataConnection", matches="{r}.project_id", size=2)
    dataset: list[Annotated["Asset", strawberry.lazy("labelyard.resolvers.asset.type")]] | None = to_many(
        "Asset",
        matches="{r}.project_id",
        size=20,
    )
    description: str | None
    enforceStepSeparation: bool | None
    geospatialSettings: JSON | None = computed(geospatial_settings, "{t}.pixel_labeling")
    honeypotMark: float | None = expression(mean_mark("honeypot"))
    inputType: InputType | None
    instructions: str | None
    interface: JSON | None = json("{t}.json_interface")
    interfaceCategory: InterfaceCategory | None
    interfaceCompute: JSON | None = json("{t}.json_interface")
    isAnonymized: bool | None
    jsonInterface: str | None
    maxWorkerCount: int | None
    metadataProperties: JSON | None = json("{t}.metadata_properties")
    metadataTypes: JSON | None = computed(metadata_types, "{t}.metadata_properties")
    minAgreement: int | None
    minConsensusSize: int | None
    mlTasks: list[str] | None
    mlTasksCompute: list[str] | None = column("ml_tasks")
    numberOfAssets: int | None = expression(TALLY.format(count="assets"))
    numberOfAssetsWithEmptyLabels: int | None = expression(EMPTY)
    numberOfAssetsWithSkippedLabels: int | None = expression(SKIPPED)
    numberOfLatestLabels: int | None = expression(
        "(select coalesce(sum(y.labeled_assets), 0)::int from label_tally y where y.project_id = {t}.id)"
    )
    numberOfOpenIssues: int | None = expression(ISSUES.format(type="ISSUE", status="OPEN"))
    numberOfOpenQuestions: int | None = expression(ISSUES.format(type="QUESTION", status="OPEN"))
    numberOfRemainingAssets: int | None = expression(TALLY.format(count="remaining"))
    numberOfReviewedAssets: int | None = expression(TALLY.format(count="reviewed"))
    numberOfRoles: int | None = expression(
        "(select count(*)::int from project_user pu where pu.project_id = {t}.id and pu.deleted_at is null)"
    )
    numberOfSkippedAssets: int | None = expression(SKIPPED)
    numberOfSolvedIssues: int | None = expression(ISSUES.format(type="ISSUE", status="SOLVED"))
    numberOfSolvedQuestions: int | None = expression(ISSUES.format(type="QUESTION", status="SOLVED"))
    organizationId: strawberry.ID | None
    publicToken: str | None = expression(
        "(case when {t}.id = any(:markless_projects) then null else {t}.public_token end)"
    )
    readPermissionsForAssetsAndLabels: bool | None = constant(True)
    reviewCoverage: int | None
    rights: list[str] | None = constant(["CAN_LABEL"])
    roles: list[Annotated["ProjectUser", strawberry.lazy("labelyard.resolvers.project_user.type")]] | None = to_many(
        "ProjectUser",
        matches="{r}.project_id",
        where="{r}.deleted_at is null",
        size=20,
    )
    rules: str | None
    secondsToLabelBeforeAutoAssign: int | None
    shouldAutoAssign: bool | None
    shouldRelaunchKpiComputation: bool | None
    starred: bool | None = expression(
        "exists (select 1 from project_user pu where pu.project_id = {t}.id and pu.user_id = :viewer and pu.starred)"
    )
    stepGroups: list[StepGroup] | None = to_many("StepGroup", matches="{r}.project_id", order="{r}.group_order")
    steps: list[ProjectStep] = to_many("ProjectStep", matches="{r}.project_id", order="{r}.step_order")
    tags: list[Annotated["Tag", strawberry.lazy("labelyard.resolvers.tag.type")]] | None = to_many(
        "Tag",
        matches="pt.project_id",
        join="join project_tag pt on pt.tag_id = {r}.id",
    )
    title: str | None
    titleAndDescription: str | None = expression("({t}.title || ' ' || {t}.description)")
    updatedAt: DateTime | None
    useHoneyPot: bool | None = column("use_honeypot")
    workflowVersion: WorkflowVersion | None
