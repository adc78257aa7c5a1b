"""The command `labelyard dataapi`: projects of data tasks, for operators without a key."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from labelyard.domain.error import BadUserInput
from labelyard.server.app_services import app_services_of, public_url
from labelyard.server.cli.bulk import OfOrganization, Person, active_person
from labelyard.server.cli.database import DataDir, existing_settings, opened_database
from labelyard.services.door.project import required_project
from labelyard.storage.database import Row
from labelyard.storage.door_task import DOOR

dataapi_app = typer.Typer(name="dataapi", help="Projects of data tasks.", no_args_is_help=True)
project_app = typer.Typer(name="project", help="Make projects of data tasks.", no_args_is_help=True)
dataapi_app.add_typer(project_app)


@project_app.callback()
def project() -> None:
    """Make projects of data tasks."""


@project_app.command("create")
def create(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The fields of the project as JSON; - reads them from standard input."),
    ],
    email: Person,
    title: Annotated[str | None, typer.Option(help="The title, instead of the one in the file.")] = None,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Make a project of data tasks, and say what a customer's script needs of it."""
    from labelyard.server.door.dataapi.model import NewProject
    from labelyard.server.door.rest.call import fields_of
    from labelyard.services.door.dataapi.project import add_project, check_callback, check_project

    settings = existing_settings(data_dir)
    given = _object_in(file)
    fields = fields_of(NewProject, given if title is None else {**given, "title": title}).fields()

    async def run() -> Row:
        services = app_services_of(settings)
        async with opened_database(settings) as database:
            actor = await active_person(database, email=email, organization=organization)
            if fields.values.get("callback_url") is not None:
                await check_callback(services, fields.values["callback_url"])
            new = check_project(services, actor, fields)
            async with database.transaction() as writer:
                await add_project(writer, services, actor, new, fields)
            async with database.reader() as connection:
                return await required_project(connection, DOOR, actor.administering(new.id), new.id)

    made = asyncio.run(run())
    print(f"Project {made['number']} is made: {made['title']} (in GraphQL {made['id']}).")
    print(f'api_url = "{public_url(settings)}/dataapi"')
    print(f"project_id = {made['number']}")
    if DOOR not in settings.open_doors:
        print("The door is closed: start the server with LABELYARD_DOORS=dataapi.")


def _object_in(file: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.read().encode() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise BadUserInput(f"{file} cannot be read ({error.strerror}).") from None
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadUserInput(f"{file} is not JSON: {error}.") from None
    if not isinstance(given, dict):
        raise BadUserInput(f"{file} holds no JSON object; see docs/dataapi.md for the fields of a project.")
    return given
