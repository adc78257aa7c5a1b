"""The keys that plugins have while they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage.database import Writer


async def insert_run_key(connection: Writer, values: Mapping[str, Any]) -> None:
    """Add a key whose writes are `depth` triggers deep. It does not count among those that a person may have."""
    await connection.fetch(
        """
        insert into api_key (id, user_id, name, hint, digest, expires_at, depth)
        values (:id, :user_id, :name, :hint, :digest, :expires_at, :depth)
        """,
        values,
    )


async def remove_run_key(connection: Writer, key_id: str) -> None:
    """Revoke a key and remove it: there is one for each call, and nothing will ever ask for it again."""
    await connection.fetch("update api_key set revoked_at = now() where id = :id", {"id": key_id})
    await connection.fetch("delete from api_key where id = :id and depth > 0", {"id": key_id})
