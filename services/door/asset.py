"""Assets as front doors make them: from files in the request, through the import of every other client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Actor
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import NewFile, store_files
from labelyard.services.asset.import_check import CheckedImport, check_import
from labelyard.storage.database import Database
from labelyard.storage.file_link import FILES_PATH
from labelyard.storage.upload import NewBlob

# Each takes some four MiB while it is decoded and written, of the 32 that a request may take.
WRITTEN_AT_ONCE: Final = 3

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff"})


@dataclass(frozen=True, slots=True)
class DoorAsset:
    """An asset to be made: a name, a text or the URL of a stored file (`file_url`), and metadata.

    `json_content` is for what is made of several files, as frames.
    """

    name: str
    content: str = ""
    metadata: dict[str, Any] | None = None
    json_content: str = ""


def any_type(_media_type: str) -> bool:
    """Takes files of every type."""
    return True


async def check_door_assets(
    database: Database,
    app_services: AppServices,
    actor: Actor,
    project_id: str,
    assets: Sequence[DoorAsset],
) -> CheckedImport:
    """Check rights and assets; `services.asset.importing.import_assets` writes them, all or none."""
    arrays: dict[str, list[str]] = {
        "contentArray": [asset.content for asset in assets],
        "externalIDArray": [asset.name for asset in assets],
        "jsonMetadataArray": [orjson.dumps(asset.metadata or {}).decode() for asset in assets],
    }
    if any(asset.json_content for asset in assets):
        arrays["jsonContentArray"] = [asset.json_content for asset in assets]
    return await check_import(database, app_services, actor, project_id, arrays)


async def store_door_files(
    database: Database,
    app_services: AppServices,
    actor: Actor,
    files: Sequence[NewFile],
    *,
    names: Sequence[str],
    accepts: Callable[[str], bool] = PICTURES.__contains__,
    expected: str = "a picture (JPEG, PNG, GIF, WebP, BMP or TIFF)",
) -> list[NewBlob]:
    """Keep files, decoded while they are written; `media_type` of each is told by its bytes.

    Files of other types than `accepts` are refused under their `names`. What no asset refers to in the end is swept away.
    """
    if not files:
        return []
    stored = await store_files(database, app_services, actor.organization_id, files, at_once=WRITTEN_AT_ONCE)
    wrong = {
        name: f"is not {expected}, but {blob.media_type}"
        for name, blob in zip(names, stored, strict=True)
        if not accepts(blob.media_type)
    }
    if wrong:
        name, what = next(iter(wrong.items()))
        raise BadUserInput(f"{name} {what}.", field=name, fields=wrong)
    return stored


def file_url(app_services: AppServices, blob: NewBlob) -> str:
    """The content of an asset that a stored file is."""
    return f"{app_services.links.public_url}{FILES_PATH}?id={blob.id}"
