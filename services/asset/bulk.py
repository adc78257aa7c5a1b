"""Importing any number of assets in batches, each of which is refused by itself, and none twice.

A row is recognised by its external id: an asset that the project has already is left as it is.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from labelyard.domain.error import BadUserInput, Conflict, NotFound, PayloadTooLarge
from labelyard.domain.permission import Actor
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import NewFile, store_files
from labelyard.services.asset.import_check import check_import
from labelyard.services.asset.importing import import_assets
from labelyard.services.batch import Outcome
from labelyard.storage.asset import existing_external_ids
from labelyard.storage.blob import pieces_of
from labelyard.storage.database import Database

# Refusals of a row; all others end the whole import.
OF_ONE_ROW: Final = (BadUserInput, Conflict, NotFound, PayloadTooLarge)


@dataclass(frozen=True, slots=True)
class AssetRow:
    """An asset to import: `location` says where it stands in its source, `file` is read instead of `content`."""

    location: str
    external_id: str
    content: str = ""
    file: Path | None = None
    json_content: str = ""
    json_metadata: str = "{}"
    is_honeypot: bool = False


@dataclass(frozen=True, slots=True)
class BulkImport:
    """Imports rows into one project as a person."""

    database: Database
    app_services: AppServices
    actor: Actor
    project_id: str

    async def write(self, rows: Sequence[AssetRow]) -> Outcome:
        """Import those of the rows that the project does not have yet and that nothing is wrong with."""
        new = await self._missing(rows)
        outcome = Outcome(known=len(rows) - len(new))
        await self._write(await self._stored(new, outcome), outcome)
        return outcome

    async def _missing(self, rows: Sequence[AssetRow]) -> list[AssetRow]:
        async with self.database.reader() as connection:
            names = await existing_external_ids(connection, self.project_id, [row.external_id for row in rows])
        known = set(names)
        return [row for row in rows if row.external_id not in known]

    async def _stored(self, rows: Sequence[AssetRow], outcome: Outcome) -> list[AssetRow]:
        """The rows with their files stored; a file that cannot be is refused with its row."""
        with_files = [row for row in rows if row.file is not None]
        if not with_files:
            return list(rows)
        try:
            urls = await self._urls_of(with_files)
        except OF_ONE_ROW:
            urls = {}
            for row in with_files:
                try:
                    urls |= await self._urls_of([row])
                except OF_ONE_ROW as refusal:
                    outcome.refuse(row.location, refusal)
        return [
            replace(row, content=urls[row.location]) if row.file is not None else row
            for row in rows
            if row.file is None or row.location in urls
        ]

    async def _urls_of(self, rows: Sequence[AssetRow]) -> dict[str, str]:
        """Links to the stored files by the locations of their rows: what a client would send after an upload."""
        files = [_file_of(row.file) for row in rows if row.file is not None]
        organization_id = self.actor.organization_id
        stored = await store_files(self.database, self.app_services, organization_id, files)
        links, now = self.app_services.links, self.app_services.now()
        return {
            row.location: links.download_url(
                blob_id=blob.id, organization_id=organization_id, user_id=self.actor.user_id, now=now
            )
            for row, blob in zip(rows, stored, strict=True)
        }

    async def _write(self, rows: Sequence[AssetRow], outcome: Outcome) -> None:
        """Import rows; a refused batch is halved until the refused rows are found."""
        if not rows:
            return
        try:
            await self._import(rows)
        except OF_ONE_ROW as refusal:
            if isinstance(refusal, Conflict):
                # A concurrent import may have added some of them.
                missing = await self._missing(rows)
                outcome.known += len(rows) - len(missing)
                if len(missing) < len(rows):
                    await self._write(missing, outcome)
                    return
            if len(rows) == 1:
                outcome.refuse(rows[0].location, refusal)
                return
            half = len(rows) // 2
            await self._write(rows[:half], outcome)
            await self._write(rows[half:], outcome)
        else:
            outcome.written += len(rows)

    async def _import(self, rows: Sequence[AssetRow]) -> None:
        arrays: dict[str, list[object]] = {
            "contentArray": [row.content for row in rows],
            "externalIDArray": [row.external_id for row in rows],
            "jsonContentArray": [row.json_content for row in rows],
            "jsonMetadataArray": [row.json_metadata for row in rows],
            "isHoneypotArray": [row.is_honeypot for row in rows],
        }
        checked = await check_import(self.database, self.app_services, self.actor, self.project_id, arrays)
        async with self.database.transaction() as connection:
            await import_assets(connection, checked)


def _file_of(path: Path) -> NewFile:
    declared, _ = mimetypes.guess_type(path.name)
    return NewFile(lambda: pieces_of(path), declared or "")
