"""Writing checked labels.

The usual case is one statement, which holds only if nothing has changed since the labels were checked. Everything else, and what
has changed meanwhile, takes the longer way: lock the assets, check again, write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from labelyard.domain.error import BadUserInput, Problem
from labelyard.domain.permission import Actor, ProjectRole
from labelyard.domain.workflow import SUBMITTED, AssetState, LabelType, Workflow, after_label, ends_send_back
from labelyard.services.app_services import AppServices
from labelyard.services.attempt import ROLLED_BACK, attempted
from labelyard.services.label.check import check_labels
from labelyard.services.label.submission import CheckedSubmission, Submission
from labelyard.services.member import put_member
from labelyard.services.workflow.state import state_of, step_of, workflow_of
from labelyard.storage.asset_file import link_files
from labelyard.storage.database import Autocommit, Database, Row, Writer
from labelyard.storage.label import (
    assets_for_submission,
    clear_send_back,
    delete_of_model,
    labelers_since_send_back,
    locked_for_submission,
    refresh_latest,
)
from labelyard.storage.label_append import AssetToMove, LabelBatch, LabelToAdd, append

MODELS = (LabelType.PREDICTION, LabelType.INFERENCE)
# Labels that others are compared with, whatever the asset is.
MARKING = frozenset({LabelType.REVIEW, LabelType.INFERENCE})


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of writing labels: the step of each, and the states of their assets by id."""

    steps: Sequence[str | None]
    states: Mapping[str, AssetState]


async def submit(
    database: Database, app_services: AppServices, actor: Actor, submission: Submission
) -> CheckedSubmission:
    """Check and write a batch, all or none of it."""
    async with database.autocommit() as connection:
        assets = await assets_for_submission(connection, _asset_ids(submission), actor)
        checked = await check_labels(connection, app_services, actor, submission, assets)
        if is_usual(checked):
            try:
                await append_group(connection, [checked])  # a transaction of its own, being one statement
                return checked
            except ROLLED_BACK:
                pass
    return await submit_locked(database, app_services, actor, submission)


async def submit_locked(
    database: Database, app_services: AppServices, actor: Actor, submission: Submission
) -> CheckedSubmission:
    """Check and write a batch on locked assets; only a change of the interface can invalidate the check."""
    return await attempted(database, lambda connection: append_locked(connection, app_services, actor, submission))


async def append_locked(
    connection: Writer, app_services: AppServices, actor: Actor, submission: Submission
) -> CheckedSubmission:
    """Check and write on locked assets, in the caller's transaction."""
    asset_ids = _asset_ids(submission)
    assets = await locked_for_submission(connection, asset_ids, actor)
    checked = await check_labels(connection, app_services, actor, submission, assets)
    label_type = submission.label_type
    if checked.joining:
        await put_member(connection, project_id=checked.project_id, user_id=actor.user_id, role=ProjectRole.ADMIN)
    if submission.overwrite and label_type in MODELS:
        models = [label.model_name for label in submission.labels]
        await delete_of_model(connection, asset_ids=asset_ids, model_names=models, label_type=label_type.value)
        await refresh_latest(connection, asset_ids)
    shared = [identifier for identifier, row in assets.items() if row["is_used_for_consensus"]]
    labelers = await labelers_since_send_back(connection, shared) if shared and label_type is LabelType.DEFAULT else {}
    written = await append_group(connection, [checked], labelers)
    if label_type in SUBMITTED and not submission.is_honeypot:
        await _end_send_backs(connection, checked, written)
    await link_files(connection, checked.files)
    return checked


def is_usual(checked: CheckedSubmission) -> bool:
    """Whether one statement can write it: nobody joins, no file is held, nothing overwritten, no consensus or send-back touched."""
    submission = checked.submission
    return (
        not checked.joining
        and not checked.files
        and not (submission.overwrite and submission.label_type in MODELS)
        and not any(row["is_used_for_consensus"] or row["sent_back_at"] is not None for row in checked.assets.values())
    )


def group_key(checked: CheckedSubmission) -> tuple[Any, ...]:
    """Submissions with the same key can be written by one statement."""
    submission = checked.submission
    return (
        checked.project_id,
        checked.interface_version,
        submission.label_type,
        submission.skipped,
        submission.is_honeypot,
    )


async def append_group(
    connection: Writer | Autocommit, group: Sequence[CheckedSubmission], labelers: dict[str, set[str]] | None = None
) -> Written:
    """Write submissions of one key in their order: labels, flags of latest labels, states of assets.

    `labelers` are the people with a DEFAULT label in the first group of steps since the last send-back, for assets in consensus.
    """
    first = group[0]
    label_type = first.submission.label_type
    people = labelers or {}
    rows = {identifier: row for checked in group for identifier, row in checked.assets.items()}
    workflow = workflow_of(next(iter(rows.values())))
    states = {identifier: state_of(row) for identifier, row in rows.items()}
    steps = []
    for checked in group:
        for label, author in zip(checked.submission.labels, checked.authors, strict=True):
            state = states[label.asset_id]
            step_id = step_of(state, label_type, workflow, checked.submission.step)
            steps.append(step_id)
            if not first.submission.is_honeypot:
                states[label.asset_id] = _moved(state, label_type, author, people, workflow, step_id)
    # What decides about marks changes the row of the asset: it is as true as `row_version` is.
    marked = sorted(
        asset_id
        for asset_id, row in rows.items()
        if label_type in MARKING or (label_type is LabelType.DEFAULT and _may_have_marks(row))
    )
    await append(
        connection,
        LabelBatch(
            labels=_labels_to_add(group, rows, steps),
            moved=[_asset_to_move(state, rows[state.asset_id]) for state in states.values()],
            marked=marked,
            project_id=first.project_id,
            organization_id=first.actor.organization_id,
            interface_version=first.interface_version,
            label_type=label_type.value,
            event=f"label.workflow.created.{'honeypot' if first.submission.is_honeypot else label_type.lower()}",
            skipped=first.submission.skipped,
            is_honeypot=first.submission.is_honeypot,
            present_types={name for row in rows.values() for name in row["label_types"]},
        ),
    )
    return Written(steps, states)


