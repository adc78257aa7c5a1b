"""The command `labelyard postgres`: the tools of the embedded PostgreSQL, connected to it."""

from __future__ import annotations

from typing import Annotated

import typer

from labelyard.domain.error import BadUserInput
from labelyard.server.cli.database import DataDir, existing_settings
from labelyard.server.start import embedded_postgres


def run_postgres_program(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="psql, pg_dump, pg_restore or another one.")],
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[ARGUMENTS]...", help="Its arguments.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Run a program of the embedded PostgreSQL on its database: what it connects to is set, also beside a server that runs."""
    postgres = embedded_postgres(existing_settings(data_dir))
    if postgres is None:
        raise BadUserInput(
            "The database is not embedded: LABELYARD_DATABASE_URL names it. Run the tools of its own PostgreSQL on that URL."
        )
    postgres.start()
    raise SystemExit(postgres.run_program(program, arguments or []))
