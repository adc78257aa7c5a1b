"""The command `labelyard export`: an archive of the labels of a project, made as the server makes it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.export import (
    ExportFormat,
    ExportLabels,
    ExportLayout,
    ExportOptions,
    check_project,
    options_of,
)
from labelyard.domain.permission import Action, Actor
from labelyard.server.app_services import app_services_of
from labelyard.server.cli.bulk import OfOrganization, ProjectId, person_for, unknown_project
from labelyard.server.cli.database import DataDir, existing_settings
from labelyard.server.cli.job_bar import wait_for_job
from labelyard.server.logs import without_logs
from labelyard.server.settings import Settings
from labelyard.server.start import database_url, open_database, prepare_data_dir
from labelyard.services.app_services import AppServices
from labelyard.services.export.request import KIND, request_export
from labelyard.services.guard import authorize
from labelyard.storage.actor import find_actor
from labelyard.storage.blob import write_new_file
from labelyard.storage.database import Database
from labelyard.storage.export import administrator_of, read_export

CONNECTIONS: Final = 6


def export_to(
    project_id: ProjectId,
    format_: Annotated[ExportFormat, typer.Option("--format", case_sensitive=False, help="The format of the files.")],
    output: Annotated[
        Path | None, typer.Option("--output", help="The archive to write; PROJECT-FORMAT.zip when left out.")
    ] = None,
    layout: Annotated[
        ExportLayout | None, typer.Option(case_sensitive=False, help="A folder for each job, or one of all.")
    ] = None,
    labels: Annotated[
        ExportLabels, typer.Option(case_sensitive=False, help="Which labels of each asset.")
    ] = ExportLabels.LATEST,
    single_file: Annotated[bool, typer.Option("--single-file", help="All assets in one file, of RAW.")] = False,
    with_assets: Annotated[bool, typer.Option("--with-assets", help="The files of the assets as well.")] = False,
    email: Annotated[
        str | None,
        typer.Option("--as", metavar="EMAIL", help="The person whose rights count; an administrator when left out."),
    ] = None,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Write the labels of a project to an archive, beside a server that runs or without one."""
    settings = existing_settings(data_dir)
    sent = {"format": format_, "layout": layout, "labels": labels, "singleFile": single_file, "withAssets": with_assets}
    options = options_of(sent)
    path = output or Path(f"{project_id}-{format_.lower()}.zip")
    if path.exists():
        raise BadUserInput(f"{str(path)!r} exists already; name another file with --output.", file=str(path))
    with without_logs():
        size = asyncio.run(_run(settings, project_id, options, path, email=email, organization=organization))
    print(f"{path}: {size:,} bytes.")


async def _run(
    settings: Settings,
    project_id: str,
    options: ExportOptions,
    path: Path,
    *,
    email: str | None,
    organization: str | None,
) -> int:
    prepare_data_dir(settings)
    url = await asyncio.to_thread(database_url, settings)
    async with open_database(settings, url, size=CONNECTIONS) as database:
        actor = await _actor(database, project_id, email, organization)
        services = app_services_of(settings)
        await _check(database, services, actor, project_id, options)
        async with database.transaction() as writer:
            export_id = await request_export(writer, actor, project_id, options)
        async with database.reader() as connection:
            export = await read_export(connection, export_id)
        if export is None:
            raise unknown_project(project_id)
        await wait_for_job(database, services, export["job_id"], kind=KIND, title="Exporting", what="The export")
        async with database.reader() as connection:
            export = await read_export(connection, export_id)
        if export is None or export["blob_id"] is None:
            raise NotFound("The export was removed while it was made; run the command again.")
        return await write_new_file(path, services.blobs.stream(export["blob_id"]))


async def _actor(database: Database, project_id: str, email: str | None, organization: str | None) -> Actor:
    """The person whose rights count."""
    if email is not None:
        return await person_for(
            database, email=email, organization=organization, action=Action.EXPORT_LABELS, project_id=project_id
        )
    async with database.reader() as connection:
        user_id = await administrator_of(connection, project_id)
        actor = await find_actor(connection, user_id) if user_id is not None else None
    if actor is None:
        raise unknown_project(project_id)
    await authorize(database, actor, Action.EXPORT_LABELS, project_id)
    return actor


async def _check(
    database: Database, services: AppServices, actor: Actor, project_id: str, options: ExportOptions
) -> None:
    """Refuse what cannot be exported before a job is made of it."""
    from labelyard.resolvers.export.job import read_project

    project: dict[str, Any] = await read_project(database, services, actor, project_id)
    check_project(
        options,
        input_type=project["input_type"],
        jobs=project["interface"].get("jobs") or {},
        geospatial_settings=project["geospatial_settings"],
        is_connected=project["is_connected"],
    )
