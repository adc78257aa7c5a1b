"""The asset as clients see it."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import strawberry

from labelyard.domain.file_url import replace_file_urls
from labelyard.resolvers.enumeration import Status, StatusInStep, WorkflowStepType
from labelyard.resolvers.issue.type import (
    OPEN_ISSUES_ASSIGNEES,
    OPEN_OBJECT_MIDS_OF_ASSET,
    OPEN_QUESTIONS_AUTHORS,
    Issue,
)
from labelyard.resolvers.model.type import AssetProjectModel
from labelyard.resolvers.object_type import (
    bound,
    column,
    computed,
    constant,
    expression,
    json,
    object_type,
    to_many,
    to_one,
)
from labelyard.resolvers.scalar import JSON, DateTime
from labelyard.storage.metadata import VISIBLE_METADATA
from labelyard.storage.scope import IS_VALID_LOCK, LABELER_LABEL, VALID_LOCK
from labelyard.storage.workflow import AWAITS_AUTHOR, STATUS, STEP_STATUS

if TYPE_CHECKING:
    from labelyard.resolvers.label.type import Label
    from labelyard.resolvers.project.type import Project
    from labelyard.resolvers.project_user.type import ProjectUser
    from labelyard.resolvers.workflow.type import Lock

IS_ASSIGNED = "exists (select 1 from asset_assignee aa where aa.asset_id = {t}.id)"
SHOWN_STATUS = STATUS.format(row="{t}")
SHOWN_STEP_STATUS = STEP_STATUS.format(row="{t}")
VALID_LOCKS = f"(select count(*)::int from asset_lock al where al.asset_id = {{t}}.id and {VALID_LOCK})"
# Lists of labels in assets follow the label types the query asks for; drafts come only when they are asked for.
ASKED_LABEL = (
    "case when :label_types::text[] is null then {r}.label_type <> 'AUTOSAVE' "
    "else {r}.label_type = any(:label_types::text[]) end"
)
SUBMITTED_LABEL = (
    "{r}.label_type in ('DEFAULT', 'REVIEW')"
    " and (:label_types::text[] is null or {r}.label_type = any(:label_types::text[]))"
)
# The latest answer, or the label that a conversation began with.
LATEST_LABEL = (
    "({r}.label_type in ('DEFAULT', 'REVIEW') or exists (select 1 from conversation began where began.label_id = {r}.id))"
    " and (:label_types::text[] is null or {r}.label_type = any(:label_types::text[]))"
)
# Values about labels that are not listed count visible ones only: a count or a gap would give a honeypot away.
OF_LAST_STEP = (
    SUBMITTED_LABEL + " and {r}.is_last_for_step and not exists (select 1 from label later "
    "join project_step ls on ls.id = later.step_id join project_step own_step on own_step.id = {r}.step_id "
    "where later.asset_id = {r}.asset_id and later.is_last_for_step and ls.step_order > own_step.step_order "
    f"and {LABELER_LABEL.replace('{r}', 'later')} "
    "and (:label_types::text[] is null or later.label_type = any(:label_types::text[])))"
)
VISIBLE_LABELS = (
    "(select count(*)::int from label l where l.asset_id = {t}.id and l.project_id is not distinct from {t}.project_id "
    f"and {LABELER_LABEL.replace('{r}', 'l')})"
)


def mark(name: str) -> Any:
    """A quality mark, null for those whose role does not see marks."""
    return expression(f"(case when {{t}}.project_id = any(:markless_projects) then null else {{t}}.{name} end)")


def file_or_text(call: Any, organization_id: str, blob_id: str | None, text: str) -> str:
    """A fresh signed URL of the server's own file, or the URL or text that was given."""
    if not blob_id:
        return text
    services = call.services
    return str(
        services.links.download_url(
            blob_id=blob_id, organization_id=organization_id, user_id=call.actor.user_id, now=services.now()
        )
    )


def object_or_file(
    call: Any, organization_id: str, blob_id: str | None, text: str, asset_id: str, key: str | None, is_json: bool
) -> str:
    """A fresh signed URL of the object in cloud storage that the asset is; else as `file_or_text`."""
    if blob_id or text or key is None or is_json:
        return file_or_text(call, organization_id, blob_id, text)
    services = call.services
    return str(
        services.links.object_url(
            asset_id=asset_id, organization_id=organization_id, user_id=call.actor.user_id, now=services.now()
        )
    )


def object_or_json(
    call: Any,
    organization_id: str,
    blob_id: str | None,
    text: str,
    held: Sequence[str],
    asset_id: str,
    key: str | None,
    is_json: bool,
) -> str:
    """A fresh signed URL of the JSON object in cloud storage that describes the asset; else as `file_or_json`."""
    if is_json and not blob_id and not text:
        return object_or_file(call, organization_id, None, "", asset_id, key, False)
    return file_or_json(call, organization_id, blob_id, text, held)


def file_link(call: Any, organization_id: str, blob_id: str | None) -> str | None:
    """A fresh signed URL of one of the server's own files, or null."""
    return file_or_text(call, organization_id, blob_id, "") or None


