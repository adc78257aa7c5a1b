"""What the commands share that work on the database itself, beside a server that runs or without one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from labelyard.domain.error import NotFound
from labelyard.server.settings import Settings, read_settings
from labelyard.server.start import database_url, open_database, prepare_data_dir
from labelyard.storage.database import Database
from labelyard.storage.origin import Origin, originating

CONNECTIONS = 2
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="The data directory that the server uses, if it was given one.")
]


def settings_in(data_dir: Path | None) -> Settings:
    """The settings, for a data directory if one is named."""
    return read_settings(**({"data_dir": data_dir} if data_dir is not None else {}))


def existing_settings(data_dir: Path | None) -> Settings:
    """The settings of a server that has run before: a wrong directory is told rather than filled with an empty database."""
    settings = settings_in(data_dir)
    if settings.database_url is None and not (settings.data_dir / "postgres").exists():
        raise NotFound(
            f"There is no labelyard data in {settings.data_dir}; name its directory with --data-dir or LABELYARD_DATA_DIR, "
            "or its database with LABELYARD_DATABASE_URL."
        )
    return settings


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[Database]:
    """The database, for as long as a command works on it."""
    prepare_data_dir(settings)
    url = await asyncio.to_thread(database_url, settings)
    with originating(Origin(operation="command line")):
        async with open_database(settings, url, size=CONNECTIONS) as database:
            yield database


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns that line up; the last one is as long as it is. What people wrote cannot move the cursor."""
    texts = [[printable(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    for row in texts:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def printable(text: str) -> str:
    """A text that cannot move the cursor."""
    return "".join(character if character.isprintable() else "?" for character in text)
