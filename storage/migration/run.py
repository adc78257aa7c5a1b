"""Applying migrations. Loaded only when there is something to apply: Alembic takes a while to import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from labelyard.domain.error import Unavailable
from labelyard.storage.advisory_lock import AdvisoryLock


def alembic_config() -> Config:
    """Alembic's view of this folder."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


async def migrate(url: str, *, target: str = "head", downgrade: bool = False) -> None:
    """Bring a database to a migration. Of several processes that start at once, one works and the others wait."""
    # The driver reads the URL itself, as the pool's does: SQLAlchemy would hand it `sslmode` and others as they are.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    try:
        async with engine.begin() as connection:
            await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": AdvisoryLock.MIGRATION})
            await connection.run_sync(_apply, target, downgrade)
    except CommandError as error:
        raise Unavailable(
            f"The database was made by a newer labelyard ({error}); start that version, or restore a backup."
        ) from error
    finally:
        await engine.dispose()


def _apply(connection: Connection, target: str, downgrade: bool) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    action: Any = command.downgrade if downgrade else command.upgrade
    action(config, target)
