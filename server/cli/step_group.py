"""The command `labelyard step-group`: groups of steps, for operators without a key."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from labelyard.domain.workflow_step import FIRST_GROUP, LABELING_STEP
from labelyard.server.cli.database import DataDir, existing_settings, opened_database, print_table
from labelyard.services.workflow.step_group import CreatedGroup, create_group, list_groups, remove_group, rename_group
from labelyard.storage.database import Row

step_group_app = typer.Typer(
    name="step-group", help="Make, list, rename and delete the groups of a project's steps.", no_args_is_help=True
)

ProjectId = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's id.")]
Group = Annotated[str, typer.Argument(metavar="GROUP", help="The group's name or id.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A name that no other group of the project has.")]


@step_group_app.command("list")
def show_groups(project_id: ProjectId, data_dir: DataDir = None) -> None:
    """List the groups of a project in the order that assets pass them."""
    settings = existing_settings(data_dir)

    async def run() -> list[Row]:
        async with opened_database(settings) as database, database.transaction() as connection:
            return await list_groups(connection, project_id)

    print_table(
        ("ID", "GROUP", "ASSETS", "STEPS"),
        [(row["id"], row["name"], str(row["assets"]), ", ".join(row["steps"])) for row in asyncio.run(run())],
    )


@step_group_app.command("create")
def create(
    project_id: ProjectId,
    name: Name,
    step: Annotated[str, typer.Option(help="The name of its labeling step.")] = LABELING_STEP,
    data_dir: DataDir = None,
) -> None:
    """Add a group with one labeling step behind the others. A project of the workflow V2 becomes V3."""
    settings = existing_settings(data_dir)

    async def run() -> CreatedGroup:
        async with opened_database(settings) as database, database.transaction() as connection:
            return await create_group(connection, project_id, name, step_name=step)

    created = asyncio.run(run())
    if created.was_converted:
        print(f"Project {project_id} has the workflow V3 now; its steps are the first group, named {FIRST_GROUP}.")
    print(f"{name} is a group of steps now, with the id {created.id} and the labeling step {step}.")


@step_group_app.command("rename")
def rename(project_id: ProjectId, group: Group, name: Name, data_dir: DataDir = None) -> None:
    """Rename a group."""
    settings = existing_settings(data_dir)

    async def run() -> None:
        async with opened_database(settings) as database, database.transaction() as connection:
            await rename_group(connection, project_id, group, name)

    asyncio.run(run())
    print(f"The group {group} is named {name} now.")


@step_group_app.command("delete")
def delete(project_id: ProjectId, group: Group, data_dir: DataDir = None) -> None:
    """Delete a group with its steps. Its assets move to the step before, as when a step is deleted."""
    settings = existing_settings(data_dir)

    async def run() -> None:
        async with opened_database(settings) as database, database.transaction() as connection:
            await remove_group(connection, project_id, group)

    asyncio.run(run())
    print(f"The group {group} is deleted.")
