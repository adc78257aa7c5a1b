"""Handing out the next asset."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from labelyard.domain.permission import Action, Actor
from labelyard.services.guard import refuse_archived
from labelyard.services.identity import new_id
from labelyard.storage.asset_lock import add_assignee, release_locks, take_lock
from labelyard.storage.asset_queue import Choice, choose_next, queue_of
from labelyard.storage.database import Writer

LABELING = ("TODO", "ONGOING")
REVIEW = ("TO_REVIEW",)
# How often a person who has had none for a while is given a honeypot. They come at most once in five.
HONEYPOT_CHANCE = 0.5
# Each attempt passes over one asset that somebody took while it was being chosen.
ATTEMPTS = 200
# Seconds between looks at a queue of which all that is left is just being written to; some seconds in all, for an import
# may hold its assets that long.
PAUSES = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, *[0.5] * 8)


async def next_asset(
    transaction: Callable[[], AbstractAsyncContextManager[Writer]],
    actor: Actor,
    project_id: str,
    *,
    seen: Sequence[str] = (),
    in_review: bool | None = None,
) -> str | None:
    """Choose the next asset of a person in a project and lock it for them; None when there is nothing to do.

    `seen` are assets the person is done with: their locks end, and they are passed over. `in_review` narrows the queue to
    review, or to labeling when it is False. What another transaction is writing to is passed over without waiting; when
    nothing else is left, the queue is looked at again in a moment, without a connection in between.
    """
    for pause in (*PAUSES, None):
        async with transaction() as connection:
            choice = await _choose(connection, actor, project_id, seen=seen, in_review=in_review)
        if not choice.is_contended or pause is None:
            return choice.asset_id
        await asyncio.sleep(pause)
    return None


async def _choose(
    connection: Writer, actor: Actor, project_id: str, *, seen: Sequence[str], in_review: bool | None
) -> Choice:
    queue = await queue_of(connection, project_id, actor, in_review=in_review)
    if queue is None:
        return Choice(None)
    refuse_archived(project_id, queue["archived_at"])
    if seen:
        await release_locks(connection, seen, user_id=actor.user_id)
    statuses = (() if in_review else LABELING) + (
        REVIEW if in_review is not False and actor.may(Action.REVIEW_LABELS, project_id) else ()
    )
    wants_honeypot = queue["use_honeypot"] and not queue["had_honeypot"] and random.random() < HONEYPOT_CHANCE  # noqa: S311
    passed = list(seen)
    for _ in range(ATTEMPTS):
        choice = await choose_next(
            connection,
            project_id,
            actor,
            steps=queue["steps"],
            statuses=statuses,
            seen=passed,
            wants_honeypot=wants_honeypot,
        )
        if choice.asset_id is None:
            return choice
        if await take_lock(connection, new_id(), choice.asset_id, actor.user_id) is not None:
            if queue["should_auto_assign"]:
                await add_assignee(connection, choice.asset_id, actor.user_id)
            return choice
        passed.append(choice.asset_id)
    return Choice(None)
