"""Groups of steps: made, renamed and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.text import MAX_NAME, within
from labelyard.domain.workflow_step import FIRST_GROUP, LABELING_STEP, MAX_GROUPS
from labelyard.services.identity import new_id
from labelyard.services.workflow.settling import write_project_settings
from labelyard.services.workflow.step import change_steps, delete_steps_of_group, require_steps
from labelyard.storage.database import Row, Writer
from labelyard.storage.project import lock_project
from labelyard.storage.step_group import delete_group, described_groups, groups_of, insert_group, name_group, take_steps


@dataclass(frozen=True, slots=True)
class CreatedGroup:
    """A new group; `was_converted` says that the project had no groups before, and its steps now form the first."""

    id: str
    was_converted: bool


async def list_groups(connection: Writer, project_id: str) -> list[Row]:
    """The groups of a project, in order, with the names of their steps and the number of assets in them."""
    require_steps(await lock_project(connection, project_id))
    return await described_groups(connection, project_id)


async def create_group(connection: Writer, project_id: str, name: str, *, step_name: str) -> CreatedGroup:
    """Add a group with one labeling step behind the others. Assets at their end stay there until somebody sends them on.

    A project of the workflow V2 gets the workflow V3 by it, and its steps form the first group.
    """
    name = checked_name(name)
    project = await lock_project(connection, project_id)
    require_steps(project)
    was_converted = project["workflow_version"] == "V2"
    if was_converted:
        await _convert(connection, project)
    groups = await groups_of(connection, project_id)
    _require_free(groups, name)
    if len(groups) == MAX_GROUPS:
        raise BadUserInput(f"A project has at most {MAX_GROUPS} groups of steps.", limit=MAX_GROUPS)
    group_id = new_id()
    await insert_group(connection, identifier=group_id, project_id=project_id, name=name, group_order=len(groups))
    step = {"name": step_name, "type": "DEFAULT", "stepGroupId": group_id}
    await change_steps(connection, project_id, creates=[step])
    return CreatedGroup(group_id, was_converted)


async def change_groups(
    connection: Writer,
    project_id: str,
    *,
    creates: Sequence[Mapping[str, Any]] = (),
    updates: Sequence[Mapping[str, Any]] = (),
    deletes: Sequence[str] = (),
) -> None:
    """Create, rename and delete groups in this order, all or none of it."""
    require_steps(await lock_project(connection, project_id))
    if max(map(len, (creates, updates, deletes))) > MAX_GROUPS:
        raise BadUserInput(f"A project has at most {MAX_GROUPS} groups of steps.", limit=MAX_GROUPS)
    for group in creates:
        await create_group(connection, project_id, group["name"], step_name=group.get("stepName") or LABELING_STEP)
    for group in updates:
        await rename_group(connection, project_id, group["id"], group["name"])
    for group_id in deletes:
        await remove_group(connection, project_id, group_id)


async def rename_group(connection: Writer, project_id: str, named: str, name: str) -> None:
    """Rename a group, which is named by its name or id."""
    name = checked_name(name)
    groups, group = await _groups_and_group(connection, project_id, named)
    _require_free([other for other in groups if other["id"] != group["id"]], name)
    await name_group(connection, group_id=group["id"], name=name)


async def remove_group(connection: Writer, project_id: str, named: str) -> None:
    """Delete a group with its steps; its assets move to the step before, as when a step is deleted."""
    groups, group = await _groups_and_group(connection, project_id, named)
    if len(groups) == 1:
        raise BadUserInput(f"A project keeps at least one group of steps; {group['name']!r} is the last.")
    await delete_steps_of_group(connection, await lock_project(connection, project_id), group["id"])
    await delete_group(connection, project_id=project_id, group_id=group["id"])


async def _convert(connection: Writer, project: Row) -> None:
    """Make V3 of V2."""
    group_id = new_id()
    await insert_group(connection, identifier=group_id, project_id=project["id"], name=FIRST_GROUP, group_order=0)
    await take_steps(connection, project_id=project["id"], group_id=group_id)
    await write_project_settings(connection, project, {"workflow_version": "V3"})


async def _groups_and_group(connection: Writer, project_id: str, named: str) -> tuple[Sequence[Row], Row]:
    """The groups of a project that is locked, and the one of an id or name."""
    project = await lock_project(connection, project_id)
    require_steps(project)
    groups = await groups_of(connection, project_id)
    if not groups:
        raise BadUserInput(
            f"Project {project_id} has the workflow V2, whose steps have no groups; `labelyard step-group create` makes it V3."
        )
    group = next((row for key in ("id", "name") for row in groups if row[key] == named), None)
    if group is None:
        names = ", ".join(row["name"] for row in groups)
        raise NotFound(f"Project {project_id} has no group of steps {named!r}; its groups are: {names}.")
    return groups, group


def checked_name(name: str) -> str:
    """The name of a group, within its limits."""
    return within(name, name="The name of a group", limit=MAX_NAME, least=1)


def _require_free(groups: Sequence[Row], name: str) -> None:
    if any(row["name"] == name for row in groups):
        raise Conflict(f"The project has a group of steps {name!r} already; choose another name.")
