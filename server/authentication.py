"""From a header to a person: one indexed read, no cache, so that what is revoked is refused at the next request."""

from __future__ import annotations

import asyncio

from domain.permission import Actor
from domain.secret import digest_of
from storage.actor import find_actors
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


class Authenticator:
    """Finds the person behind a header.

    One request is looked up at once. Those that come while a look-up is under way share the next one, which begins after each of
    them: so what is revoked is refused at the next request, and sixteen clients cost little more than one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, asyncio.Future[Actor | None]] = {}
        self._is_reading = False

    async def authenticate(self, authorization: str | None) -> Actor | None:
        """The person; None for no key, an unknown, expired or revoked one, or a person who is not activated."""
        key = key_in(authorization)
        if key is None:
            return None
        digest = digest_of(key)
        if self._is_reading:
            if digest not in self._waiting:
                self._waiting[digest] = asyncio.get_running_loop().create_future()
            return await asyncio.shield(self._waiting[digest])
        self._is_reading = True
        try:
            return (await self._found([digest])).get(digest)
        finally:
            if self._waiting:
                self._reader = asyncio.create_task(self._read_waiting())
            else:
                self._is_reading = False

    async def _read_waiting(self) -> None:
        """Look up all who wait, until nobody does."""
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                try:
                    found = await self._found(list(waiting))
                except Exception as error:
                    for future in waiting.values():
                        future.set_exception(error)
                        future.exception()  # whoever waited for it may have hung up
                else:
                    for digest, future in waiting.items():
                        future.set_result(found.get(digest))
        finally:
            self._is_reading = False

    async def _found(self, digests: list[str]) -> dict[str, Actor]:
        async with self._database.steady() as connection:
            return await find_actors(connection, digests)
