"""Whether a PostgreSQL keeps what it has committed."""

from __future__ import annotations

from labelyard.storage.database import Connection

UNSAFE = """
select name
from pg_settings
where name in ('fsync', 'synchronous_commit')
  and setting = 'off'
order by name
"""


async def unsafe_settings(connection: Connection) -> list[str]:
    """The names of settings that are off, as sessions of labelyard have them, and on which committed data hangs."""
    return [row["name"] for row in await connection.fetch(UNSAFE)]
