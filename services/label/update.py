"""Editing and deleting labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from labelyard.domain.error import NotFound
from labelyard.domain.number import in_range
from labelyard.domain.permission import Action, Actor
from labelyard.domain.response import response_refusal
from labelyard.domain.text import MAX_MODEL_NAME, within
from labelyard.domain.workflow import LabelType
from labelyard.services.apart import APART_FROM_CHARACTERS, apart
from labelyard.services.app_services import AppServices
from labelyard.services.asset.file import NO_FILES, check_file_answers
from labelyard.services.attempt import ROLLED_BACK, attempted
from labelyard.services.guard import require_to_write
from labelyard.services.identity import new_mid
from labelyard.services.label.asset_facts import characters_read, facts_of
from labelyard.services.workflow.settling import settle_states
from labelyard.storage.asset_file import link_files, release_files
from labelyard.storage.asset_lock import release_own_locks
from labelyard.storage.database import Connection, Database, Writer
from labelyard.storage.label import (
    assets_for_submission,
    delete_labels,
    labels_by_id,
    lock_assets,
    lock_label,
    refresh_latest,
    update_label,
)
from labelyard.storage.mark_request import request_marks


@dataclass(frozen=True, slots=True)
class LabelEdit:
    """The checked change of a label: columns, null for what stays."""

    label_id: str
    asset_id: str
    columns: Mapping[str, Any]
    warnings: list[dict[str, Any]]
    files: frozenset[str]
    """The files that the asset is to hold."""
    version: int
    interface_version: int
    """Those of the label and of the project's interface that it was checked against."""


async def edit_label(
    database: Database, app_services: AppServices, actor: Actor, label_id: str, data: Mapping[str, Any]
) -> LabelEdit:
    """Check and write the edit of a label; when something has changed in between, again on the locked label."""
    async with database.reader() as connection:
        edit = await _check(connection, app_services, actor, label_id, data)
    try:
        async with database.transaction() as writer:
            await _write(writer, edit)
            return edit
    except ROLLED_BACK:
        pass

    async def edit_locked(connection: Writer) -> LabelEdit:
        await lock_label(connection, label_id)
        edit = await _check(connection, app_services, actor, label_id, data)
        await _write(connection, edit)
        return edit

    return await attempted(database, edit_locked)


async def _check(
    connection: Connection, app_services: AppServices, actor: Actor, label_id: str, data: Mapping[str, Any]
) -> LabelEdit:
    """Check the edit of a label: by its author, or by who may import labels."""
    label = (await labels_by_id(connection, [label_id], actor)).get(label_id)
    assets = await assets_for_submission(connection, [label["asset_id"]], actor) if label is not None else {}
    if label is None or label["asset_id"] not in assets:
        raise NotFound(f"[notFound] No label {label_id!r} is visible to you.", labelId=label_id)
    asset = assets[label["asset_id"]]
    is_own = label["author_id"] == actor.user_id
    require_to_write(actor, Action.SUBMIT_LABELS if is_own else Action.IMPORT_LABELS, label)
    validator = await app_services.interfaces.validator(connection, label["project_id"], label["interface_version"])
    columns: dict[str, Any] = {
        "model_name": data.get("modelName"),
        "seconds_to_label": data.get("secondsToLabel"),
        "is_sent_back_to_queue": data.get("isSentBackToQueue"),
        "json_response": None,
        "search": None,
        "warnings": None,
        "number_of_annotations": None,
    }
    if columns["model_name"] is not None:
        within(columns["model_name"], name="A model name", limit=MAX_MODEL_NAME)
    if columns["seconds_to_label"] is not None:
        in_range(columns["seconds_to_label"], "secondsToLabel")
    warnings: list[dict[str, Any]] = []
    files = NO_FILES
    if "jsonResponse" in data:
        size = len(data["jsonResponse"]) + characters_read(asset)
        answer = await apart(
            size > APART_FROM_CHARACTERS,
            lambda: validator.check(
                data["jsonResponse"],
                label_type=label["label_type"],
                strict=app_services.strict_labels,
                asset=facts_of(asset),
                mint=new_mid,
            ),
        )
        if answer.errors:
            raise response_refusal(
                answer.errors,
                subject=f"asset {asset['external_id']}: ",
            )
        if answer.files:
            (files,) = await check_file_answers(connection, actor, [(label["asset_id"], answer.files)])
        warnings = [problem.as_context() for problem in answer.warnings + files.warnings]
        columns["json_response"] = answer.text
        columns["search"] = orjson.dumps(answer.search).decode()
        columns["warnings"] = orjson.dumps(warnings).decode() if warnings else None
        columns["number_of_annotations"] = answer.number_of_annotations
    return LabelEdit(
        label_id,
        label["asset_id"],
        columns,
        list(warnings),
        files.ids,
        version=label["version"],
        interface_version=label["interface_version"],
    )


async def _write(connection: Writer, edit: LabelEdit) -> None:
    """Write a checked edit; files that only the former answer named are released."""
    names_model, answers = (edit.columns[name] is not None for name in ("model_name", "json_response"))
    if names_model or answers:
        # Another label of the asset that names the same files waits here; otherwise they could be released under it.
        await lock_assets(connection, [edit.asset_id])
    await update_label(
        connection,
        edit.label_id,
        edit.columns,
        version=edit.version,
        interface_version=edit.interface_version,
    )
    if names_model:
        await refresh_latest(connection, [edit.asset_id])
    if answers:
        await link_files(connection, [(edit.asset_id, file_id) for file_id in sorted(edit.files)])
        await release_files(connection, [edit.asset_id])
        await request_marks(connection, [edit.asset_id])


async def remove_labels(connection: Writer, actor: Actor, ids: Sequence[str]) -> list[str]:
    """Delete labels, then say anew what is latest and what state their assets are in. Answers the ids deleted, in order.

    Needs the right to delete labels, but for one's own drafts. Ids that are gone are left out. What models said of an asset decides
    nothing about its state.
    """
    labels = await labels_by_id(connection, ids, actor)
    if not labels:
        return []
    for label in labels.values():
        is_own_draft = label["label_type"] == "AUTOSAVE" and label["author_id"] == actor.user_id
        action = Action.SUBMIT_LABELS if is_own_draft else Action.DELETE_LABELS
        require_to_write(actor, action, label)
    by_project: dict[str, set[str]] = {}
    for label in labels.values():
        if label["label_type"] not in (LabelType.PREDICTION, LabelType.INFERENCE):
            by_project.setdefault(label["project_id"], set()).add(label["asset_id"])
    asset_ids = sorted({label["asset_id"] for label in labels.values()})
    await lock_assets(connection, asset_ids)
    deleted = set(await delete_labels(connection, list(labels)))
    await release_files(connection, asset_ids)
    if drafts := [label for label in labels.values() if label["label_type"] == LabelType.AUTOSAVE]:
        # Deleting a draft closes the asset for its author.
        await release_own_locks(connection, [(draft["asset_id"], draft["author_id"]) for draft in drafts])
    await refresh_latest(connection, asset_ids)
    await request_marks(connection, asset_ids)
    for project_id, assets in by_project.items():
        await settle_states(connection, project_id, sorted(assets))
    return [identifier for identifier in dict.fromkeys(ids) if identifier in deleted]
