"""Submitting labels: one path for single labels, batches, predictions and honeypots."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from domain.error import BadUserInput, Forbidden, NotFound, Problem, refusal_of
from domain.permission import Action, Actor, ProjectRole
from domain.response import AssetFacts, CheckedResponse
from domain.text import MAX_MODEL_NAME, within
from domain.workflow import SUBMITTED, LabelType, after_label
from services.environment import Environment
from services.guard import require
from services.identity import new_id, new_mid
from services.member import put_member
from services.state import StepKind, moved_values, state_of, step_of, workflow_of
from storage.database import Connection, Database, Row
from storage.label import (
    HUMAN,
    append,
    assets_for_submission,
    clear_send_back,
    delete_of_model,
    labelers_since_send_back,
    lock_assets,
    refresh_latest,
    step_id_by_name,
    workflow_row,
)
from storage.member import member_ids

THREAD_FROM_BYTES = 1 << 20
# Labels made for somebody else or by a model need more than the right to submit.
ACTION_OF_TYPE = {
    LabelType.DEFAULT: Action.SUBMIT_LABELS,
    LabelType.AUTOSAVE: Action.SUBMIT_LABELS,
    LabelType.REVIEW: Action.REVIEW_LABELS,
    LabelType.PREDICTION: Action.IMPORT_LABELS,
    LabelType.INFERENCE: Action.IMPORT_LABELS,
}


@dataclass(frozen=True, slots=True)
class NewLabel:
    """A label as a client sends it."""

    asset_id: str
    json_response: str
    author_id: str | None = None
    model_name: str | None = None
    seconds_to_label: float | None = None
    client_version: int | None = None
    referenced_label_id: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """Labels of one type for assets of one project."""

    labels: Sequence[NewLabel]
    label_type: LabelType
    overwrite: bool = False
    step: StepKind | None = None
    skipped: bool = False
    is_honeypot: bool = False


@dataclass(slots=True)
class CheckedSubmission:
    """A submission whose labels have been checked; `append_labels` writes it."""

    submission: Submission
    project_id: str
    interface_version: int
    ids: list[str]
    answers: list[CheckedResponse]
    authors: list[str]
    joining: bool
    warnings: list[dict[str, Any]] = field(default_factory=list)


async def check_labels(
    database: Database, environment: Environment, actor: Actor, submission: Submission
) -> CheckedSubmission:
    """Check rights, authors and answers of a batch; all that is wrong is listed, and nothing has been written."""
    labels = submission.labels
    _check_sizes(labels, environment.max_items)
    async with database.reader() as connection:
        assets = await assets_for_submission(connection, [label.asset_id for label in labels], actor)
        project = _one_project(labels, assets)
        action = Action.CREATE_HONEYPOTS if submission.is_honeypot else ACTION_OF_TYPE[submission.label_type]
        require(actor, action, project["project_id"])
        if project["archived_at"] is not None:
            raise Forbidden(
                f"[archivedProject] Project {project['project_id']} is archived; unarchive it to label again.",
                projectId=project["project_id"],
            )
        authors = [label.author_id or actor.user_id for label in labels]
        await _check_authors(connection, actor, project["project_id"], authors)
        if submission.step is not None and submission.step.name is not None:
            submission = replace(
                submission, step=await _named_step(connection, project["project_id"], submission.step.name)
            )
        validator = await environment.interfaces.validator(
            connection, project["project_id"], project["interface_version"]
        )

    def check_all() -> list[CheckedResponse]:
        return [
            validator.check(
                label.json_response,
                label_type=submission.label_type.value,
                strict=environment.strict_labels,
                asset=facts_of(assets[label.asset_id]),
                mint=new_mid,
            )
            for label in labels
        ]

    size = sum(len(label.json_response) for label in labels)
    answers = await asyncio.to_thread(check_all) if size > THREAD_FROM_BYTES else check_all()
    _refuse_errors(labels, answers, assets)
    checked = CheckedSubmission(
        submission=submission,
        project_id=project["project_id"],
        interface_version=project["interface_version"],
        ids=[new_id() for _ in labels],
        answers=answers,
        authors=authors,
        joining=actor.is_organization_admin and project["project_id"] not in actor.roles,
    )
    checked.warnings = [
        {**problem.as_context(), "labelIndex": index, "assetId": labels[index].asset_id}
        for index, answer in enumerate(answers)
        for problem in answer.warnings
    ]
    return checked


async def append_labels(connection: Connection, actor: Actor, checked: CheckedSubmission) -> list[str]:
    """Write a checked batch: labels, flags of latest labels, states of assets. Answers the ids in order."""
    submission, labels = checked.submission, checked.submission.labels
    label_type = submission.label_type
    asset_ids = [label.asset_id for label in labels]
    locked = await lock_assets(connection, asset_ids)
    if len(locked) < len(set(asset_ids)):
        raise NotFound("[notFound] Some of these assets have just been deleted; nothing was stored.")
    settings = await workflow_row(connection, checked.project_id)
    if settings is None or settings["interface_version"] != checked.interface_version:
        raise StaleInterface
    workflow = workflow_of(settings)
    if checked.joining:
        await put_member(connection, project_id=checked.project_id, user_id=actor.user_id, role=ProjectRole.ADMIN)
    if submission.overwrite and label_type in (LabelType.PREDICTION, LabelType.INFERENCE):
        models = [label.model_name for label in labels]
        await delete_of_model(connection, asset_ids=asset_ids, model_names=models, label_type=label_type.value)
        await refresh_latest(connection, asset_ids)
    states = {identifier: state_of(row) for identifier, row in locked.items()}
    steps = [step_of(states[label.asset_id], label_type, workflow, submission.step) for label in labels]
    if label_type is not LabelType.PREDICTION and label_type is not LabelType.INFERENCE and not submission.is_honeypot:
        shared = [identifier for identifier, state in states.items() if state.is_used_for_consensus]
        labelers = await labelers_since_send_back(connection, shared) if shared else {}
        for label, author in zip(labels, checked.authors, strict=True):
            if label_type is LabelType.DEFAULT:
                labelers.setdefault(label.asset_id, set()).add(author)
            states[label.asset_id] = after_label(
                states[label.asset_id], label_type, workflow, labelers=len(labelers.get(label.asset_id, ()))
            )
    sent_back = [identifier for identifier, row in locked.items() if row["sent_back_at"] is not None]
    if sent_back and label_type is LabelType.DEFAULT:
        await clear_send_back(connection, sent_back)
    moved = [state for identifier, state in states.items() if state != state_of(locked[identifier])]
    await append(connection, {**_label_values(checked, steps), **moved_values(moved)})
    return checked.ids


class StaleInterface(Exception):
    """The interface changed between the check and the write: check again."""


async def submit(
    database: Database, environment: Environment, actor: Actor, submission: Submission
) -> CheckedSubmission:
    """Check and write a batch; when the interface changes in between, once more against the new one."""
    for attempt in range(3):
        checked = await check_labels(database, environment, actor, submission)
        try:
            async with database.transaction() as connection:
                await append_labels(connection, actor, checked)
        except StaleInterface:
            if attempt == 2:
                raise BadUserInput("The interface of the project keeps changing; send the labels again.") from None
        else:
            return checked
    raise AssertionError("unreachable")


def facts_of(asset: Row) -> AssetFacts:
    """What is known of an asset without reading its file."""
    content = asset["content"]
    is_text = bool(content) and asset["input_type"] == "TEXT" and not content.startswith(("http://", "https://"))
    pages = orjson.loads(asset["page_resolutions"]) if asset["page_resolutions"] else None
    frames = None
    if asset["json_content"].startswith(("{", "[")) and asset["input_type"] in ("VIDEO", "VIDEO_LEGACY"):
        frames = len(orjson.loads(asset["json_content"]))
    return AssetFacts(text=content if is_text else None, pages=len(pages) if pages else None, frames=frames)


def _check_sizes(labels: Sequence[NewLabel], limit: int) -> None:
    if not labels:
        raise BadUserInput("Give at least one label.", field="labelsData")
    if len(labels) > limit:
        raise BadUserInput(
            f"[tooManyItems] One call takes at most {limit:,} labels, not {len(labels):,}; send them in parts.",
            limit=limit,
            given=len(labels),
        )
    for label in labels:
        if label.model_name is not None:
            within(label.model_name, name="A model name", limit=MAX_MODEL_NAME)
        if label.seconds_to_label is not None and label.seconds_to_label < 0:
            raise BadUserInput(f"secondsToLabel is at least 0, not {label.seconds_to_label:g}.", field="secondsToLabel")


def _one_project(labels: Sequence[NewLabel], assets: Mapping[str, Row]) -> Row:
    """The project that all assets belong to; which of many ids is foreign is not told."""
    missing = [label.asset_id for label in labels if label.asset_id not in assets]
    if missing:
        named = f"Asset {labels[0].asset_id!r}" if len(labels) == 1 else "One or more of these assets"
        raise NotFound(f"[notFound] {named} cannot be found; nothing was stored.")
    projects = {asset["project_id"] for asset in assets.values()}
    if len(projects) > 1:
        raise NotFound("[notFound] One or more of these assets cannot be found in one project; nothing was stored.")
    return next(iter(assets.values()))


async def _check_authors(connection: Connection, actor: Actor, project_id: str, authors: Sequence[str]) -> None:
    """Labels for somebody else need the right to import, and an author who is a member."""
    others = sorted(set(authors) - {actor.user_id})
    if not others:
        return
    require(actor, Action.IMPORT_LABELS, project_id)
    members = await member_ids(connection, project_id, others, actor.organization_id)
    strangers = [author for author in others if author not in members]
    if strangers:
        raise NotFound(
            f"[notFound] {strangers[0]!r} is not a member of project {project_id}; add the author with appendToRoles first.",
            authorIDs=strangers,
        )


async def _named_step(connection: Connection, project_id: str, name: str) -> StepKind:
    step_id = await step_id_by_name(connection, project_id, name)
    if step_id is None:
        raise BadUserInput(f"Project {project_id} has no step named {name!r}.", stepName=name)
    return StepKind(id=step_id)


def _refuse_errors(labels: Sequence[NewLabel], answers: Sequence[CheckedResponse], assets: Mapping[str, Row]) -> None:
    problems: list[Problem] = []
    extra: list[dict[str, Any]] = []
    for index, (label, answer) in enumerate(zip(labels, answers, strict=True)):
        for problem in answer.errors:
            problems.append(problem)
            extra.append({"labelIndex": index, "assetId": label.asset_id})
    if problems:
        first = assets[extra[0]["assetId"]]["external_id"]
        raise refusal_of(
            "invalidJsonResponse",
            "The label does not match the interface of the project.",
            problems,
            extra=extra,
            subject=f"asset {first}: ",
        )


def _label_values(checked: CheckedSubmission, steps: Sequence[str | None]) -> dict[str, Any]:
    """The parameters of the statement that writes a batch."""
    submission, labels = checked.submission, checked.submission.labels
    label_type = submission.label_type
    is_human = label_type in SUBMITTED
    answers = checked.answers
    keys = list(zip([label.asset_id for label in labels], checked.authors, strict=True))
    models = [label.model_name for label in labels]
    return {
        "ids": checked.ids,
        "asset_ids": [label.asset_id for label in labels],
        "author_ids": checked.authors,
        "model_names": models,
        "step_ids": list(steps),
        "responses": [answer.text for answer in answers],
        "searches": [orjson.dumps(answer.search).decode() for answer in answers],
        "warnings": [
            orjson.dumps([problem.as_context() for problem in answer.warnings]).decode() if answer.warnings else None
            for answer in answers
        ],
        "counts": [answer.number_of_annotations for answer in answers],
        "seconds": [label.seconds_to_label for label in labels],
        "versions": [label.client_version for label in labels],
        "referenced": [label.referenced_label_id for label in labels],
        "latest": _last_of(keys),
        "latest_of_model": _last_of([(*key, model) for key, model in zip(keys, models, strict=True)]),
        "latest_of_step": _last_of([(*key, step) for key, step in zip(keys, steps, strict=True)]),
        "scope": HUMAN if is_human else [] if label_type is LabelType.AUTOSAVE else [label_type.value],
        "clears_drafts": is_human or label_type is LabelType.AUTOSAVE,
        "label_type": label_type.value,
        "project_id": checked.project_id,
        "skipped": submission.skipped,
        "is_honeypot": submission.is_honeypot,
    }


def _last_of(keys: Sequence[Any]) -> list[bool]:
    """For each place, whether it is the last with its key."""
    last = {key: index for index, key in enumerate(keys)}
    return [last[key] == index for index, key in enumerate(keys)]
