"""Checking an import of assets and storing its files, before anything is written to the database."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from labelyard.domain.document import is_absent
from labelyard.domain.error import BadUserInput, Conflict
from labelyard.domain.identifier import chosen_ids
from labelyard.domain.metadata import with_playback
from labelyard.domain.permission import Action, Actor
from labelyard.domain.text import MAX_EXTERNAL_ID, within
from labelyard.services.apart import APART_FROM_CHARACTERS, APART_FROM_ITEMS, apart
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import Content, json_content_of, store_contents
from labelyard.services.asset.file import files_named
from labelyard.services.asset.metadata import read_all_metadata, store_ocr
from labelyard.services.guard import authorize
from labelyard.services.identity import new_id, new_ids
from labelyard.storage.database import Database

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


class StoredObject(NamedTuple):
    """An object of cloud storage, which an asset is, or which is its JSON content."""

    key: str | None
    is_json: bool


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
    data_connection_id: str | None = None
    """The connection to the cloud storage in which the assets are."""
    objects: Sequence[StoredObject] | None = None
    """What the assets are in it."""


async def check_import(
    database: Database, app_services: AppServices, actor: Actor, project_id: str, data: Mapping[str, Sequence[Any]]
) -> CheckedImport:
    """Check parallel arrays of assets and store their files; no asset has been written yet."""
    await authorize(database, actor, Action.CHANGE_ASSETS, project_id)
    return await check_assets(database, app_services, actor, project_id, data)


async def check_assets(
    database: Database, app_services: AppServices, actor: Actor, project_id: str, data: Mapping[str, Sequence[Any]]
) -> CheckedImport:
    """The same for a project in which the person is known to have the right to."""
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
        metadata=[
            one.text if content.playback is None else with_playback(one.text, content.playback)
            for one, content in zip(metadata, contents, strict=True)
        ],
        ocr=await store_ocr(database, app_services, actor.organization_id, metadata),
        files=[
            (identifier, file_id)
            for identifier, named in zip(prepared.ids, files, strict=True)
            for file_id in sorted(named)
        ],
        arrays=arrays,
    )


class _Prepared(NamedTuple):
    """The checks of an import that need no database; one entry per asset in each list."""

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
    nothing = [""] * count
    json_contents = arrays.get("jsonContentArray", nothing)
    texts = [json_content_of(text or "") for text in json_contents] if any(json_contents) else nothing
    chosen = chosen_ids([identifier or "" for identifier in arrays.get("idArray", [])], field="idArray")
    return _Prepared(
        ids=[identifier or new_id() for identifier in chosen] if chosen else new_ids(count),
        external_ids=external_ids,
        metadata=[
            "{}" if not text or is_absent(text) else text for text in arrays.get("jsonMetadataArray", ["{}"] * count)
        ],
        contents=[text or "" for text in arrays.get("contentArray", nothing)],
        json_texts=[_with_layers(text, layer) for text, layer in zip(texts, layers, strict=True)] if layers else texts,
    )


def _common_length(arrays: Mapping[str, Sequence[Any]]) -> int:
    """The length that all arrays share."""
    lengths = {name: len(values) for name, values in arrays.items()}
    if not lengths:
        raise BadUserInput("Give at least one asset, as contentArray or jsonContentArray.", field="contentArray")
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise BadUserInput(
            f"The arrays of an import have the same length, one entry per asset; these have: {counts}.", lengths=lengths
        )
    if not {"contentArray", "jsonContentArray", "multiLayerContentArray"} & set(lengths):
        raise BadUserInput("Give the content of the assets, as contentArray or jsonContentArray.", field="contentArray")
    return next(iter(lengths.values()))


def _check_external_ids(external_ids: Sequence[str]) -> None:
    for external_id in (min(external_ids, key=len), max(external_ids, key=len)):
        within(external_id, name="An external id", limit=MAX_EXTERNAL_ID, least=1)
    if any("\0" in external_id for external_id in external_ids):
        raise BadUserInput("An external id cannot hold a NUL character.", field="externalIDArray")
    if len(set(external_ids)) == len(external_ids):
        return
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
