"""The label as clients see it."""

from functools import lru_cache
from typing import Annotated, Any

import orjson
import strawberry

from labelyard.domain.annotation import annotations_of
from labelyard.domain.interface import Interface, parse_interface
from labelyard.domain.number import LARGEST_INT, MOST_SECONDS
from labelyard.domain.response import retired_of, without_retired
from labelyard.resolvers.annotation.type import Annotation
from labelyard.resolvers.asset.type import Asset, AssetWorkflowStep
from labelyard.resolvers.conversation.type import ChatItem
from labelyard.resolvers.enumeration import LabelType
from labelyard.resolvers.issue.type import OPEN_OBJECT_MIDS_OF_LABEL
from labelyard.resolvers.object_type import column, computed, expression, json, object_type, to_many, to_one
from labelyard.resolvers.scalar import JSON, DateTime
from labelyard.resolvers.user.type import User
from labelyard.storage.conversation import SPEAKER, SPOKEN
from labelyard.storage.plan import Computed
from labelyard.storage.scope import COLLEAGUE, LABELER_LABEL
from labelyard.storage.workflow import STEP_STATUS

SEARCH = "json_build_object('numberOfAnnotations', {t}.number_of_annotations, 'numberOfAnnotationsByObject', {t}.search)::text"
TOTAL_SECONDS = (
    f"(select least(coalesce(sum(l.seconds_to_label), 0), {LARGEST_INT})::int from label l where l.asset_id = {{t}}.asset_id "
    "and l.author_id = {t}.author_id and l.step_id is not distinct from {t}.step_id "
    "and l.project_id is not distinct from {t}.project_id)"
)
# Nothing that could not be shown: rows may have been written past this server.
SECONDS = f"least(greatest(coalesce({{t}}.seconds_to_label, 0), 0), {MOST_SECONDS})"
PROJECT = "from project p where p.id = {t}.project_id"
# Few projects have any: the list of them is read once for a statement, and the names for labels of these projects only.
RETIRED = (
    "(case when {t}.project_id in (select rp.id from project rp where rp.retired_names is not null) "
    f"then (select p.retired_names {PROJECT}) end)"
)

# Answers from this length on have a link. Clients rebuild the answers of these two types, and follow none.
LINKED_FROM_BYTES = 1 << 20
LINKED_ORGANIZATION = (
    f"(case when octet_length({{t}}.json_response) > {LINKED_FROM_BYTES} then (select p.organization_id {PROJECT} "
    "and p.input_type not in ('LLM_STATIC', 'LLM_INSTR_FOLLOWING')) end)"
)
# Clients that also ask for the link follow it: long answers are then left out from where they would fill a third of the page, so that
# no number of them makes a page too large.
ANSWER_THAT_FITS = (
    f"(case when {LINKED_ORGANIZATION} is null or sum(octet_length({{t}}.json_response)) filter (where "
    f"octet_length({{t}}.json_response) > {LINKED_FROM_BYTES}) over (order by {{t}}.position rows unbounded preceding) "
    "<= :bytes_left::bigint / 3 then {t}.json_response else '{{}}' end)"
)


def answer_link(call: Any, label_id: str, organization_id: str | None) -> str | None:
    """A fresh signed URL of an answer that is long; null for the others."""
    if organization_id is None:
        return None
    services = call.services
    url: str = services.links.answer_url(
        label_id=label_id, organization_id=organization_id, user_id=call.actor.user_id, now=services.now()
    )
    call.budget.take_values(len(url))
    return url


def seconds(_context: Any, number: float) -> int:
    """The seconds that a label took, 0 when none were sent. Clients that copy labels send it on in a list of whole numbers."""
    return round(number)


def mark(name: str) -> Any:
    """A quality mark, null for those whose role does not see marks."""
    return expression(f"(case when {{t}}.project_id = any(:markless_projects) then null else {{t}}.{name} end)")


def current_answer(_call: Any, response: str, retired: str | None) -> str:
    """The stored answer, without what the interface of the project no longer has."""
    return response if retired is None else without_retired(response, retired_of(retired))


def current_json(call: Any, response: str, retired: str | None) -> orjson.Fragment:
    """The same as JSON."""
    return orjson.Fragment(current_answer(call, response, retired))


def annotations(
    call: Any,
    label_id: str,
    response: str,
    retired: str | None,
    interface: str,
    input_type: str,
    has_resolution: bool,
    chat_items: str | None,
) -> list[dict[str, Any]]:
    """The answers of a label, one by one, or none where clients that rebuild the answers from them would lose some."""
    call.budget.take_objects(len(response))
    known = interface_of(interface, input_type)
    return annotations_of(
        current_answer(call, response, retired),
        known,
        input_type=input_type,
        label_id=label_id,
        has_resolution=has_resolution,
        **spoken_of(chat_items),
    )


def spoken_of(chat_items: str | None) -> dict[str, Any]:
    """The messages that a label speaks of, as annotations name them."""
    if chat_items is None:
        return {}
    items = orjson.loads(chat_items)
    return {
        "round_ids": [identifier for identifier, _, role in items if role == "USER"],
        "chat_item_ids": {external: identifier for identifier, external, _ in items if external is not None},
    }


@lru_cache(maxsize=64)
def interface_of(text: str, input_type: str) -> Interface:
    """A stored interface as jobs; it has been checked when it was written."""
    return parse_interface(text, input_type=input_type).interface or Interface()


