"""Find the person of an `Authorization` header: one indexed read and no cache, so that a revoked key is refused at once."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

from labelyard.domain.address import client_network
from labelyard.domain.permission import Actor
from labelyard.domain.secret import digest_of
from labelyard.server.edge.exchange import Caller
from labelyard.server.edge.load import Load
from labelyard.storage.actor import find_actors
from labelyard.storage.burst import settled
from labelyard.storage.database import Database

MAX_REMEMBERED_KEYS: Final = 10_000
# A look-up is one statement by an index.
LOOK_UP_SECONDS: Final = 10.0
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

    A request is looked up at once. Requests that arrive during a look-up share the next one, which begins after all of them have
    arrived: a revoked key is refused at the next request, and sixteen clients cost little more than one. Once requests have
    shared a look-up, the next one is for all that arrive in one burst.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, asyncio.Future[Actor | None]] = {}
        self._asked = 0
        self._is_reading = False
        self._is_crowded = False

    async def actor_of(self, digest: str) -> Actor | None:
        """The person behind the digest of a key or of a session's token.

        None for an unknown, expired or revoked one, or a person who is not activated.
        """
        if self._is_reading or self._is_crowded:
            if digest not in self._waiting:
                self._waiting[digest] = asyncio.get_running_loop().create_future()
            self._asked += 1
            if not self._is_reading:
                self._is_reading = True
                self._reader = asyncio.create_task(self._read_waiting())
            return await asyncio.shield(self._waiting[digest])
        self._is_reading = True
        try:
            return (await self.actors_of([digest])).get(digest)
        finally:
            if self._waiting:
                self._reader = asyncio.create_task(self._read_waiting())
            else:
                self._is_reading = False

    async def _read_waiting(self) -> None:
        """Look up the keys that wait, until none does."""
        try:
            while self._waiting:
                await settled(lambda: self._asked)
                self._is_crowded = self._asked > 1
                self._asked = 0
                waiting, self._waiting = self._waiting, {}
                try:
                    async with asyncio.timeout(LOOK_UP_SECONDS):
                        found = await self.actors_of(list(waiting))
                except Exception as error:
                    for future in waiting.values():
                        future.set_exception(error)
                        future.exception()  # marks it as read: the waiting client may have hung up
                else:
                    for digest, future in waiting.items():
                        future.set_result(found.get(digest))
        finally:
            self._is_reading = False

    async def actors_of(self, digests: Collection[str]) -> dict[str, Actor]:
        """The people behind digests, in one statement."""
        async with self._database.autocommit() as connection:
            return await find_actors(connection, digests)


class Callers:
    """Finds the caller of a request, and limits guesses of keys by address.

    A key that was valid before is looked up even from an address with too many wrong keys: several people may share an address.
    """

    def __init__(self, authenticator: Authenticator, load: Load) -> None:
        self.authenticator = authenticator
        self._load = load
        self._valid: dict[str, None] = {}

    async def find(self, authorization: str | None, address: str) -> Caller | None:
        """The caller by an `Authorization` header; see `find_key`."""
        return await self.find_key(key_in(authorization), address)

    async def find_key(self, key: str | None, address: str) -> Caller | None:
        """The caller; None without a valid key. Raises TooManyRequests for an address with too many wrong keys."""
        if key is None:
            return None
        digest = digest_of(key)
        was_valid = digest in self._valid
        if not was_valid:
            self._load.require_few_failures(client_network(address))
        actor = await self.authenticator.actor_of(digest)
        if actor is None:
            self._valid.pop(digest, None)
            self._load.count_failure(client_network(address))
            return None
        if not was_valid:
            self._valid[digest] = None
            if len(self._valid) > MAX_REMEMBERED_KEYS:
                del self._valid[next(iter(self._valid))]
        return Caller(digest, actor.organization_id, actor)
