"""An archived project takes no writes: every mutation of the permission table is refused, and nothing changes."""

from __future__ import annotations

import pytest

from tests.common.world import new_organization
from tests.resolvers.permission_table import CALLERS, TABLE
from tests.resolvers.test_permissions import World

# Mutations that touch nothing of a project which exists.
ELSEWHERE = {
    "signIn",
    "signOut",
    "createUser",
    "updatePropertiesInUser",
    "updateUser",
    "updatePassword",
    "resetPassword",
    "deleteUser",
    "appendToApiKeys",
    "updateApiKey",
    "updatePropertiesInOrganization",
    "updateOrganization",
    "createOrganization",
    "deleteOrganization",
    "createNotification",
    "updatePropertiesInNotification",
    "createProject",
    "createEmptyProject",
    "frontendCreateProject",
    "createDataset",
    "updatePropertiesInDataset",
    "deleteDataset",
    "appendToDatasetUsers",
    "deleteFromDatasetUsers",
    "appendToDataset",  # of datasets; imports of that name go the way of all others
    "deleteDatasetAssets",
    "updatePropertiesInDatasetAssets",
    "createTag",
    "updateTag",
    "deleteTag",
    "createPlugin",
    "createWebhook",
    "updateWebhook",
    "generateUpdateUrl",
    "createPluginRunner",
    "updatePluginRunner",
    "deletePlugin",
    "createDataIntegration",
    "updatePropertiesInDataIntegration",
    "deleteDataIntegration",
    "createModel",
    "updateModel",
    "deleteModel",
    "createProjectExport",  # reads the project
    "cancelProjectExport",
    "trainModel",  # has nothing to learn from there
    "copyProject",  # reads the project, and writes another
}
# What remains possible.
POSSIBLE = {"deactivatePluginOnProject", "deleteProject", "deleteProjectAsynchronously"}
WRITING = [
    row for row in TABLE if (row.kind == "mutation" or not row.only_reads) and row.name not in ELSEWHERE | POSSIBLE
]
UPDATE = """
mutation ($data: ProjectData!, $where: ProjectWhere!) {
  data: updatePropertiesInProject(data: $data, where: $where) { id archived title }
}"""
REFUSED = (
    "[archivedProject] Project {} is archived and takes no changes; unarchive it with updatePropertiesInProject first."
)


@pytest.fixture
async def world(database, client):
    return await World.make(await new_organization(database, client), await new_organization(database, client))


PROJECTS = ("project", "static_project", "dynamic_project")
# Of mutations that are about another project than the others.
PROJECT_OF = {
    "importConversations": "static_project",
    "createLLMAsset": "dynamic_project",
    "createChatItem": "dynamic_project",
    "createProjectModel": "dynamic_project",
    "updateProjectModel": "dynamic_project",
    "deleteProjectModel": "dynamic_project",
}


async def archive(world: World, archived: bool = True) -> None:
    for name in PROJECTS:
        await world.project.admin.data(UPDATE, {"data": {"archived": archived}, "where": {"id": world.names[name]}})


@pytest.mark.parametrize("row", WRITING, ids=lambda row: row.title)
async def test_what_is_archived_takes_no_writes(world, row):
    await archive(world)
    before = await world.state()
    seen = {}
    for caller, outcome in zip(CALLERS, row.outcomes, strict=True):
        if outcome == "+":
            world.names |= {"fresh": f"fresh-{caller}", "key": "x"}
            refused = await world.callers[caller].refused(row.document, world._filled(row.variables))
            seen[caller] = (refused.code, refused.message)

    assert seen
    assert set(seen.values()) == {("FORBIDDEN", REFUSED.format(world.names[PROJECT_OF.get(row.name, "project")]))}
    assert await world.state() == before


@pytest.mark.parametrize("row", [row for row in WRITING if "N" in row.outcomes[2:4]], ids=lambda row: row.title)
async def test_strangers_do_not_learn_that_it_is_archived(world, row):
    seen = []
    for archived in (False, True):
        await archive(world, archived)
        for caller, outcome in zip(CALLERS[2:4], row.outcomes[2:4], strict=True):
            if outcome == "N":
                refused = await world.callers[caller].refused(row.document, world._filled(row.variables))
                seen.append((caller, refused.code, refused.message, refused.context))

    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]


@pytest.mark.parametrize("row", [row for row in TABLE if row.only_reads], ids=lambda row: row.title)
async def test_what_is_archived_is_still_read(world, row):
    await archive(world)

    seen = {caller: await world.send(row, caller) for caller in CALLERS}

    assert seen == dict(zip(CALLERS, row.outcomes, strict=True))


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.name in POSSIBLE | {"copyProject"}], ids=lambda row: row.title
)
async def test_what_is_archived_can_be_left_alone_deleted_and_copied(world, row):
    await archive(world)

    assert await world.send(row, "ADMIN") == "+"


@pytest.mark.parametrize(
    ("data", "is_refused"),
    [
        ({"archived": False}, False),
        ({"archived": False, "title": "New"}, False),
        ({"archived": True}, False),
        ({"archived": True, "title": "New"}, True),
        ({"title": "New"}, True),
        ({"shouldRelaunchKpiComputation": True}, True),
    ],
    ids=["unarchived", "unarchived and changed", "archived again", "changed", "title", "marks"],
)
async def test_settings_change_with_the_end_of_the_archive_only(world, data, is_refused):
    await archive(world)
    before = await world.state()

    answer = await world.callers["ADMIN"].graphql(UPDATE, {"data": data, "where": {"id": world.project.id}})

    if is_refused:
        (error,) = answer["errors"]
        assert (error["extensions"]["code"], error["message"]) == ("FORBIDDEN", REFUSED.format(world.project.id))
        assert await world.state() == before
    else:
        title = data.get("title", "A project")
        assert answer["data"]["data"] == {"id": world.project.id, "archived": data["archived"], "title": title}


async def test_everything_goes_on_after_the_archive(world):
    await archive(world)
    await archive(world, archived=False)

    (row,) = [row for row in TABLE if row.title == "appendToLabels"]

    assert await world.send(row, "LABELER") == "+"


async def test_an_archived_project_is_not_awaited(world):
    """Archiving twice keeps the moment."""
    await archive(world)
    (first,) = await world.project.rows("project")
    await archive(world)
    (second,) = await world.project.rows("project")

    assert first["archived_at"] == second["archived_at"]
