"""The one line of migrations, applied at start under an advisory lock."""

from __future__ import annotations

from labelyard.storage.database import Connection

# The newest migration; a test holds it equal to what Alembic finds, so that a start need not load Alembic to ask.
HEAD = "0036"


async def has_current_schema(connection: Connection) -> bool:
    """Whether the database is at the newest migration."""
    return await schema_revision(connection) == HEAD


async def schema_revision(connection: Connection) -> str | None:
    """The migration a database is at; None for an empty one."""
    exists = await connection.fetch_value("select to_regclass('alembic_version') is not null")
    if not exists:
        return None
    revision = await connection.fetch_value("select version_num from alembic_version")
    return None if revision is None else str(revision)
