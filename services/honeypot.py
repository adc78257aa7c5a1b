"""Honeypots: assets whose right answer is known."""

from __future__ import annotations

from labelyard.storage.asset import set_honeypot
from labelyard.storage.database import Writer
from labelyard.storage.mark_request import request_labeled_marks


async def make_honeypot(connection: Writer, asset_id: str) -> None:
    """Make an asset a honeypot; its marks are computed anew."""
    await set_honeypot(connection, asset_id)
    await request_labeled_marks(connection, [asset_id])
