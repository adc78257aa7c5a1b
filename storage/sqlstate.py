"""States of the database with names of ours, raised by functions of the migrations. PostgreSQL itself uses no class `LY`."""

from __future__ import annotations

import asyncpg

STALE_READ = "LY001"
"""What a statement was based on has changed since it was read: `labelyard_stale_read()`."""


def is_stale_read(error: asyncpg.PostgresError) -> bool:
    """Whether a statement was refused because what it was based on has changed."""
    return bool(error.sqlstate == STALE_READ)
