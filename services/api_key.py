"""Writing API keys."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from labelyard.domain.error import Conflict, NotFound
from labelyard.domain.secret import PREFIX, digest_of, hint_of, key_of, strong_key_of
from labelyard.domain.text import MAX_NAME, within
from labelyard.services.identity import new_id
from labelyard.storage.api_key import count_live_keys, has_key, insert_key, revoke_keys_of
from labelyard.storage.database import Writer
from labelyard.storage.user import lock_user

KEY_DAYS = 365
MAX_LIVE_KEYS = 20


def new_key() -> str:
    """A key of 256 random bits with a prefix that scanners recognise."""
    return PREFIX + secrets.token_urlsafe(32)


async def add_key(connection: Writer, *, user_id: str, name: str, key: str, now: datetime, days: int = KEY_DAYS) -> str:
    """Keep the digest of a key and answer the key's id. A user has at most 20 keys that can be used."""
    key_id = new_id()
    values = {
        "id": key_id,
        "user_id": user_id,
        "name": within(name, name="The name of a key", limit=MAX_NAME),
        "hint": hint_of(key_of(key)),
        "digest": digest_of(key),
        "expires_at": now + timedelta(days=days),
    }
    # The lock makes concurrent requests count one after the other.
    if await lock_user(connection, user_id) is None:
        raise NotFound(f"[notFound] No user {user_id!r} is visible to you.", userId=user_id)
    if await count_live_keys(connection, user_id) >= MAX_LIVE_KEYS:
        raise Conflict(
            f"[quotaReached] A user has at most {MAX_LIVE_KEYS} keys; revoke one with `labelyard key revoke` first.",
            limit=MAX_LIVE_KEYS,
        )
    if not await insert_key(connection, values):
        if await has_key(connection, user_id, digest_of(key)):
            raise Conflict(
                "[keyTaken] You have this key already, or had it until it was revoked; choose another one, at random."
            )
        # A key that somebody else has stays theirs. The answer does not reveal it: the row stored here opens nothing.
        await insert_key(connection, {**values, "digest": f"taken {key_id}"})
    return key_id


async def add_chosen_key(connection: Writer, *, user_id: str, name: str, key: str, now: datetime) -> str:
    """Store a key that a client chose and answer its id; a key that could be guessed is refused."""
    return await add_key(connection, user_id=user_id, name=name, key=strong_key_of(key), now=now)


async def replace_keys(connection: Writer, *, user_id: str, key: str, now: datetime) -> None:
    """Make a key the only one of a user, as clients expect that know one key for each user."""
    await revoke_keys_of(connection, user_id)
    await add_chosen_key(connection, user_id=user_id, name="replaced key", key=key, now=now)
