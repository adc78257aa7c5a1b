"""Mutations that clients may send again: under the same key, the answer of the first time comes back.

The field runs in one transaction with its answer, which is read before the commit and kept by it. So there is no moment at which
something was done and nobody can say what: a client that has not heard the answer sends the request again. Of two that come at
once, the second waits for the first.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson

from labelyard.domain.error import Conflict, Forbidden, QueryTooComplex, TimedOut, TooManyRequests
from labelyard.domain.permission import Actor, ProjectRole
from labelyard.domain.repetition import HEADER, Repetition
from labelyard.resolvers.call import CompletedValue, RequestContext, UncheckedWriteError
from labelyard.services.credential import Credentials, UnreadableCredential
from labelyard.services.guard import current_checks, unknown_project
from labelyard.services.label.queue import LabelQueue
from labelyard.storage.actor import find_current
from labelyard.storage.database import Database, Writer
from labelyard.storage.fair_queue import FairQueue
from labelyard.storage.kept_answer import claim_key, keep_answer
from labelyard.storage.one_transaction import OneTransaction

MOST_BYTES: Final = 8 << 20
FROM_HIGHEST: Final = list(ProjectRole)


class OnceSlots:
    """How many fields of requests with a key run at a time: each holds a connection for as long as it takes.

    Those that wait for other servers have slots of their own, so that nothing else waits for these.
    """

    def __init__(self, database: Database) -> None:
        slots = database.share_of_writers
        self.quick = FairQueue(slots)
        self.slow = FairQueue(max(1, slots // 2))


@dataclass(frozen=True, slots=True)
class Once:
    """The key of one request, and what its fields need to be answered once."""

    repetition: Repetition
    slots: OnceSlots
    database: Database

    async def answer(
        self,
        context: RequestContext,
        actor: Actor,
        part: str,
        run: Callable[[], Awaitable[Any]],
        *,
        is_slow: bool,
        is_unchecked: Callable[[], bool],
    ) -> Any:
        """The answer that is kept of a field, else that of `run`, which is kept with all that it does."""
        slots = self.slots.slow if is_slow else self.slots.quick
        async with slots.taken(actor.user_id), self.database.transaction() as writer:
            kept = _Kept(writer, context.services.credentials, actor.user_id, self.repetition, part)
            found = await kept.find(actor)
            writer.has_written = False  # claiming a key is nothing to be committed
            if found is not None:
                context.warnings.extend(found["warnings"])
                return CompletedValue(found["value"]) if found["isComplete"] else found["value"]
            before = len(context.warnings)
            with _within(context, OneTransaction(self.database, writer)):
                value = await run()
            if writer.has_written and is_unchecked():
                raise UncheckedWriteError(f"{part} has written without a check of rights in any project")
            await kept.keep(value, context.warnings[before:], await _standing(writer, actor))
            return value


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of one field under a person's key."""

    writer: Writer
    credentials: Credentials
    user_id: str
    repetition: Repetition
    part: str

    async def find(self, actor: Actor) -> dict[str, Any] | None:
        """Hold the key, and answer what is kept; None when the field has not been answered yet.

        What was answered to a person with more rights than they have now is refused.
        """
        repetition = self.repetition
        try:
            row = await claim_key(
                self.writer, user_id=self.user_id, key=repetition.key, digest=repetition.digest, part=self.part
            )
        except TimedOut:
            raise TooManyRequests(
                f"The first request with this {HEADER} is still running; send it again in a moment for its answer."
            ) from None
        if row is None:
            raise self._used(
                "has been used for another request in the last 24 hours; take a new key for another request"
            )
        if row["answer"] is None:
            return None
        try:
            found = dict(orjson.loads(await asyncio.to_thread(self._opened, row["answer"])))
        except UnreadableCredential:
            raise self._used(
                "has been used, what was asked for is done, and its answer cannot be read any more: the secret of the server has "
                "changed since"
            ) from None

        _require_still(actor, found.get("standing", {}))
        return found

    async def keep(self, value: Any, warnings: list[dict[str, Any]], standing: dict[str, Any]) -> None:
        """Keep an answer, with the rights of who gets it."""
        is_complete = value.__class__ is CompletedValue
        said = {
            "value": value.value if is_complete else value,
            "isComplete": is_complete,
            "warnings": warnings,
            "standing": standing,
        }
        sealed = await asyncio.to_thread(self._sealed, said)
        if not await keep_answer(
            self.writer, user_id=self.user_id, key=self.repetition.key, part=self.part, answer=sealed
        ):
            raise TooManyRequests(
                f"So many requests with an {HEADER} came from you within a minute that their answers cannot be kept. Nothing was "
                "done: send this one again in a minute, or without a key."
            )

    @property
    def _purpose(self) -> str:
        return f"answer:{self.user_id}:{self.repetition.key}:{self.part}"

    def _sealed(self, said: dict[str, Any]) -> str:
        # Answers hold signed links, which are not to be read in a backup.
        text = orjson.dumps(said)
        if len(text) > MOST_BYTES:
            raise QueryTooComplex(
                f"The answer to a request with an {HEADER} is kept, and has {MOST_BYTES:,} bytes at most; this one would have "
                f"{len(text):,}. Nothing was done: ask for fewer fields, or send fewer items at once.",
                limit=MOST_BYTES,
                size=len(text),
            )
        return base64.b64encode(self.credentials.seal(text.decode(), self._purpose)).decode()

    def _opened(self, sealed: str) -> str:
        return self.credentials.unseal(base64.b64decode(sealed), self._purpose)

    def _used(self, how: str) -> Conflict:
        key = self.repetition.key
        return Conflict(f"[keyUsed] The {HEADER} {key!r} {how}.", header=HEADER, key=key)


async def _standing(writer: Writer, actor: Actor) -> dict[str, Any]:
    """The roles that an answer hangs on: those in projects where rights were checked, and in new ones.

    A role that the field has ended itself, as by deleting its project, is none of them.
    """
    after = await find_current(writer, actor)
    if after is None:
        return {}
    named = {*(check.project_id for check in current_checks()), *(after.roles.keys() - actor.roles.keys())}
    return {
        "isOrganizationAdmin": after.is_organization_admin,
        "roles": {project_id: role.value for project_id in named if (role := after.roles.get(project_id)) is not None},
    }


def _require_still(actor: Actor, standing: Mapping[str, Any]) -> None:
    """Refuse an answer that was read with rights which the person has no longer."""
    if actor.is_organization_admin:
        return
    if standing.get("isOrganizationAdmin"):
        raise _ended()
    for project_id, role in standing.get("roles", {}).items():
        now = actor.role_in(project_id)
        if now is None:
            raise unknown_project(project_id)
        if FROM_HIGHEST.index(now) > FROM_HIGHEST.index(ProjectRole(role)):
            raise _ended()


def _ended() -> Forbidden:
    return Forbidden(
        "[accessDenied] This request was done and answered when you had more rights than now; read what you may see with a query."
    )


@contextmanager
def _within(context: RequestContext, database: Database) -> Iterator[None]:
    """Have a request use a database, and a label queue on it, while the block runs."""
    before = context.database, context.label_queue
    context.database, context.label_queue = database, LabelQueue(database, context.services)
    try:
        yield
    finally:
        context.database, context.label_queue = before
