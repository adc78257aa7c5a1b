"""Group commit: single labels that arrive while others are being written share the next statement.

One label alone is written at once. Under load each write takes along whatever has come in meanwhile, which is worth two to three
times the throughput. Each label is answered after the commit that holds it, and refused for its own reasons only: when a
group cannot be written as one, its labels are written one by one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from domain.error import Refusal
from domain.permission import Actor
from services.environment import Environment
from services.label import CheckedSubmission, Submission, check_labels
from services.label_append import append_group, group_key, is_usual, submit, submit_locked
from storage.database import Connection, Database, Row
from storage.label import assets_for_submission
from storage.label_append import Overtaken

LARGEST_GROUP = 64


@dataclass(slots=True)
class _Waiting:
    """One label on its way, and who waits for it."""

    actor: Actor
    submission: Submission
    done: asyncio.Future[CheckedSubmission]


class LabelQueue:
    """The single labels of one process on their way to the database."""

    def __init__(self, database: Database, environment: Environment) -> None:
        self._database = database
        self._environment = environment
        self._waiting: deque[_Waiting] = deque()
        self._is_writing = False

    async def submit(self, actor: Actor, submission: Submission) -> CheckedSubmission:
        """Check and write one label, alone or with others."""
        if self._is_writing:
            waiting = _Waiting(actor, submission, asyncio.get_running_loop().create_future())
            self._waiting.append(waiting)
            return await waiting.done
        self._is_writing = True
        try:
            return await submit(self._database, self._environment, actor, submission)
        finally:
            if self._waiting:
                self._writer = asyncio.create_task(self._write_waiting())
            else:
                self._is_writing = False

    async def _write_waiting(self) -> None:
        """Write group after group until nobody waits."""
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_GROUP))]
                await self._write(group)
        finally:
            self._is_writing = False

    async def _write(self, group: list[_Waiting]) -> None:
        """Write a group; whoever is left without an answer is written alone."""
        try:
            async with self._database.steady() as connection:
                await self._write_together(connection, group)
        except Exception:  # noqa: S110 - told to nobody: each is tried again alone and hears its own error
            pass
        for waiting in group:
            if waiting.done.done():
                continue
            try:
                answer = await submit_locked(self._database, self._environment, waiting.actor, waiting.submission)
            except BaseException as error:
                if not waiting.done.done():
                    waiting.done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                if not waiting.done.done():
                    waiting.done.set_result(answer)

    async def _write_together(self, connection: Connection, group: list[_Waiting]) -> None:
        """Check everybody's label, and write those that can be written by one statement."""
        together: dict[object, list[tuple[_Waiting, CheckedSubmission]]] = {}
        for members in _by_actor(group):
            ids = [label.asset_id for waiting in members for label in waiting.submission.labels]
            assets = await assets_for_submission(connection, ids, members[0].actor)
            for waiting in members:
                checked = await self._checked(connection, waiting, assets)
                if checked is not None and is_usual(checked):
                    together.setdefault(group_key(checked), []).append((waiting, checked))
        for written in together.values():
            try:
                await append_group(connection, [checked for _, checked in written])
            except Overtaken:
                continue
            for waiting, checked in written:
                if not waiting.done.done():
                    waiting.done.set_result(checked)

    async def _checked(
        self, connection: Connection, waiting: _Waiting, assets: Mapping[str, Row]
    ) -> CheckedSubmission | None:
        """The checked submission; None for one that is refused, which is told to who waits."""
        wanted = {label.asset_id for label in waiting.submission.labels}
        own = {identifier: assets[identifier] for identifier in wanted & assets.keys()}
        try:
            return await check_labels(connection, self._environment, waiting.actor, waiting.submission, own)
        except Refusal as refusal:
            waiting.done.set_exception(refusal)
            return None


def _by_actor(group: list[_Waiting]) -> list[list[_Waiting]]:
    """The labels of each person together: what is read of assets depends on who asks."""
    members: dict[str, list[_Waiting]] = {}
    for waiting in group:
        members.setdefault(waiting.actor.user_id, []).append(waiting)
    return list(members.values())
