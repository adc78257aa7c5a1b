"""Group commit: single labels that arrive while others are being written share the next statement.

One label alone is written at once. Under load each write takes along whatever has come in meanwhile, which is worth two to three
times the throughput; once labels have shared a statement, the next one waits for those of the same burst of requests. Each label
is answered after the commit that holds it, and refused for its own reasons only: when the database has refused a group for
certain, its labels are written one by one. When it is unknown what became of a group, so are its labels: each is answered
`UnknownOutcome`, and none is sent again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg
import structlog

from labelyard.domain.error import ClientError, TimedOut, Unavailable, UnknownOutcome
from labelyard.domain.permission import Actor
from labelyard.services.app_services import AppServices
from labelyard.services.guard import Check, current_checks, recorded_checks
from labelyard.services.label.append import append_group, group_key, is_usual, submit, submit_locked
from labelyard.services.label.check import check_labels
from labelyard.services.label.submission import CheckedSubmission, Submission
from labelyard.storage.burst import settled
from labelyard.storage.database import Autocommit, Database, Row
from labelyard.storage.label import assets_for_submission
from labelyard.storage.label_append import StaleReadError
from labelyard.storage.outcome import Writes, current_writes, is_certain, recorded

log = structlog.get_logger("labelyard.label_queue")
LARGEST_GROUP = 64
ALONE_AT_ONCE = 4


@dataclass(slots=True, eq=False)
class _Waiting:
    """One label on its way, the call that waits for it, and what is recorded of that call: its writes, and its checks of rights."""

    actor: Actor
    submission: Submission
    done: asyncio.Future[CheckedSubmission | None]
    writes: Writes = field(default_factory=current_writes)
    checks: list[Check] = field(default_factory=current_checks)

    def answer(self, checked: CheckedSubmission | None) -> None:
        """End the waiting, unless the call has been given up; None lets it write its label alone."""
        if not self.done.done():
            self.done.set_result(checked)

    def refuse(self, error: ClientError) -> None:
        """End the waiting with an error, unless the call has been given up."""
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # looked at here: the call may be given up before it is


class LabelQueue:
    """The single labels of one process on their way to the database."""

    def __init__(self, database: Database, app_services: AppServices) -> None:
        self._database = database
        self._app_services = app_services
        self._waiting: deque[_Waiting] = deque()
        self._is_writing = False
        self._is_crowded = False
        self._alone = asyncio.Semaphore(ALONE_AT_ONCE)

    async def submit(self, actor: Actor, submission: Submission) -> CheckedSubmission:
        """Check and write one label, alone or with others."""
        if self._is_writing or self._is_crowded:
            waiting = _Waiting(actor, submission, asyncio.get_running_loop().create_future())
            self._waiting.append(waiting)
            if not self._is_writing:
                self._is_writing = True
                self._writer = asyncio.create_task(self._write_waiting())
            checked = await waiting.done
            if checked is not None:
                return checked
            async with self._alone:
                return await submit_locked(self._database, self._app_services, actor, submission)
        self._is_writing = True
        try:
            return await submit(self._database, self._app_services, actor, submission)
        finally:
            if self._waiting:
                self._writer = asyncio.create_task(self._write_waiting())
            else:
                self._is_writing = False

    async def _write_waiting(self) -> None:
        """Write group after group until nobody waits."""
        try:
            while self._waiting:
                await settled(lambda: len(self._waiting))
                group = self._next_group()
                self._is_crowded = len(group) > 1
                if group:
                    await self._write(group)
        finally:
            self._is_writing = False
            # Only left here when this task is cancelled, with the process.
            _refuse(self._waiting, _not_begun)
            self._waiting.clear()

    def _next_group(self) -> list[_Waiting]:
        """The calls to write for next; those given up meanwhile are left out, and nothing of theirs is written."""
        group: list[_Waiting] = []
        while self._waiting and len(group) < LARGEST_GROUP:
            waiting = self._waiting.popleft()
            if not waiting.done.done():
                group.append(waiting)
        return group

    async def _write(self, group: Sequence[_Waiting]) -> None:
        """Write a group; calls that nothing was sent for, or whose statement was refused for certain, write alone."""
        try:
            async with self._database.autocommit() as connection:
                await self._write_together(connection, group)
        except Unavailable as refusal:
            message = refusal.message
            _refuse(group, lambda: Unavailable(message))
        except UnknownOutcome:
            pass  # the calls of that statement have been answered
        except Exception as error:
            # Something about one of the labels, before anything was sent: each call finds out whether it is its own.
            log.warning("labels could not be written together", error=repr(error), labels=len(group))
        except BaseException:
            _refuse(group, _not_begun)
            raise
        for waiting in group:
            waiting.answer(None)

    async def _write_together(self, connection: Autocommit, group: Sequence[_Waiting]) -> None:
        """Check all labels, and write those that can be written by one statement."""
        together: dict[object, list[tuple[_Waiting, CheckedSubmission]]] = {}
        for members in _by_actor(group):
            ids = [label.asset_id for waiting in members for label in waiting.submission.labels]
            assets = await assets_for_submission(connection, ids, members[0].actor)
            for waiting in members:
                checked = await self._checked(connection, waiting, assets)
                if checked is not None and is_usual(checked):
                    together.setdefault(group_key(checked), []).append((waiting, checked))
        for members_of_key in together.values():
            # Calls given up since then are left out: until here, giving up means that nothing is written.
            await _write_statement(
                connection, [(waiting, checked) for waiting, checked in members_of_key if not waiting.done.done()]
            )

    async def _checked(
        self, connection: Autocommit, waiting: _Waiting, assets: Mapping[str, Row]
    ) -> CheckedSubmission | None:
        """The checked submission; None for one that is refused, which is answered at once."""
        wanted = {label.asset_id for label in waiting.submission.labels}
        own = {identifier: assets[identifier] for identifier in wanted & assets.keys()}
        try:
            with recorded_checks(waiting.checks):
                return await check_labels(connection, self._app_services, waiting.actor, waiting.submission, own)
        except Unavailable:
            raise
        except ClientError as refusal:
            waiting.refuse(refusal)
            return None


async def _write_statement(connection: Autocommit, members: Sequence[tuple[_Waiting, CheckedSubmission]]) -> None:
    """Write labels of one key by one statement, on behalf of all their calls, and answer these.

    After an error that is certain to have rolled back they stay without an answer.
    """
    if not members:
        return
    with recorded(Writes(*(waiting.writes for waiting, _ in members))) as writes:
        try:
            await append_group(connection, [checked for _, checked in members])
        except (StaleReadError, TimedOut):
            return
        except asyncpg.PostgresError as error:
            if is_certain(error):
                return
            raise
        except BaseException:
            if writes.may_have_happened:
                _refuse((waiting for waiting, _ in members), UnknownOutcome)
            raise
    for waiting, checked in members:
        waiting.answer(checked)


def _refuse(group: Iterable[_Waiting], error: Callable[[], ClientError]) -> None:
    for waiting in group:
        waiting.refuse(error())


def _not_begun() -> Unavailable:
    return Unavailable("The server is ending; nothing of this was written. Send it again in a moment.")


def _by_actor(group: Sequence[_Waiting]) -> list[list[_Waiting]]:
    """The labels of each person together: what is read of assets depends on who asks."""
    members: dict[str, list[_Waiting]] = {}
    for waiting in group:
        members.setdefault(waiting.actor.user_id, []).append(waiting)
    return list(members.values())
