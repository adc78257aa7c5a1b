"""From a header to a person: one indexed read, no cache, so that what is revoked is refused at the next request."""

from __future__ import annotations

from domain.permission import Actor
from domain.secret import digest_of
from storage.actor import find_actor
from storage.database import Database

SCHEMES = ("X-API-Key:", "X-API-Key", "Bearer:", "Bearer")


def key_in(authorization: str | None) -> str | None:
    """The key of an `Authorization` header: `X-API-Key: <key>`, or the token of a log-in as `Bearer: <token>`."""
    if not authorization:
        return None
    for scheme in SCHEMES:
        if (
            authorization[: len(scheme)].lower() == scheme.lower()
            and authorization[len(scheme) : len(scheme) + 1] == " "
        ):
            return authorization[len(scheme) + 1 :].strip() or None
    return None


async def authenticate(database: Database, authorization: str | None) -> Actor | None:
    """The person behind a header; None for no key, an unknown, expired or revoked one, or a person who is not activated."""
    key = key_in(authorization)
    if key is None:
        return None
    async with database.steady() as connection:
        return await find_actor(connection, digest_of(key))
