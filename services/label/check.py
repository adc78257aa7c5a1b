"""Checking labels before they are written: one path for single labels, batches, predictions and honeypots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from labelyard.domain.error import BadUserInput, NotFound, Problem
from labelyard.domain.number import in_range
from labelyard.domain.permission import Action, Actor, ProjectRole
from labelyard.domain.response import CheckedResponse, response_refusal
from labelyard.domain.text import MAX_MODEL_NAME, within
from labelyard.domain.workflow import LabelType
from labelyard.services.apart import APART_FROM_CHARACTERS, apart
from labelyard.services.app_services import AppServices
from labelyard.services.asset.file import check_file_answers
from labelyard.services.guard import require, require_to_write
from labelyard.services.identity import new_id, new_mid
from labelyard.services.label.asset_facts import characters_read, facts_of
from labelyard.services.label.eligibility import check_eligibility
from labelyard.services.label.submission import CheckedSubmission, NewLabel, Submission
from labelyard.services.workflow.state import StepKind
from labelyard.storage.asset_lock import has_known_asset
from labelyard.storage.database import Connection, Row
from labelyard.storage.label import assets_of_labels, step_ids_by_name
from labelyard.storage.member import member_ids

# A short answer to a long video is written with all of its frames.
MAX_WRITTEN_CHARACTERS = 128 << 20
# Labels made for somebody else or by a model need more than the right to submit.
ACTION_OF_TYPE = {
    LabelType.DEFAULT: Action.SUBMIT_LABELS,
    LabelType.AUTOSAVE: Action.SUBMIT_LABELS,
    LabelType.REVIEW: Action.REVIEW_LABELS,
    LabelType.PREDICTION: Action.IMPORT_LABELS,
    LabelType.INFERENCE: Action.IMPORT_LABELS,
}


async def check_labels(
    connection: Connection, app_services: AppServices, actor: Actor, submission: Submission, assets: Mapping[str, Row]
) -> CheckedSubmission:
    """Check rights, authors and answers of a batch on assets that have been read; all that is wrong is listed."""
    labels = submission.labels
    _check_sizes(labels, app_services.max_items)
    project = _one_project(labels, assets)
    project_id = project["project_id"]
    action = Action.CREATE_HONEYPOTS if submission.is_honeypot else ACTION_OF_TYPE[submission.label_type]
    await _require_seen(connection, actor, action, project_id, labels)
    require_to_write(actor, action, project)
    if submission.step is not None and submission.step.name is not None:
        submission = replace(submission, step=await _named_step(connection, project_id, submission.step))
    step_id = submission.step.id if submission.step is not None else None
    await check_eligibility(
        connection, actor, submission.label_type, project_id, list(assets), step_id, unknown=lambda: _unknown(labels)
    )
    await _check_references(connection, actor, labels)
    authors = [label.author_id or actor.user_id for label in labels]
    await _check_authors(connection, actor, project_id, authors)
    validator = await app_services.interfaces.validator(connection, project_id, project["interface_version"])

    def check_all() -> list[CheckedResponse]:
        facts = {identifier: facts_of(asset) for identifier, asset in assets.items()}
        answers: list[CheckedResponse] = []
        characters = 0
        for label in labels:
            answer = validator.check(
                label.json_response,
                label_type=submission.label_type.value,
                strict=app_services.strict_labels,
                asset=facts[label.asset_id],
                mint=new_mid,
            )
            characters += len(answer.text)
            if characters > MAX_WRITTEN_CHARACTERS:
                raise _too_long(len(answers), len(labels))
            answers.append(answer)
        return answers

    size = sum(len(label.json_response) for label in labels) + sum(map(characters_read, assets.values()))
    answers = await apart(size > APART_FROM_CHARACTERS, check_all)
    _refuse_errors(actor, labels, answers, assets)
    answers, files = await _with_files(connection, actor, labels, answers)
    return CheckedSubmission(
        actor=actor,
        submission=submission,
        project_id=project_id,
        interface_version=project["interface_version"],
        assets=assets,
        ids=[label.id or new_id() for label in labels],
        answers=answers,
        authors=authors,
        joining=not project["is_member"],
        files=files,
    )


async def _with_files(
    connection: Connection, actor: Actor, labels: Sequence[NewLabel], answers: Sequence[CheckedResponse]
) -> tuple[list[CheckedResponse], list[tuple[str, str]]]:
    """The answers with warnings about their files, and the files that assets are to hold."""
    if not any(answer.files for answer in answers):
        return list(answers), []
    named = [(label.asset_id, answer.files) for label, answer in zip(labels, answers, strict=True)]
    checked = await check_file_answers(connection, actor, named)
    warned = [
        answer._replace(warnings=answer.warnings + files.warnings)
        for answer, files in zip(answers, checked, strict=True)
    ]
    linked = {(label.asset_id, file_id) for label, files in zip(labels, checked, strict=True) for file_id in files.ids}
    return warned, sorted(linked)


def _too_long(count: int, given: int) -> BadUserInput:
    return BadUserInput(
        f"[tooManyItems] With every frame of their videos, the answers of {given:,} labels are longer than "
        f"{MAX_WRITTEN_CHARACTERS >> 20} MiB; send {max(count, 1):,} at a time.",
        limit=MAX_WRITTEN_CHARACTERS,
        given=given,
    )


async def _require_seen(
    connection: Connection, actor: Actor, action: Action, project_id: str, labels: Sequence[NewLabel]
) -> None:
    """To labelers who may not label so at all, an asset that they do not see does not exist."""
    if actor.role_in(project_id) is not ProjectRole.LABELER or actor.may(action, project_id):
        return
    for asset_id in {label.asset_id for label in labels}:
        if not await has_known_asset(connection, asset_id, actor.user_id):
            raise _unknown(labels)


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
        if label.seconds_to_label is not None:
            in_range(label.seconds_to_label, "secondsToLabel")


def _one_project(labels: Sequence[NewLabel], assets: Mapping[str, Row]) -> Row:
    """The project that all assets belong to; which of many ids is foreign is not revealed."""
    missing = [label.asset_id for label in labels if label.asset_id not in assets]
    if missing:
        raise _unknown(labels)
    projects = {asset["project_id"] for asset in assets.values()}
    if len(projects) > 1:
        raise NotFound("[notFound] One or more of these assets cannot be found in one project; nothing was stored.")
    return next(iter(assets.values()))


def _unknown(labels: Sequence[NewLabel]) -> NotFound:
    named = f"Asset {labels[0].asset_id!r}" if len(labels) == 1 else "One or more of these assets"
    return NotFound(f"[notFound] {named} cannot be found; nothing was stored.")


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


async def _check_references(connection: Connection, actor: Actor, labels: Sequence[NewLabel]) -> None:
    """A label refers to one of its own asset that the actor sees; any other is refused as unknown."""
    named = {label.referenced_label_id for label in labels if label.referenced_label_id is not None}
    if not named:
        return
    assets = await assets_of_labels(connection, sorted(named), actor)
    for label in labels:
        referenced = label.referenced_label_id
        if referenced is not None and assets.get(referenced) != label.asset_id:
            raise NotFound(
                f"[notFound] Asset {label.asset_id!r} has no label {referenced!r} to refer to; nothing was stored.",
                referencedLabelId=referenced,
            )


async def _named_step(connection: Connection, project_id: str, named: StepKind) -> StepKind:
    """The step of a name, which several groups of steps may use."""
    step_ids = await step_ids_by_name(connection, project_id, named.name or "")
    if not step_ids:
        raise BadUserInput(f"Project {project_id} has no step named {named.name!r}.", stepName=named.name)
    if len(step_ids) > 1:
        raise BadUserInput(
            f"Several groups of steps of project {project_id} have a step named {named.name!r}; name it by stepId.",
            stepName=named.name,
        )
    return StepKind(id=step_ids[0])


def _refuse_errors(
    actor: Actor, labels: Sequence[NewLabel], answers: Sequence[CheckedResponse], assets: Mapping[str, Row]
) -> None:
    problems: list[Problem] = []
    extra: list[dict[str, Any]] = []
    for index, (label, answer) in enumerate(zip(labels, answers, strict=True)):
        for problem in answer.errors:
            problems.append(problem)
            extra.append({"labelIndex": index, "assetId": label.asset_id})
    if problems:
        asset = assets[extra[0]["assetId"]]
        # Labelers do not see all assets that they may label.
        is_labeler = actor.role_in(asset["project_id"]) is ProjectRole.LABELER
        first = asset["id"] if is_labeler else asset["external_id"]
        raise response_refusal(
            problems,
            extra=extra,
            subject=f"asset {first}: ",
        )
