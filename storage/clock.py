"""The clock of the database, which all processes share."""

from __future__ import annotations

from datetime import datetime

from labelyard.storage.database import Connection


async def database_now(connection: Connection) -> datetime:
    """The time of the statement, or of the transaction that is open."""
    now: datetime = await connection.fetch_value("select now()")
    return now
