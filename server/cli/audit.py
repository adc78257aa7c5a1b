"""The command `labelyard audit`: the record of what happened."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated

import typer

from labelyard.domain.error import BadUserInput, Conflict
from labelyard.server.cli.database import DataDir, existing_settings, opened_database
from labelyard.services.event_chain import ChainReport, verify_chain

audit_app = typer.Typer(name="audit", help="Check the record of what happened.", no_args_is_help=True)


@audit_app.callback()
def audit() -> None:
    """Check the record of what happened."""


@audit_app.command("verify")
def verify(
    head: Annotated[
        str | None,
        typer.Option(help="A hash that an earlier check printed: the entry it belongs to must still be there."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Check that no entry of the record was changed or removed. Exit code 1 when one was."""
    settings = existing_settings(data_dir)
    if head is not None and not re.fullmatch(r"[0-9a-f]{64}", head):
        raise BadUserInput("A hash is 64 digits and letters from 0 to f, as `labelyard audit verify` prints it.")

    async def run() -> ChainReport:
        async with opened_database(settings) as database:
            return await verify_chain(database, head=head)

    report = asyncio.run(run())
    if report.fault is not None:
        raise Conflict(f"The record is not whole: {report.fault}. The {report.entries} entries before are in order.")
    if not report.has_head:
        raise Conflict(f"The record is not whole: none of its {report.entries} entries has the hash {head}.")
    print(f"{report.entries} entries are in order, {report.waiting} wait for their place. The hash of the last one:")
    print(report.head.hex())
