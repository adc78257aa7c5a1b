"""`editStepGroups`, and groups of steps of a new project."""

import json

import pytest

from tests.common.world import WEATHER, Project

WORKFLOW = "id workflowVersion stepGroups { id name } steps { name type stepGroupId }"
READ = f"query ($id: ID!) {{ data: projects(where: {{id: $id}}, first: 1, skip: 0) {{ {WORKFLOW} }} }}"
EDIT = f"mutation ($input: EditStepGroupsInput!) {{ data: editStepGroups(input: $input) {{ {WORKFLOW} }} }}"
CREATE = f"mutation ($data: CreateProjectData!) {{ data: createProject(data: $data) {{ {WORKFLOW} }} }}"
USUAL = ["Default", "Review"]


def groups(found):
    """The names of the groups, each with those of its steps."""
    names = {group["id"]: group["name"] for group in found["stepGroups"]}
    return [
        (name, [step["name"] for step in found["steps"] if step["stepGroupId"] == group_id])
        for group_id, name in names.items()
    ]


async def edit(project, **changes):
    found = await project.admin.data(EDIT, {"input": {"projectId": project.id, **changes}})
    assert await project.admin.data(READ, {"id": project.id}) == [found]
    return found


async def refused(project, **changes):
    async def state():
        return await project.everything(), await project.admin.data(READ, {"id": project.id})

    before = await state()
    told = await project.admin.refused(EDIT, {"input": {"projectId": project.id, **changes}})
    assert await state() == before
    return told


async def test_the_first_group_makes_v3_of_v2(project):
    found = await edit(project, creates=[{"name": "Check"}, {"name": "Audit", "stepName": "Look"}])

    assert found["workflowVersion"] == "V3"
    assert groups(found) == [("Default", USUAL), ("Check", ["Default"]), ("Audit", ["Look"])]


async def test_groups_are_created_renamed_and_deleted_in_one_call(project):
    found = await edit(project, creates=[{"name": "Check"}, {"name": "Audit"}])
    first, check, _ = [group["id"] for group in found["stepGroups"]]

    found = await edit(project, creates=[{"name": "Last"}], updates=[{"id": first, "name": "Begin"}], deletes=[check])

    assert groups(found) == [("Begin", USUAL), ("Audit", ["Default"]), ("Last", ["Default"])]


async def test_assets_of_a_deleted_group_move_to_the_step_before(project):
    found = await edit(project, creates=[{"name": "Check"}])
    (asset_id,) = await project.assets()
    await project.label(asset_id)
    step = "currentStep { name stepGroupName }"
    assert (await project.read_asset(asset_id, step))["currentStep"] == {"name": "Default", "stepGroupName": "Check"}

    await edit(project, deletes=[found["stepGroups"][1]["id"]])

    assert (await project.read_asset(asset_id, step))["currentStep"]["stepGroupName"] == "Default"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"creates": [{"name": "Audit"}, {"name": "Check"}]}, "CONFLICT"),
        ({"creates": [{"name": "Audit"}, {"name": ""}]}, "BAD_USER_INPUT"),
        ({"creates": [{"name": "Audit", "stepName": "x" * 501}]}, "BAD_USER_INPUT"),
        ({"creates": [{"name": "Audit"}], "updates": [{"id": "missing", "name": "x"}]}, "NOT_FOUND"),
        ({"creates": [{"name": "Audit"}], "deletes": ["missing"]}, "NOT_FOUND"),
        ({"creates": [{"name": f"group {number}"} for number in range(1000)]}, "BAD_USER_INPUT"),
    ],
    ids=["taken", "no name", "a step's name is too long", "unknown to rename", "unknown to delete", "too many"],
)
async def test_a_wrong_part_refuses_the_whole_edit(project, changes, code):
    await edit(project, creates=[{"name": "Check"}])

    assert (await refused(project, **changes)).at == (code, ["data"])


async def test_the_last_group_stays(project):
    found = await edit(project, creates=[{"name": "Check"}])
    told = await refused(project, deletes=[group["id"] for group in found["stepGroups"]])

    assert told.at == ("BAD_USER_INPUT", ["data"])


async def test_a_project_without_groups_or_steps_has_none_to_rename(project, v1_project):
    told = await refused(project, updates=[{"id": "x", "name": "y"}])
    assert told.at == ("BAD_USER_INPUT", ["data"])

    told = await refused(await v1_project(), creates=[{"name": "Check"}])
    assert told.at == ("BAD_USER_INPUT", ["data"])


DATA = {"title": "Groups", "inputType": "IMAGE", "jsonInterface": json.dumps(WEATHER)}


@pytest.mark.parametrize(
    ("given", "version", "expected"),
    [
        ({}, "V2", []),
        ({"workflowVersion": "V1"}, "V1", []),
        ({"workflowVersion": "V3"}, "V3", [("Default", USUAL)]),
        ({"stepGroups": []}, "V2", []),
        (
            {"stepGroups": [{"name": "First", "stepName": "Draw"}, {"name": "Second", "stepName": "Check"}]},
            "V3",
            [("First", ["Draw", "Review"]), ("Second", ["Check"])],
        ),
        ({"workflowVersion": "V3", "stepGroups": [{"name": "Only"}]}, "V3", [("Only", USUAL)]),
    ],
    ids=str,
)
async def test_a_new_project_has_the_workflow_and_groups_it_asks_for(organization, given, version, expected):
    found = await organization.admin.client.data(CREATE, {"data": {**DATA, **given}})

    assert (found["workflowVersion"], groups(found)) == (version, expected)
    if version == "V3":
        project = Project(found["id"], organization)
        (asset_id,) = await project.assets()
        step = (await project.read_asset(asset_id, "currentStep { stepGroupName }"))["currentStep"]
        assert step["stepGroupName"] == expected[0][0]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"workflowVersion": "V2", "stepGroups": [{"name": "First"}]}, "BAD_USER_INPUT"),
        ({"stepGroups": [{"name": ""}]}, "BAD_USER_INPUT"),
        ({"stepGroups": [{"name": "Same"}, {"name": "Same"}]}, "CONFLICT"),
        ({"stepGroups": [{"name": "First", "stepName": "x" * 501}]}, "BAD_USER_INPUT"),
    ],
    ids=["V2", "no name", "twice", "a step's name is too long"],
)
async def test_a_wrong_workflow_makes_no_project(organization, given, code):
    count = "{ data: countProjects(where: {}) }"
    before = await organization.admin.client.data(count)

    assert (await organization.admin.client.refused(CREATE, {"data": {**DATA, **given}})).at == (code, ["data"])
    assert await organization.admin.client.data(count) == before
