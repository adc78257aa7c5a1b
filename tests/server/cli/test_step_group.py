"""`labelyard step-group` on a database of its own."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from labelyard.server.application import create_app
from labelyard.server.settings import Settings
from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.command import Done
from tests.common.documents import UPDATE_PROJECT
from tests.common.world import Project, new_organization


@pytest.fixture
async def world(own_database_url, tmp_path):
    """A server on the database of the commands; answers what makes a project of a workflow."""
    database = await Database.open(own_database_url, size=4)
    opened: list[httpx.AsyncClient] = []

    async def make(version: str) -> Project:
        settings = Settings(
            data_dir=tmp_path / "data",
            database_url=own_database_url,
            public_url="http://label.example",
            workflow_version=version,
        )
        transport = httpx.ASGITransport(create_app(settings, database))
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60))
        return await (await new_organization(database, Client(opened[-1]))).project()

    yield make
    for http in opened:
        await http.aclose()
    await database.close()


async def steps(project: Project) -> list[tuple[str, str | None]]:
    """The steps by the names of their groups."""
    text = """query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) {
      stepGroups { id name } steps { name stepGroupId } } }"""
    (found,) = await project.admin.data(text, {"id": project.id})
    groups = {group["id"]: group["name"] for group in found["stepGroups"]}
    return [(groups.get(step["stepGroupId"]), step["name"]) for step in found["steps"]]


async def place(project: Project, asset_id: str) -> tuple[str, str, str]:
    step = (await project.read_asset(asset_id, "currentStep { stepGroupName name status }"))["currentStep"]
    return step["stepGroupName"], step["name"], step["status"]


async def test_groups_are_made_listed_renamed_and_deleted(tell, world):
    project = await world("V3")
    (asset_id,) = await project.assets()

    (line,) = await tell("step-group", "create", project.id, "Second pass", "--step", "Look")

    found = re.fullmatch(r"Second pass is a group of steps now, with the id (\w+) and the labeling step Look\.", line)
    assert found is not None
    await project.label(asset_id)
    head, first, second = await tell("step-group", "list", project.id)
    assert head.split() == ["ID", "GROUP", "ASSETS", "STEPS"]
    assert first.split()[1:] == ["Default", "0", "Default,", "Review"]
    assert second.split() == [found[1], "Second", "pass", "1", "Look"]
    assert await tell("step-group", "rename", project.id, "Second pass", "Check") == [
        "The group Second pass is named Check now."
    ]
    assert await tell("step-group", "rename", project.id, found[1], "Check") == [
        f"The group {found[1]} is named Check now."
    ]
    assert await steps(project) == [("Default", "Default"), ("Default", "Review"), ("Check", "Look")]
    assert await place(project, asset_id) == ("Check", "Look", "TO_DO")

    assert await tell("step-group", "delete", project.id, "Check") == ["The group Check is deleted."]

    assert await steps(project) == [("Default", "Default"), ("Default", "Review")]
    assert await place(project, asset_id) == ("Default", "Review", "TO_DO")


async def test_a_project_of_steps_becomes_one_of_groups(tell, world):
    project = await world("V2")

    said = await tell("step-group", "create", project.id, "Check")

    assert said[0] == f"Project {project.id} has the workflow V3 now; its steps are the first group, named Default."
    assert len(said) == 2
    assert await steps(project) == [("Default", "Default"), ("Default", "Review"), ("Check", "Default")]


async def test_assets_of_a_deleted_group_go_on_where_they_stand(tell, world):
    project = await world("V3")
    for name in ("Second", "Third"):
        await tell("step-group", "create", project.id, name)
    text = "mutation ($input: DeleteStepInput!) { data: deleteStep(input: $input) { steps { id } } }"
    review = next(row for row in await project.rows("project_step") if row["type"] == "REVIEW")
    await project.admin.data(text, {"input": {"projectId": project.id, "stepId": review["id"]}})
    first, second, third = await project.assets(3)
    for asset_id in (second, third, third):
        await project.label(asset_id)

    await tell("step-group", "delete", project.id, "Second")

    assert [await place(project, asset_id) for asset_id in (first, second, third)] == [
        ("Default", "Default", "TO_DO"),
        ("Third", "Default", "TO_DO"),
        ("Third", "Default", "TO_DO"),
    ]
    await project.label(second)
    await tell("step-group", "delete", project.id, "Default")
    # The first step there is has no step before it, so its assets go on as they were.
    assert await steps(project) == [("Third", "Default")]
    assert [await place(project, asset_id) for asset_id in (first, second, third)] == [
        ("Third", "Default", "TO_DO"),
        ("Third", "Default", "DONE"),
        ("Third", "Default", "TO_DO"),
    ]
    await project.label(first)
    assert await place(project, first) == ("Third", "Default", "DONE")


async def test_what_cannot_be_done_to_groups(run, world):
    grouped, stepped, old, archived = [await world(version) for version in ("V3", "V2", "V1", "V3")]
    await archived.admin.data(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": archived.id}})
    before: list[Any] = [await project.everything() for project in (grouped, stepped, old, archived)]
    cases = [
        (("create", grouped.id, "Default"), "The project has a group of steps 'Default' already; choose another name."),
        (("create", grouped.id, ""), "The name of a group has 1 to 500 characters, not 0."),
        (("delete", grouped.id, "Default"), "A project keeps at least one group of steps; 'Default' is the last."),
        (
            ("rename", grouped.id, "Other", "New"),
            f"Project {grouped.id} has no group of steps 'Other'; its groups are: Default.",
        ),
        (
            ("delete", stepped.id, "Default"),
            f"Project {stepped.id} has the workflow V2, whose steps have no groups; "
            "`labelyard step-group create` makes it V3.",
        ),
        (
            ("create", old.id, "Check"),
            f"Project {old.id} has the workflow V1, which has no steps; set reviewCoverage, consensusTotCoverage "
            "and minConsensusSize with updatePropertiesInProject.",
        ),
        (
            ("create", archived.id, "Check"),
            f"[archivedProject] Project {archived.id} is archived and takes no changes; "
            "unarchive it with updatePropertiesInProject first.",
        ),
        (("list", "nothing"), "[notFound] No project 'nothing' is visible to you."),
    ]
    for arguments, complaint in cases:
        done = await run("step-group", *arguments)
        assert (done.code, done.lines) == (1, []), arguments
        assert done == Done(1, [], [f"labelyard: {complaint}"]), arguments
    assert before == [await project.everything() for project in (grouped, stepped, old, archived)]
