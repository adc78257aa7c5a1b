"""Statements about API keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage.database import Connection, Row, Writer

LIVE = "revoked_at is null and expires_at > now()"


async def insert_key(connection: Writer, values: Mapping[str, Any]) -> bool:
    """Keep a key; answers whether its text was new, which the unique key decides."""
    text = """
    insert into api_key (id, user_id, name, hint, digest, expires_at)
    values (:id, :user_id, :name, :hint, :digest, :expires_at)
    on conflict (digest) do nothing
    returning id
    """
    return await connection.fetch_value(text, values) is not None


async def has_key(connection: Connection, user_id: str, digest: str) -> bool:
    """Whether a key, live or not, is a user's own."""
    return bool(
        await connection.fetch_value(
            "select exists (select 1 from api_key where digest = :digest and user_id = :user_id)",
            {"digest": digest, "user_id": user_id},
        )
    )


async def count_live_keys(connection: Connection, user_id: str) -> int:
    """How many keys of a user can be used."""
    text = f"select count(*) from api_key where user_id = :user_id and {LIVE}"
    return int(await connection.fetch_value(text, {"user_id": user_id}))


async def revoke_keys_of(connection: Writer, user_id: str) -> None:
    """Revoke every key of a user that is not revoked yet."""
    await connection.fetch(
        "update api_key set revoked_at = now() where user_id = :user_id and revoked_at is null", {"user_id": user_id}
    )


async def revoke_key(connection: Writer, key_id: str) -> Row | None:
    """Revoke a key; answers its owner and whether it was revoked before, None when there is no such key."""
    return await connection.fetch_one(
        """
        update api_key k
        set revoked_at = coalesce(k.revoked_at, now())
        from user_account u, api_key before
        where k.id = :id and u.id = k.user_id and before.id = k.id
        returning u.email, before.revoked_at is not null as was_revoked
        """,
        {"id": key_id},
    )


async def list_keys(connection: Connection, email: str | None) -> list[Row]:
    """Keys with their owners, of one person or of all, oldest first."""
    return await connection.fetch(
        """
        select k.id, k.hint, k.name, u.email, k.created_at, k.expires_at,
          case
            when k.revoked_at is not null then 'revoked'
            when k.expires_at <= now() then 'expired'
            when not u.activated then 'inactive'
            else 'live'
          end as state
        from api_key k join user_account u on u.id = k.user_id
        where :email::text is null or u.email = :email
        order by k.position
        """,
        {"email": email},
    )