def parsed(_call: Any, text: str | None) -> Any:
    """A small JSON text as a value."""
    return orjson.loads(text) if text else None


def file_or_json(call: Any, organization_id: str, blob_id: str | None, text: str, file_ids: Sequence[str]) -> str:
    """As `file_or_text`; in JSON given inline, the URLs of the files that the asset holds are signed anew."""
    if blob_id or not file_ids or text[:1] not in ("{", "["):
        return file_or_text(call, organization_id, blob_id, text)
    services, now, known = call.services, call.services.now(), frozenset(file_ids)

    @cache
    def url_of(named: str) -> str | None:
        if named not in known:
            return None
        return str(
            services.links.download_url(
                blob_id=named, organization_id=organization_id, user_id=call.actor.user_id, now=now
            )
        )

    signed = replace_file_urls(text.encode(), url_of)
    call.budget.take_values(max(len(signed) - len(text), 0))  # links are longer than what names them
    return signed.decode()


def inline_json(call: Any, organization_id: str, text: str, file_ids: Sequence[str]) -> Any:
    """The JSON that was given inline; null when a URL or nothing was."""
    return (
        orjson.Fragment(file_or_json(call, organization_id, None, text, file_ids)) if text[:1] in ("{", "[") else None
    )


ORGANIZATION = "(select p.organization_id from project p where p.id = {t}.project_id)"
OBJECT = ("{t}.id", "{t}.object_key", "{t}.is_object_json")
INTEGRATION = "(select c.integration_id from data_connection c where c.id = {t}.data_connection_id and c.project_id = {t}.project_id)"
METADATA = VISIBLE_METADATA.format(asset="{t}")
THUMBNAIL = "(select th.blob_id from thumbnail th where th.source_id = {t}.content_blob_id)"
HELD = "array(select f.blob_id from asset_file f where f.asset_id = {t}.id)"


@object_type("project_step")
class AssetWorkflowStep:
    """A workflow step as seen from an asset or a label in it."""

    id: strawberry.ID | None
    name: str | None
    status: StatusInStep | None = bound("status")
    stepGroupName: str | None = expression(
        "(select g.name from step_group g where g.id = {t}.step_group_id and g.project_id is not distinct from {t}.project_id)"
    )
    stepGroupId: strawberry.ID | None
    type: WorkflowStepType | None


@object_type(None)
class Resolution:
    """Width and height in pixels."""

    width: float | None
    height: float | None


@object_type(None)
class PageResolution:
    """Width and height of a page in pixels; pages count from 1, the rotation is in degrees."""

    pageNumber: int | None
    width: float | None
    height: float | None
    rotation: float | None


@object_type(None)
class IdResult:
    """An id."""

    id: strawberry.ID | None


@object_type(None)
class AssetRef:
    """An asset that an action was asked for."""

    assetId: strawberry.ID
    externalId: str | None


@object_type(None)
class AssetFailure:
    """An asset that an action failed on."""

    assetId: strawberry.ID
    externalId: str | None
    details: str | None


@object_type(None)
class AssetActionOutcome:
    """What became of each asset of a bulk action; each is in exactly one list."""

    succeeded: list[AssetRef]
    declined: list[AssetRef]
    failed: list[AssetFailure]


