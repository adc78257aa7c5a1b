"""Importing, changing and deleting assets."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson

from labelyard.domain.document import is_absent
from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.identifier import chosen_ids, kept_id
from labelyard.domain.permission import Action, Actor
from labelyard.domain.text import MAX_EXTERNAL_ID, within
from labelyard.domain.workflow import CONSENSUS, AssetState, Status, Workflow, first_state, is_drawn
from labelyard.services.apart import APART_FROM_CHARACTERS, APART_FROM_ITEMS, apart
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import Content, json_content_of, store_contents
from labelyard.services.asset.file import files_named
from labelyard.services.asset.metadata import read_all_metadata, store_ocr
from labelyard.services.guard import authorize, refuse_archived, require_to_write
from labelyard.services.identity import new_id
from labelyard.services.workflow.state import workflow_of
from labelyard.storage.asset import assets_of_project, delete_assets, existing_external_ids, insert_assets
from labelyard.storage.asset_file import hold_files
from labelyard.storage.database import Database, Writer
from labelyard.storage.kept_id import keep_ids, taken_ids
from labelyard.storage.label import workflow_row
from labelyard.storage.project import hold_project

ARRAYS = (
    "contentArray",
    "externalIDArray",
    "idArray",
    "isHoneypotArray",
    "jsonContentArray",
    "jsonMetadataArray",
    "statusArray",
    "multiLayerContentArray",
    "filenameArray",
    "instructionsArray",
    "isInstructionsArray",
)


@dataclass(frozen=True, slots=True)
class CheckedImport:
    """Assets that have been checked, and whose files are stored; one entry per asset in each list."""

    actor: Actor
    project_id: str
    ids: list[str]
    external_ids: list[str]
    contents: list[Content]
    json_contents: list[Content]
    metadata: list[str]
    ocr: list[str | None]
    """The files with the OCR of the metadata."""
    files: list[tuple[str, str]]
    """The files that inline JSON names, as (asset id, file id)."""
    arrays: Mapping[str, Sequence[Any]]


async def check_import(
    database: Database, app_services: AppServices, actor: Actor, project_id: str, data: Mapping[str, Sequence[Any]]
) -> CheckedImport:
    """Check parallel arrays of assets and store their files; no asset has been written yet."""
    await authorize(database, actor, Action.CHANGE_ASSETS, project_id)
    arrays = {name: data[name] for name in ARRAYS if data.get(name)}
    count = _common_length(arrays)
    if count > app_services.max_imported:
        raise BadUserInput(
            f"[tooManyItems] One call imports at most {app_services.max_imported:,} assets, not {count:,}; send them in parts.",
            limit=app_services.max_imported,
            given=count,
        )
    is_long = count > APART_FROM_ITEMS or sum(map(len, arrays.get("jsonContentArray", ()))) > APART_FROM_CHARACTERS
    prepared = await apart(is_long, _prepared, arrays, count)
    metadata = await read_all_metadata(prepared.metadata)
    files = await files_named(database, actor, prepared.json_texts, is_long=is_long)
    contents = await store_contents(database, app_services, actor, prepared.contents, is_long=is_long)
    json_contents = await store_contents(database, app_services, actor, prepared.json_texts, is_long=is_long)
    return CheckedImport(
        actor=actor,
        project_id=project_id,
        ids=prepared.ids,
        external_ids=prepared.external_ids,
        contents=contents,
        json_contents=json_contents,
        metadata=[one.text for one in metadata],
        ocr=await store_ocr(database, app_services, actor.organization_id, metadata),
        files=[
            (identifier, file_id)
            for identifier, named in zip(prepared.ids, files, strict=True)
            for file_id in sorted(named)
        ],
        arrays=arrays,
    )


class _Prepared(NamedTuple):
    """What can be said of an import without the database, one entry per asset in each list."""

    ids: list[str]
    external_ids: list[str]
    metadata: list[str]
    contents: list[str]
    json_texts: list[str]


def _prepared(arrays: Mapping[str, Sequence[Any]], count: int) -> _Prepared:
    external_ids = [
        str(text) if text else secrets.token_hex(16) for text in arrays.get("externalIDArray", [""] * count)
    ]
    _check_external_ids(external_ids)
    layers = arrays.get("multiLayerContentArray")
    texts = [json_content_of(text or "") for text in arrays.get("jsonContentArray", [""] * count)]
    chosen = chosen_ids([identifier or "" for identifier in arrays.get("idArray", [])], field="idArray")
    return _Prepared(
        ids=[identifier or new_id() for identifier in chosen or [""] * count],
        external_ids=external_ids,
        metadata=[
            "{}" if not text or is_absent(text) else text for text in arrays.get("jsonMetadataArray", ["{}"] * count)
        ],
        contents=[text or "" for text in arrays.get("contentArray", [""] * count)],
        json_texts=[_with_layers(text, layer) for text, layer in zip(texts, layers, strict=True)] if layers else texts,
    )


async def import_assets(connection: Writer, checked: CheckedImport) -> list[str]:
    """Write all assets of an import, or none: an external id that is taken refuses the whole batch."""
    project = await hold_project(connection, checked.project_id)
    refuse_archived(checked.project_id, project["archived_at"])
    taken = await existing_external_ids(connection, checked.project_id, checked.external_ids)
    if taken:
        raise Conflict(
            f"[externalIdTaken] {len(taken)} of these external ids exist in the project already, the first is {taken[0]!r}; "
            "nothing of this batch was imported. Leave them out, or give other external ids.",
            duplicates=taken,
        )
    if "idArray" in checked.arrays:
        checked = await _with_free_ids(connection, checked)
    settings = await workflow_row(connection, checked.project_id)
    if settings is None:
        raise NotFound(f"[notFound] No project {checked.project_id!r} is visible to you.")
    rows = await apart(
        len(checked.ids) > APART_FROM_ITEMS,
        _rows,
        checked,
        workflow_of(settings),
        consensus_coverage=project["consensus_tot_coverage"],
    )
    await insert_assets(connection, rows)
    await hold_files(connection, checked.files)
    return checked.ids


async def _with_free_ids(connection: Writer, checked: CheckedImport) -> CheckedImport:
    """The import with ids that are free. An id that the organization has already is refused, in whatever project; one of
    another organization looks free: its new owner keeps the asset in another form.
    """
    forms = {identifier: kept_id(identifier, checked.actor.organization_id) for identifier in checked.ids}
    taken = await taken_ids(connection, [*forms, *forms.values()], checked.actor)
    known = [identifier for identifier, form in forms.items() if taken.get(identifier) or form in taken]
    if known:
        raise Conflict(f"Asset id {known[0]!r} exists already; nothing of this batch was imported.", duplicates=known)
    if not taken:
        return checked
    await keep_ids(connection, checked.actor.organization_id)
    chosen = {identifier: form if identifier in taken else identifier for identifier, form in forms.items()}
    return replace(
        checked,
        ids=[chosen[identifier] for identifier in checked.ids],
        files=[(chosen[identifier], file_id) for identifier, file_id in checked.files],
    )


async def remove_assets(connection: Writer, actor: Actor, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Delete assets with everything on them. Answers (id, external id) of those that were there."""
    rows = await assets_of_project(connection, ids, actor)
    if not rows:
        return []
    for row in {row["project_id"]: row for row in rows}.values():
        require_to_write(actor, Action.CHANGE_ASSETS, row)
    await delete_assets(connection, [row["id"] for row in rows])
    return [(row["id"], row["external_id"]) for row in rows]


