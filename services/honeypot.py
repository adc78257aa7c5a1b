"""Honeypots: assets whose right answer is known."""

from __future__ import annotations

from labelyard.storage.database import Writer
from labelyard.storage.mark import request_labeled_marks


async def mark_honeypot(connection: Writer, asset_id: str) -> None:
    """Mark an asset as a honeypot; its marks are computed anew."""
    await connection.fetch("update asset set is_honeypot = true, updated_at = now() where id = :id", {"id": asset_id})
    await request_labeled_marks(connection, [asset_id])
