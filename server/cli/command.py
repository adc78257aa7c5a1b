"""The command `labelyard`."""

from __future__ import annotations

import asyncio
import sys
from importlib import metadata
from typing import Annotated

import typer

from labelyard.domain.error import ClientError, Misconfigured
from labelyard.server.cli.audit import audit_app
from labelyard.server.cli.dataapi import dataapi_app
from labelyard.server.cli.database import DataDir, opened_database, settings_in
from labelyard.server.cli.export import export_to
from labelyard.server.cli.import_assets import import_from
from labelyard.server.cli.job import job_app
from labelyard.server.cli.label import label_app
from labelyard.server.cli.model import model_app
from labelyard.server.cli.people import key_app, user_app
from labelyard.server.cli.postgres import run_postgres_program
from labelyard.server.cli.predict import predict_from
from labelyard.server.cli.step_group import step_group_app
from labelyard.server.cli.webhook import webhook_app
from labelyard.server.logs import set_up_logs
from labelyard.server.settings import read_settings

app = typer.Typer(
    name="labelyard",
    help="A self-hosted labeling backend that speaks Kili's GraphQL API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(user_app)
app.add_typer(key_app)
app.add_typer(step_group_app)
app.add_typer(job_app)
app.command("export")(export_to)
app.add_typer(audit_app)
app.add_typer(label_app)
app.add_typer(model_app)
app.add_typer(webhook_app)
app.add_typer(dataapi_app)
app.command("import")(import_from)
app.command("predict")(predict_from)
app.command("postgres", context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True})(
    run_postgres_program
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        print(f"labelyard {metadata.version('labelyard')}")
        raise typer.Exit


@app.callback()
def labelyard(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """A self-hosted labeling backend that speaks Kili's GraphQL API."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    data_dir: Annotated[str | None, typer.Option(help="Where files and the embedded database live.")] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leave jobs to `labelyard worker`.")] = False,
) -> None:
    """Serve until told to stop."""
    options = {"host": host, "port": port, "data_dir": data_dir, "worker": False if no_worker else None}
    settings = read_settings(**{name: value for name, value in options.items() if value is not None})
    set_up_logs(settings.log_level)
    from labelyard.server.serve import run

    run(settings)


@app.command()
def worker(data_dir: DataDir = None) -> None:
    """Run jobs until told to stop, beside servers on the same database."""
    settings = settings_in(data_dir)
    set_up_logs(settings.log_level)
    from labelyard.server.worker import run

    run(settings)


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to the schema of this version, as `serve` does at its start."""
    from labelyard.storage.migration import HEAD

    async def run() -> None:
        async with opened_database(settings_in(data_dir)):
            pass

    asyncio.run(run())
    print(f"The database is at migration {HEAD}.")


@app.command()
def schema(
    missing: Annotated[
        bool, typer.Option("--missing", help="List what clients ask for and the schema does not have.")
    ] = False,
    data_dir: DataDir = None,  # every command takes it, so that it can be put into an alias
) -> None:
    """Print the GraphQL schema."""
    from labelyard.resolvers.schema import missing_operations, schema_text

    print("\n".join(missing_operations()) if missing else schema_text().rstrip("\n"))


def main() -> None:
    """Run the command; a refusal is one line and exit code 1, or 2 where a setting or the mode of a file has to be changed."""
    try:
        app()
    except ClientError as refusal:
        for line in refusal.message.splitlines():
            print(f"labelyard: {line}", file=sys.stderr)
        raise SystemExit(2 if isinstance(refusal, Misconfigured) else 1) from None
