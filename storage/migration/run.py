"""Applying migrations. Loaded only when there is something to apply: Alembic takes a while to import."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from domain.error import Unavailable

MIGRATION_LOCK = 7_205_230


def alembic_config() -> Config:
    """Alembic's view of this folder."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def newest_revision() -> str | None:
    """The newest migration of this code."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


async def migrate(url: str, *, target: str = "head", downgrade: bool = False) -> None:
    """Bring a database to a migration. Of several processes that start at once, one works and the others wait."""
    engine = create_async_engine(async_url(url))
    try:
        async with engine.begin() as connection:
            await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await connection.run_sync(_apply, target, downgrade)
    except CommandError as error:
        raise Unavailable(
            f"The database was made by a newer labelyard ({error}); start that version, or restore a backup."
        ) from error
    finally:
        await engine.dispose()


def migrate_now(url: str, *, target: str = "head", downgrade: bool = False) -> None:
    """`migrate` for callers without an event loop."""
    asyncio.run(migrate(url, target=target, downgrade=downgrade))


def async_url(url: str) -> str:
    """The URL as SQLAlchemy wants it for asyncpg."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+asyncpg://" + url[len(prefix) :]
    return url


def _apply(connection: Connection, target: str, downgrade: bool) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    action: Any = command.downgrade if downgrade else command.upgrade
    action(config, target)
