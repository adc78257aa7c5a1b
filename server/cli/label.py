"""The command `labelyard label`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from labelyard.domain.error import NotFound
from labelyard.server.cli.database import DataDir, existing_settings, opened_database, print_table
from labelyard.storage.database import Row
from labelyard.storage.event import versions_of_label

label_app = typer.Typer(name="label", help="Look at labels.", no_args_is_help=True)


@label_app.callback()
def label() -> None:
    """Look at labels."""


@label_app.command("history")
def history(
    label_id: Annotated[str, typer.Argument(metavar="ID", help="The label's id.")], data_dir: DataDir = None
) -> None:
    """Show every answer that a label has had, with who wrote it and when."""
    settings = existing_settings(data_dir)

    async def run() -> list[Row]:
        async with opened_database(settings) as database, database.reader() as connection:
            return await versions_of_label(connection, label_id)

    rows = asyncio.run(run())
    if not rows:
        raise NotFound(f"There is no label with the id {label_id!r}.")
    print_table(
        ("VERSION", "WRITTEN", "BY", "ANSWER"),
        [
            (
                str(row["number"]),
                row["created_at"].strftime("%Y-%m-%d %H:%M:%S"),
                row["email"] or row["author_id"] or "",
                row["json_response"],
            )
            for row in rows
        ],
    )
