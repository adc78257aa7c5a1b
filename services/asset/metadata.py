"""Metadata of assets: checked, its OCR stored as files."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from labelyard.domain.metadata import Metadata, read_metadata
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import NewFile, store_files
from labelyard.storage.database import Database

READ_IN_THREAD_FROM = 2**20


async def read_all_metadata(texts: Sequence[str]) -> list[Metadata]:
    """Check metadata texts, large ones off the event loop."""
    if sum(map(len, texts)) < READ_IN_THREAD_FROM:
        return _read(texts)
    return await asyncio.to_thread(_read, texts)


def _read(texts: Sequence[str]) -> list[Metadata]:
    # Most assets of an import have the same metadata, or none.
    known = {text: read_metadata(text) for text in dict.fromkeys(texts)}
    return [known[text] for text in texts]


async def store_ocr(
    database: Database, app_services: AppServices, organization_id: str, metadata: Sequence[Metadata]
) -> list[str | None]:
    """Keep the OCR of metadata as files that clients follow a link to; answers their ids, None where there is no OCR.

    Runs before the transaction: a file that no asset refers to in the end is swept away.
    """
    ocr_texts = [one.ocr for one in metadata if one.ocr]
    if not ocr_texts:
        return [None] * len(metadata)
    files = [NewFile.of(text.encode(), "application/json") for text in ocr_texts]
    stored = iter(await store_files(database, app_services, organization_id, files))
    return [next(stored).id if one.ocr else None for one in metadata]