@object_type(None)
class AnnotationFileUpload:
    """Where to put the file of a file job, and the id to answer with."""

    fileId: str
    uploadUrl: str


# A label that was never edited has had one answer, its own. Of those edited very often, the last hundred.
VERSION = (
    "json_build_object('version', {number}, 'jsonResponse', {row}.json_response::json, 'authorId', {row}.author_id, "
    "'createdAt', to_char({row}.created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))"
)
HISTORY = (
    f"(select coalesce(json_agg({VERSION.replace('{row}', 'v').replace('{number}', 'v.number')} order by v.number), "
    f"json_build_array({VERSION.replace('{row}', '{t}').replace('{number}', '1')}))::text from (select o.* from label_version o "
    "where o.label_id = {t}.id order by o.number desc limit 100) v)"
)


@object_type("label")
class Label:
    """All answers of one author on one asset at one moment."""

    id: strawberry.ID
    annotations: list[Annotation] = computed(
        annotations,
        "{t}.id",
        "{t}.json_response",
        RETIRED,
        f"(select p.json_interface {PROJECT})",
        f"(select p.input_type {PROJECT})",
        "(select a.resolution is not null from asset a where a.id = {t}.asset_id "
        "and a.project_id is not distinct from {t}.project_id)",
        f"(case when starts_with((select p.input_type {PROJECT}), 'LLM_') then {SPOKEN} end)",
    )
    assetId: str
    assetIdCompute: str | None = column("asset_id")
    assetStep: AssetWorkflowStep | None = to_one(
        "AssetWorkflowStep",
        on="{r}.id = {t}.step_id",
        same="project_id",
        bind={
            "status": f"(select {STEP_STATUS.format(row='a')} from asset a "
            "where a.id = {t}.asset_id and a.current_step_id = {t}.step_id and a.project_id is not distinct from {t}.project_id)"
        },
    )
    # Never null: whoever sees a label sees its author, by name. Their e-mail address is for those who see the person.
    author: User = to_one("User", on="{r}.id = {t}.author_id", scope=COLLEAGUE)
    authorId: str
    authorIdCompute: str | None = column("author_id")
    chatItems: list[ChatItem] = to_many(
        "ChatItem",
        matches="own.id",
        join="join label own on own.asset_id = {r}.asset_id "
        f"and {{r}}.label_id is not distinct from ({SPEAKER.replace('{t}', 'own')})",
    )
    clientVersion: int | None
    consensusMark: float | None = mark("consensus_mark")
    createdAt: DateTime
    honeypotMark: float | None = mark("honeypot_mark")
    honeypotMarkCompute: float | None = mark("honeypot_mark")
    inferenceMark: float | None = mark("inference_mark")
    inferenceMarkCompute: float | None = mark("inference_mark")
    isCorrected: bool | None = expression(
        "exists (select 1 from label c where c.asset_id = {t}.asset_id and c.referenced_label_id = {t}.id "
        f"and c.project_id is not distinct from {{t}}.project_id and {LABELER_LABEL.replace('{r}', 'c')})"
    )
    isHoneypot: bool | None = expression("({t}.is_honeypot and {t}.project_id <> all(:labeler_projects))")
    isLastForStep: bool | None
    isLatestDefaultLabelForUser: bool | None
    isLatestDefaultLabelForUserCompute: bool | None = column("is_latest_default_label_for_user")
    isLatestLabelForUser: bool | None
    isLatestLabelForUserCompute: bool | None = column("is_latest_label_for_user")
    isLatestPredictionLabelForUser: bool | None
    isLatestReviewLabelForUser: bool | None
    isLatestReviewLabelForUserCompute: bool | None = column("is_latest_review_label_for_user")
    isSentBackToQueue: bool | None
    jsonResponseHistory: JSON = json(HISTORY)
    jsonResponse: str = computed(
        current_answer,
        "{t}.json_response",
        RETIRED,
        beside=("jsonResponseUrl", Computed(current_answer, (ANSWER_THAT_FITS, RETIRED))),
    )
    jsonResponseUrl: str | None = computed(answer_link, "{t}.id", LINKED_ORGANIZATION)
    labelOf: Asset | None = to_one("Asset", on="{r}.id = {t}.asset_id", same="project_id")
    labelType: LabelType
    modelName: str | None
    numberOfAnnotations: int | None
    numberOfAnnotationsCompute: int | None = column("number_of_annotations")
    openIssuesObjectMids: list[str] | None = expression(OPEN_OBJECT_MIDS_OF_LABEL)
    projectId: str | None
    projectIdCompute: str | None = column("project_id")
    referencedLabel: Annotated["Label", strawberry.lazy("labelyard.resolvers.label.type")] | None = to_one(
        "Label",
        on="{r}.id = {t}.referenced_label_id and {r}.asset_id is not distinct from {t}.asset_id",
        same="project_id",
    )
    response: JSON | None = computed(current_json, "{t}.json_response", RETIRED)
    responseCompute: JSON | None = computed(current_json, "{t}.json_response", RETIRED)
    reviewScore: float | None = mark("review_score")
    search: JSON | None = json(SEARCH)
    searchCompute: JSON | None = json(SEARCH)
    secondsToLabel: float | None = computed(seconds, SECONDS)
    skipped: bool | None
    totalSecondsToLabel: int | None = expression(TOTAL_SECONDS)
    totalSecondsToLabelCompute: int | None = expression(TOTAL_SECONDS)
    version: int | None