def _rows(checked: CheckedImport, workflow: Workflow, *, consensus_coverage: int) -> list[tuple[Any, ...]]:
    """The rows to copy, in order."""
    count = len(checked.ids)
    statuses = [Status(str(name or "TODO")) for name in checked.arrays.get("statusArray", ["TODO"] * count)]
    first = {status: _state_columns(first_state("", workflow, status)) for status in set(statuses)}
    honeypots = checked.arrays.get("isHoneypotArray", [False] * count)
    filenames = checked.arrays.get("filenameArray", [None] * count)
    instructions = checked.arrays.get("instructionsArray", [None] * count)
    are_instructions = checked.arrays.get("isInstructionsArray", [False] * count)
    rows = []
    for index in range(count):
        content, json_content, status = checked.contents[index], checked.json_contents[index], statuses[index]
        rows.append(
            (
                checked.ids[index],
                checked.project_id,
                checked.external_ids[index],
                content.text,
                content.blob_id,
                json_content.text,
                json_content.blob_id,
                checked.metadata[index],
                checked.metadata[index],
                *first[status],
                bool(honeypots[index]),
                status is Status.TODO and is_drawn(checked.ids[index], CONSENSUS, consensus_coverage),
                content.resolution,
                content.page_resolutions,
                filenames[index],
                instructions[index],
                bool(are_instructions[index]),
                checked.ocr[index],
            )
        )
    return rows


def _state_columns(state: AssetState) -> tuple[str, str | None, str | None, bool]:
    return (
        state.status.value,
        state.step_id,
        state.step_status.value if state.step_status else None,
        state.is_to_review,
    )


def _common_length(arrays: Mapping[str, Sequence[Any]]) -> int:
    """The length that all arrays share."""
    lengths = {name: len(values) for name, values in arrays.items()}
    if not lengths:
        raise BadUserInput("Give at least one asset, as contentArray or jsonContentArray.", field="contentArray")
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise BadUserInput(
            f"The arrays of an import have the same length, one entry per asset; these have: {told}.", lengths=lengths
        )
    if not {"contentArray", "jsonContentArray", "multiLayerContentArray"} & set(lengths):
        raise BadUserInput("Give the content of the assets, as contentArray or jsonContentArray.", field="contentArray")
    return next(iter(lengths.values()))


def _check_external_ids(external_ids: Sequence[str]) -> None:
    for external_id in external_ids:
        within(external_id, name="An external id", limit=MAX_EXTERNAL_ID, least=1)
        if "\0" in external_id:
            raise BadUserInput("An external id cannot hold a NUL character.", field="externalIDArray")
    repeated = [external_id for external_id, times in Counter(external_ids).items() if times > 1]
    if repeated:
        raise Conflict(
            f"[externalIdTaken] {len(repeated)} external ids are given more than once in this import, the first is "
            f"{repeated[0]!r}; nothing was imported.",
            duplicates=repeated,
        )


def _with_layers(text: str, layers: Any) -> str:
    """Layers given as files and tile layers given as JSON, in one list."""
    tiles = orjson.loads(text) if text[:1] in ("[", "{") else []
    return orjson.dumps([*(layers or []), *(tiles if isinstance(tiles, list) else [tiles])]).decode()