def _moved(
    state: AssetState,
    label_type: LabelType,
    author: str,
    labelers: dict[str, set[str]],
    workflow: Workflow,
    step_id: str | None,
) -> AssetState:
    people = labelers.setdefault(state.asset_id, set()) if state.is_used_for_consensus else {author}
    step = workflow.step(step_id)
    if label_type is LabelType.DEFAULT and (step is None or step.group == 0):
        people.add(author)
    return after_label(state, label_type, workflow, labelers=len(people), in_step=step_id)


async def _end_send_backs(connection: Writer, checked: CheckedSubmission, written: Written) -> None:
    """No label is flagged as sent back any more on an asset with a new DEFAULT label, or that is done again without one."""
    is_default = checked.submission.label_type is LabelType.DEFAULT
    ended = [
        identifier
        for identifier, row in checked.assets.items()
        if row["sent_back_at"] is not None
        and (is_default or ends_send_back(written.states[identifier], row["sent_back_step_id"]))
    ]
    if ended:
        await clear_send_back(connection, ended)


def _asset_ids(submission: Submission) -> list[str]:
    if not submission.labels:
        raise BadUserInput("Give at least one label.", field="labelsData")
    return [label.asset_id for label in submission.labels]


def _may_have_marks(asset: Row) -> bool:
    return asset["is_used_for_consensus"] or asset["is_honeypot"] or not MARKING.isdisjoint(asset["label_types"])


def _labels_to_add(
    group: Sequence[CheckedSubmission], rows: Mapping[str, Row], steps: Sequence[str | None]
) -> list[LabelToAdd]:
    """The labels of submissions of one key, in their order."""
    label_type = group[0].submission.label_type
    labels = [label for checked in group for label in checked.submission.labels]
    authors = [author for checked in group for author in checked.authors]
    keys = list(zip([label.asset_id for label in labels], authors, strict=True))
    latest = _last_of(
        [(*key, label.model_name) for key, label in zip(keys, labels, strict=True)] if label_type in MODELS else keys
    )
    latest_of_step = _last_of([(*key, step) for key, step in zip(keys, steps, strict=True)])
    first = (
        _first_ones([label.asset_id for label in labels], rows) if label_type in SUBMITTED else [False] * len(labels)
    )
    added: list[LabelToAdd] = []
    for checked in group:
        actor_id, origin = checked.actor.user_id, _origin(checked.actor)
        for identifier, label, answer in zip(checked.ids, checked.submission.labels, checked.answers, strict=True):
            place = len(added)
            added.append(
                LabelToAdd(
                    id=identifier,
                    asset_id=label.asset_id,
                    author_id=authors[place],
                    model_name=label.model_name,
                    step_id=steps[place],
                    response=answer.text,
                    search=orjson.dumps(answer.search).decode(),
                    warning=_warning_text(answer.warnings),
                    annotations=answer.number_of_annotations,
                    seconds=label.seconds_to_label,
                    client_version=label.client_version,
                    referenced=label.referenced_label_id,
                    is_latest=latest[place],
                    is_latest_of_step=latest_of_step[place],
                    is_first=first[place],
                    actor_id=actor_id,
                    origin=origin,
                )
            )
    return added


def _asset_to_move(state: AssetState, row: Row) -> AssetToMove:
    return AssetToMove(
        id=state.asset_id,
        status=state.status.value,
        skipped=state.skipped,
        step_id=state.step_id,
        step_status=state.step_status.value if state.step_status else None,
        is_to_review=state.is_to_review,
        row_version=row["row_version"],
    )


def _warning_text(warnings: Sequence[Problem]) -> str | None:
    return orjson.dumps([problem.as_context() for problem in warnings]).decode() if warnings else None


def _last_of(keys: Sequence[Any]) -> list[bool]:
    """For each position, whether it is the last with its key."""
    last = {key: index for index, key in enumerate(keys)}
    return [last[key] == index for index, key in enumerate(keys)]


def _first_ones(asset_ids: Sequence[str], assets: Mapping[str, Row]) -> list[bool]:
    """For each label by people, whether it is the first such label on its asset."""
    first = {asset_id: index for index, asset_id in reversed(list(enumerate(asset_ids)))}
    return [
        first[asset_id] == index and SUBMITTED.isdisjoint(assets[asset_id]["label_types"])
        for index, asset_id in enumerate(asset_ids)
    ]


def _origin(actor: Actor) -> str | None:
    """What the events of labels keep beside the person: how deep the calls of plugins are that they follow from."""
    return orjson.dumps({"depth": actor.depth}).decode() if actor.depth else None
