"""The first start: an organization, its administrator, and a key that is shown once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from domain.error import BadUserInput
from domain.secret import PREFIX, digest_of, hint_of
from domain.text import email_of
from services.identity import new_id
from storage.database import Connection

KEY_DAYS = 365
LEAST_KEY_CHARACTERS = 20
FIRST_START_LOCK = 7_205_231


def new_key() -> str:
    """A key of 256 random bits with a prefix that scanners recognise."""
    return PREFIX + secrets.token_urlsafe(32)


async def add_key(
    connection: Connection, *, user_id: str, name: str, key: str, now: datetime, days: int = KEY_DAYS
) -> str:
    """Keep the digest of a key and answer the key's id."""
    if len(key) < LEAST_KEY_CHARACTERS:
        raise BadUserInput(f"An API key has at least {LEAST_KEY_CHARACTERS} characters; this one has {len(key)}.")
    identifier = new_id()
    await connection.fetch(
        "insert into api_key (id, user_id, name, hint, digest, expires_at) "
        "values (:id, :user_id, :name, :hint, :digest, :expires_at)",
        {
            "id": identifier,
            "user_id": user_id,
            "name": name,
            "hint": hint_of(key),
            "digest": digest_of(key),
            "expires_at": now + timedelta(days=days),
        },
    )
    return identifier


async def first_start(
    connection: Connection, *, email: str, organization: str, key: str | None, now: datetime
) -> str | None:
    """Create the first administrator if there is no user at all; answers the key, None when there was somebody.

    The advisory lock lets one of several processes that start at once do it.
    """
    await connection.fetch("select pg_advisory_xact_lock(:lock)", {"lock": FIRST_START_LOCK})
    if await connection.fetch_value("select exists (select 1 from user_account)"):
        return None
    organization_id, user_id = new_id(), new_id()
    await connection.fetch(
        "insert into organization (id, name) values (:id, :name)", {"id": organization_id, "name": organization}
    )
    await connection.fetch(
        "insert into user_account (id, organization_id, email, firstname, lastname, organization_role) "
        "values (:id, :organization_id, :email, 'First', 'Administrator', 'ADMIN')",
        {"id": user_id, "organization_id": organization_id, "email": email_of(email)},
    )
    made = key or new_key()
    await add_key(connection, user_id=user_id, name="first key", key=made, now=now)
    return made
