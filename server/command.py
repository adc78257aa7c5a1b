"""The command `labelyard`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from domain.error import Refusal
from server.command_people import key_app, user_app
from server.command_step_group import step_group_app
from server.logs import set_up_logs
from server.settings import WrongSetting, print_wrong_setting, read_settings

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


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    data_dir: Annotated[str | None, typer.Option(help="Where files and the embedded database live.")] = None,
) -> None:
    """Serve until told to stop."""
    given = {"host": host, "port": port, "data_dir": data_dir}
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    set_up_logs(settings.log_level)
    from server.serve import run

    run(settings)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version, as `serve` does at its start."""
    from server.start import database_url, prepare_data_dir
    from storage.migration.run import migrate_now, newest_revision

    settings = read_settings()
    prepare_data_dir(settings)
    migrate_now(database_url(settings))
    print(f"The database is at migration {newest_revision()}.")


@app.command()
def schema(
    missing: Annotated[bool, typer.Option("--missing", help="List the operations without behaviour instead.")] = False,
) -> None:
    """Print the GraphQL schema."""
    from resolvers.schema import missing_operations, schema_text

    print("\n".join(missing_operations()) if missing else schema_text().rstrip("\n"))


def main() -> None:
    """Run the command; a refusal is one line and exit code 1, a setting that cannot be used exit code 2."""
    try:
        app()
    except WrongSetting as error:
        print_wrong_setting(error)
        raise SystemExit(2) from None
    except Refusal as refusal:
        print(f"labelyard: {refusal.message}", file=sys.stderr)
        raise SystemExit(1) from None
