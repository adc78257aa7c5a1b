"""Telling users about work in the background."""

from __future__ import annotations

from domain.permission import Actor
from services.identity import new_id
from storage.database import Connection


async def tell_finished(connection: Connection, actor: Actor, message: str) -> str:
    """Leave the actor a notification of work that succeeded, and answer its id."""
    identifier = new_id()
    await connection.fetch(
        "insert into notification (id, user_id, message, status, progress) values (:id, :user_id, :message, 'SUCCESS', 100)",
        {"id": identifier, "user_id": actor.user_id, "message": message},
    )
    return identifier
