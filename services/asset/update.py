"""Changing assets in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from labelyard.domain.document import is_absent
from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.metadata import Metadata, replaced, with_playback
from labelyard.domain.number import in_range
from labelyard.domain.permission import Action, Actor
from labelyard.domain.text import MAX_EXTERNAL_ID, within
from labelyard.services.apart import APART_FROM_CHARACTERS, apart
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import Content, json_content_of, store_contents
from labelyard.services.asset.file import files_named
from labelyard.services.asset.metadata import read_all_metadata, store_ocr
from labelyard.services.guard import require_to_write
from labelyard.services.workflow.settling import settle_states
from labelyard.storage.asset import assets_for_update, blobs_of, members_by_name, replace_assignees, update_assets
from labelyard.storage.asset_file import link_files, release_files
from labelyard.storage.consensus import begun_of
from labelyard.storage.database import Database, Row, Writer
from labelyard.storage.mark import follow_asset_marks
from labelyard.storage.mark_request import request_labeled_marks
from labelyard.storage.upload import forget_blobs

# What members who only distribute work may change; everything else needs the right to change assets.
DISTRIBUTING = frozenset({"priority", "toBeLabeledBy", "shouldResetToBeLabeledBy", "isUsedForConsensus", "status"})

CONTENT = frozenset({"content", "json_content"})
FILES = CONTENT | {"ocr_blob_id"}
JSON_TEXTS = frozenset({"jsonContent", "jsonMetadata"})
COLUMNS = {
    "external_id": "text",
    "content": "text",
    "content_blob_id": "text",
    "json_content": "text",
    "json_content_blob_id": "text",
    "ocr_blob_id": "text",
    "json_metadata": "text",
    "metadata_search": "jsonb",
    "priority": "int",
    "is_honeypot": "bool",
    "is_used_for_consensus": "bool",
    "consensus_mark": "float",
    "honeypot_mark": "float",
    "resolution": "text",
    "page_resolutions": "text",
    "duration": "int",
}


@dataclass(frozen=True, slots=True)
class AssetChange:
    """The checked change of one asset: columns by name, and the new assignees, None to leave them."""

    asset_id: str
    columns: Mapping[str, Any]
    assignees: Sequence[str] | None
    files: frozenset[str]
    """The files that its new inline `jsonContent` names."""
    project_id: str
    changes_consensus: bool
    changes_honeypot: bool
    """Whether the asset joins or leaves consensus, or honeypots."""

    @property
    def changes_marks(self) -> bool:
        """Whether marks are to be computed anew; marks that the change sets by hand are kept."""
        set_by_hand = {"consensus_mark", "honeypot_mark"} & self.columns.keys()
        return (self.changes_consensus or self.changes_honeypot) and not set_by_hand


def check_pairs(asset_ids: Sequence[str], changes: Sequence[Mapping[str, Any]], *, limit: int) -> None:
    """Refuse changes that are not one for each asset, or too many for a call."""
    if len(asset_ids) != len(changes):
        raise BadUserInput(
            f"`where` and `data` have one entry per asset each, not {len(asset_ids)} and {len(changes)}.", field="data"
        )
    if len(changes) > limit:
        raise BadUserInput(
            f"[tooManyItems] One call changes at most {limit:,} assets, not {len(changes):,}.",
            limit=limit,
            given=len(changes),
        )


async def check_changes(
    database: Database,
    app_services: AppServices,
    actor: Actor,
    asset_ids: Sequence[str],
    changes: Sequence[Mapping[str, Any]],
    *,
    is_about_consensus: bool = False,
) -> list[AssetChange]:
    """Check rights and values of a batch of changes and store new files; nothing else has been written.

    `is_about_consensus` is set by the operations for consensus, which strict workflows allow.
    """
    check_pairs(asset_ids, changes, limit=app_services.max_items)
    changes = [
        {key: value for key, value in change.items() if key not in JSON_TEXTS or not is_absent(value)}
        for change in changes
    ]
    async with database.reader() as connection:
        rows = {row["id"]: row for row in await assets_for_update(connection, asset_ids, actor)}
    if set(asset_ids) - rows.keys():
        raise unknown_assets()
    for identifier, change in zip(asset_ids, changes, strict=True):
        action = Action.DISTRIBUTE_ASSETS if change.keys() <= DISTRIBUTING else Action.CHANGE_ASSETS
        require_to_write(actor, action, rows[identifier])
        if app_services.strict_workflows and not is_about_consensus:
            _refuse_deprecated(rows[identifier], change)
    members = await _members(database, actor, [rows[identifier]["project_id"] for identifier in asset_ids], changes)
    metadata = await _metadata(changes)
    texts = [change.get("jsonContent", "") for change in changes]
    is_long = sum(map(len, texts)) > APART_FROM_CHARACTERS
    contents = await _stored(database, app_services, actor, changes, "content", lambda text: text)
    json_contents = await _stored(
        database, app_services, actor, changes, "jsonContent", json_content_of, is_long=is_long
    )
    files = await files_named(database, actor, texts, is_long=is_long)
    ocr = await _stored_ocr(database, app_services, actor, metadata)
    checked = []
    for index, (identifier, change) in enumerate(zip(asset_ids, changes, strict=True)):
        plain_columns = _columns(change)
        text = rows[identifier]["json_metadata"]
        playback = contents[index].playback if index in contents else None
        if index in metadata:
            text = replaced(text, metadata[index])
        if playback is not None:
            text = with_playback(text, playback)
        if index in metadata or playback is not None:
            plain_columns["json_metadata"] = plain_columns["metadata_search"] = text
        columns = {
            **_content_columns("content", contents.get(index)),
            **_content_columns("json_content", json_contents.get(index)),
            **ocr.get(index, {}),
            **plain_columns,
        }
        before = rows[identifier]
        assignees = _assignees(before["project_id"], members.get(before["project_id"], {}), change)
        checked.append(
            AssetChange(
                identifier,
                columns,
                assignees,
                files[index],
                before["project_id"],
                changes_consensus=columns.get("is_used_for_consensus", before["is_used_for_consensus"])
                != before["is_used_for_consensus"],
                changes_honeypot=columns.get("is_honeypot", before["is_honeypot"]) != before["is_honeypot"],
            )
        )
    return checked


def _refuse_deprecated(asset: Row, change: Mapping[str, Any]) -> None:
    if "isUsedForConsensus" in change and asset["workflow_version"] != "V1":
        raise BadUserInput(
            f"[deprecated] isUsedForConsensus is not a property to set in project {asset['project_id']}, which has steps; "
            "call setAssetConsensus. Nothing was changed.",
            field="isUsedForConsensus",
            projectId=asset["project_id"],
        )


async def write_changes(connection: Writer, changes: Sequence[AssetChange]) -> None:
    """Write a checked batch in a handful of statements."""
    if not changes:
        return
    used = {name for change in changes for name in change.columns}
    columns = {
        name: (COLUMNS[name], [change.columns.get(name) for change in changes]) for name in COLUMNS if name in used
    }
    replaced_ids = [change.asset_id for change in changes if CONTENT & change.columns.keys()]
    with_new_files = [change.asset_id for change in changes if FILES & change.columns.keys()]
    before = await blobs_of(connection, with_new_files) if with_new_files else set[str]()
    try:
        await update_assets(connection, columns, [change.asset_id for change in changes])
    except asyncpg.UniqueViolationError as error:
        taken = re.findall(r"\)=\([^,]*, (.*)\) ", error.detail or "")
        raise Conflict(
            f"[externalIdTaken] The external id {taken[0] if taken else ''!r} would be that of two assets of its project; "
            "nothing was changed. Give every asset an id of its own.",
            duplicates=taken,
        ) from error
    set_marks = [change.asset_id for change in changes if "consensus_mark" in change.columns]
    if set_marks:
        await follow_asset_marks(connection, set_marks)
    if replaced_ids:
        pairs = [(change.asset_id, file_id) for change in changes for file_id in sorted(change.files)]
        await link_files(connection, pairs)
        await release_files(connection, replaced_ids)
    if with_new_files:
        await forget_blobs(connection, before)
    assigned = [change for change in changes if change.assignees is not None]
    if assigned:
        members = [(change.asset_id, user) for change in assigned for user in change.assignees or ()]
        await replace_assignees(connection, members, [change.asset_id for change in assigned])
    await _follow_consensus(connection, [change for change in changes if change.changes_consensus])
    marked = [change.asset_id for change in changes if change.changes_marks]
    if marked:
        await request_labeled_marks(connection, marked)


async def _follow_consensus(connection: Writer, changes: Sequence[AssetChange]) -> None:
    """Assets that joined or left consensus need more labels than before, or fewer."""
    if not changes:
        return
    begun = set(await begun_of(connection, [change.asset_id for change in changes]))
    for project_id in sorted({change.project_id for change in changes}):
        own = [change.asset_id for change in changes if change.project_id == project_id and change.asset_id in begun]
        await settle_states(connection, project_id, own)


async def _stored(
    database: Database,
    app_services: AppServices,
    actor: Actor,
    changes: Sequence[Mapping[str, Any]],
    key: str,
    read: Callable[[str], str],
    *,
    is_long: bool = False,
) -> dict[int, Content]:
    """The new contents, by the index of the change."""
    indexes = [index for index, change in enumerate(changes) if key in change]
    if not indexes:
        return {}
    texts = await apart(is_long, lambda: [read(changes[index][key]) for index in indexes])
    stored = await store_contents(database, app_services, actor, texts, is_long=is_long)
    return dict(zip(indexes, stored, strict=True))


def _content_columns(column: str, content: Content | None) -> dict[str, Any]:
    """The columns of a new content, if there is one."""
    if content is None:
        return {}
    # An empty text, unlike null, takes a value away: here, the content is no longer a file.
    columns: dict[str, Any] = {column: content.text, f"{column}_blob_id": content.blob_id or ""}
    if content.blob_id and column == "content":
        # The sizes of a stored file are known, or known to be absent; those of a URL are not, so they stay.
        columns["resolution"] = content.resolution or ""
        columns["page_resolutions"] = content.page_resolutions or ""
        seconds = content.playback.whole_seconds if content.playback is not None else None
        columns["duration"] = -1 if seconds is None else seconds
    return columns


async def _metadata(changes: Sequence[Mapping[str, Any]]) -> dict[int, Metadata]:
    """The new metadata, by the index of the change."""
    indexes = [index for index, change in enumerate(changes) if "jsonMetadata" in change]
    read = await read_all_metadata([changes[index]["jsonMetadata"] for index in indexes])
    return dict(zip(indexes, read, strict=True))


async def _stored_ocr(
    database: Database, app_services: AppServices, actor: Actor, metadata: Mapping[int, Metadata]
) -> dict[int, dict[str, str]]:
    """The column of new OCR, by the index of the change; metadata that does not speak of OCR leaves what there is."""
    stored = await store_ocr(database, app_services, actor.organization_id, list(metadata.values()))
    return {
        index: {"ocr_blob_id": blob_id or ""}
        for (index, one), blob_id in zip(metadata.items(), stored, strict=True)
        if one.ocr is not None
    }


def _columns(change: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if "externalId" in change:
        columns["external_id"] = within(change["externalId"], name="An external id", limit=MAX_EXTERNAL_ID, least=1)
    if "priority" in change:
        columns["priority"] = int(in_range(change["priority"], "priority"))
    for key, column in (("isHoneypot", "is_honeypot"), ("isUsedForConsensus", "is_used_for_consensus")):
        if key in change:
            columns[column] = bool(change[key])
    for key, column in (("consensusMark", "consensus_mark"), ("honeypotMark", "honeypot_mark")):
        if key in change:
            columns[column] = float(in_range(change[key], key))
    if "resolution" in change:
        columns["resolution"] = orjson.dumps(change["resolution"]).decode()
    if "pageResolutions" in change:
        columns["page_resolutions"] = orjson.dumps(change["pageResolutions"]).decode()
    return columns


async def _members(
    database: Database, actor: Actor, project_ids: Sequence[str], changes: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, str]]:
    """By project, the user ids of the members among the people that changes name, by id and by e-mail."""
    named: dict[str, dict[str, None]] = {}
    for project_id, change in zip(project_ids, changes, strict=True):
        if names := [name for name in change.get("toBeLabeledBy", ()) if name]:
            named.setdefault(project_id, {}).update(dict.fromkeys(names))
    if not named:
        return {}
    async with database.reader() as connection:
        return {
            project_id: await members_by_name(connection, actor, project_id, list(names))
            for project_id, names in named.items()
        }


def _assignees(project_id: str, members: Mapping[str, str], change: Mapping[str, Any]) -> list[str] | None:
    """User ids of the people named by e-mail or id, all of them members.

    An empty list takes every restriction away; clients say the same by `shouldResetToBeLabeledBy`, which alone means nothing.
    """
    if "toBeLabeledBy" not in change:
        return None
    names = [name for name in change["toBeLabeledBy"] if name]
    if not names:
        return []
    unknown = [name for name in names if name not in members and name.lower() not in members]
    if unknown:
        raise NotFound(
            f"[notFound] {unknown[0]!r} is not a member of project {project_id}; add them with appendToRoles first.",
            toBeLabeledBy=unknown,
        )
    return [members.get(name) or members[name.lower()] for name in names]


def unknown_assets() -> NotFound:
    """The refusal of a batch with an asset that does not exist or is somebody else's."""
    return NotFound("[notFound] One or more of these assets cannot be found; nothing was changed.")
