"""Handing out the next asset."""

from __future__ import annotations

import random
from collections.abc import Sequence

from domain.error import Forbidden
from domain.permission import Action, Actor
from services.identity import new_id
from storage.asset_lock import add_assignee, choose_next, queue_of, release_locks, take_lock
from storage.database import Connection

LABELING = ("TODO", "ONGOING")
REVIEW = ("TO_REVIEW",)
# How often a person who has had none for a while is given a honeypot. They come at most once in five.
HONEYPOT_CHANCE = 0.5
# Each attempt passes over one asset that somebody took while it was being chosen.
ATTEMPTS = 200


async def next_asset(
    connection: Connection,
    actor: Actor,
    project_id: str,
    *,
    seen: Sequence[str] = (),
    in_review: bool | None = None,
) -> str | None:
    """Choose the next asset of a person in a project and lock it for them; None when there is nothing to do.

    `seen` are assets the person is done with: their locks end, and they are passed over. `in_review` narrows the queue to
    review, or to labeling when it is False.
    """
    queue = await queue_of(connection, project_id, actor, in_review=in_review)
    if queue is None:
        return None
    if queue["archived_at"] is not None:
        raise Forbidden(
            f"[archivedProject] Project {project_id} is archived; unarchive it to label again.", projectId=project_id
        )
    if seen:
        await release_locks(connection, seen, user_id=actor.user_id)
    statuses = (() if in_review else LABELING) + (
        REVIEW if in_review is not False and actor.may(Action.REVIEW_LABELS, project_id) else ()
    )
    wants_honeypot = queue["use_honeypot"] and not queue["had_honeypot"] and random.random() < HONEYPOT_CHANCE  # noqa: S311
    passed = list(seen)
    for _ in range(ATTEMPTS):
        asset_id = await choose_next(
            connection,
            project_id,
            actor,
            steps=queue["steps"],
            statuses=statuses,
            seen=passed,
            wants_honeypot=wants_honeypot,
        )
        if asset_id is None:
            return None
        if await take_lock(connection, new_id(), asset_id, actor.user_id):
            if queue["should_auto_assign"]:
                await add_assignee(connection, asset_id, actor.user_id)
            return asset_id
        passed.append(asset_id)
    return None