@object_type("asset")
class Asset:
    """One item to label."""

    id: strawberry.ID
    assetProjectModels: list[AssetProjectModel] = to_many("AssetProjectModel", matches="{r}.asset_id")
    calculatedConsensusMark: float | None = mark("consensus_mark")
    calculatedHoneypotMark: float | None = mark("honeypot_mark")
    consensusMark: float | None = mark("consensus_mark")
    consensusMarkCompute: float | None = mark("consensus_mark")
    consensusMarkPerCategory: JSON | None = json(
        "(case when {t}.project_id = any(:markless_projects) then null else {t}.consensus_mark_per_category end)"
    )
    content: str = computed(object_or_file, ORGANIZATION, "{t}.content_blob_id", "{t}.content", *OBJECT)
    contentJson: JSON | None = computed(inline_json, ORGANIZATION, "{t}.json_content", HELD)
    contentJsonCompute: JSON | None = computed(inline_json, ORGANIZATION, "{t}.json_content", HELD)
    createdAt: DateTime
    currentStep: AssetWorkflowStep | None = to_one(
        "AssetWorkflowStep",
        on="{r}.id = {t}.current_step_id",
        same="project_id",
        bind={"status": SHOWN_STEP_STATUS},
    )
    dataIntegrationId: str | None = expression(INTEGRATION)
    datasetAssetId: strawberry.ID | None = expression(
        "(select dl.dataset_asset_id from dataset_link dl where dl.asset_id = {t}.id)"
    )
    duration: int | None
    durationCompute: int | None = column("duration")
    dynamicTilerTokens: list[str | None] | None = constant(None)
    externalId: str | None
    filename: str | None
    geospatialExportMetadata: JSON | None = constant(None)
    honeypotMark: float | None = mark("honeypot_mark")
    honeypotMarkCompute: float | None = mark("honeypot_mark")
    inferenceMark: float | None = mark("inference_mark")
    inferenceMarkCompute: float | None = mark("inference_mark")
    instructions: str | None
    isHoneypot: bool | None = expression("({t}.is_honeypot and {t}.project_id <> all(:labeler_projects))")
    isInstructions: bool | None
    isProcessingAuthorized: bool | None = constant(True)
    isToBeLabeledBy: bool | None = expression(IS_ASSIGNED)
    isToBeLabeledByCompute: bool | None = expression(IS_ASSIGNED)
    isToReview: bool | None = expression(
        "({t}.is_to_review and {t}.current_step_id is null and {t}.status = 'TO_REVIEW')"
    )
    isUsedForConsensus: bool | None
    issues: list[Issue] = to_many("Issue", matches="{r}.asset_id")
    jsonContent: str | None = computed(
        object_or_json, ORGANIZATION, "{t}.json_content_blob_id", "{t}.json_content", HELD, *OBJECT
    )
    jsonMetadata: str | None = expression(METADATA)
    labels: list[Annotated["Label", strawberry.lazy("labelyard.resolvers.label.type")]] = to_many(
        "Label", matches="{r}.asset_id", where=ASKED_LABEL
    )
    labelVersion: int | None = expression(VISIBLE_LABELS)
    latestLabel: Annotated["Label", strawberry.lazy("labelyard.resolvers.label.type")] | None = to_many(
        "Label", matches="{r}.asset_id", where=LATEST_LABEL, order="{r}.position desc", first=True
    )
    latestLabelCompute: Annotated["Label", strawberry.lazy("labelyard.resolvers.label.type")] | None = to_many(
        "Label", matches="{r}.asset_id", where=LATEST_LABEL, order="{r}.position desc", first=True
    )
    latestLabels: list[Annotated["Label", strawberry.lazy("labelyard.resolvers.label.type")] | None] | None = to_many(
        "Label", matches="{r}.asset_id", where=OF_LAST_STEP
    )
    locks: list[Annotated["Lock", strawberry.lazy("labelyard.resolvers.workflow.type")]] | None = to_many(
        "Lock",
        matches="{r}.asset_id",
        where=IS_VALID_LOCK,
    )
    metadata: JSON | None = json(METADATA)
    metadataCompute: JSON | None = json(METADATA)
    numberOfValidLocks: int | None = expression(VALID_LOCKS)
    numberOfValidLocksCompute: int | None = expression(VALID_LOCKS)
    ocrMetadata: str | None = computed(file_link, ORGANIZATION, "{t}.ocr_blob_id")
    openIssuesAssigneeIds: list[str] | None = expression(OPEN_ISSUES_ASSIGNEES)
    openIssuesObjectMids: list[str] | None = expression(OPEN_OBJECT_MIDS_OF_ASSET)
    openQuestionsAuthorIds: list[str] | None = expression(OPEN_QUESTIONS_AUTHORS)
    pageResolutions: list[PageResolution] | None = computed(parsed, "{t}.page_resolutions")
    priority: int
    project: Annotated["Project", strawberry.lazy("labelyard.resolvers.project.type")] | None = to_one(
        "Project", on="{r}.id = {t}.project_id"
    )
    projectId: strawberry.ID
    projectIdCompute: strawberry.ID | None = column("project_id")
    readPermissionsFromLabels: bool | None = constant(True)
    resolution: Resolution | None = computed(parsed, "{t}.resolution")
    sentBackTo: list[Annotated["ProjectUser", strawberry.lazy("labelyard.resolvers.project_user.type")]] | None = (
        to_many(
            "ProjectUser",
            matches="back.asset_id",
            join="join (select distinct l.asset_id, l.author_id, l.project_id from label l join asset a on a.id = l.asset_id "
            f"where l.label_type = 'DEFAULT' and a.sent_back_at is not null and a.id = any(:keys) and {AWAITS_AUTHOR}) back "
            "on back.author_id = {r}.user_id and back.project_id = {r}.project_id",
        )
    )
    skipped: bool
    skippedCompute: bool | None = column("skipped")
    status: Status = expression(SHOWN_STATUS)
    statusCompute: Status | None = expression(SHOWN_STATUS)
    thumbnail: str | None = computed(file_link, ORGANIZATION, THUMBNAIL)
    thumbnailCompute: str | None = computed(file_link, ORGANIZATION, THUMBNAIL)
    toBeLabeledBy: list[Annotated["ProjectUser", strawberry.lazy("labelyard.resolvers.project_user.type")]] | None = (
        to_many(
            "ProjectUser",
            matches="aa.asset_id",
            join="join asset_assignee aa on aa.user_id = {r}.user_id "
            "join asset assigned on assigned.id = aa.asset_id and assigned.project_id = {r}.project_id",
        )
    )
    updatedAt: DateTime
