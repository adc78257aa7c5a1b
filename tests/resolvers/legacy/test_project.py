"""Projects as clients until 2.53 created, read and changed them."""

import json

import pytest

from tests.common.world import WEATHER as INTERFACE
from tests.resolvers.legacy.conftest import SUN, Api

WEATHER = json.dumps(INTERFACE)
EMPTY = "mutation ($userID: ID!) { data: createEmptyProject(userID: $userID) { id } }"
PROPERTIES = """
mutation ($consensusMark: Float, $description: String, $interfaceCategory: InterfaceCategory, $inputType: InputType,
  $jsonInterface: String, $numberOfAssets: Int, $projectID: ID!, $title: String) {
  data: updatePropertiesInProject(where: {id: $projectID}, data: {
    consensusMark: $consensusMark, description: $description, interfaceCategory: $interfaceCategory,
    inputType: $inputType, jsonInterface: $jsonInterface, numberOfAssets: $numberOfAssets, title: $title
  }) { id }
}"""
UPDATE = """
mutation ($projectID: ID!, $title: String!, $description: String, $interfaceCategory: InterfaceCategory,
  $inputType: InputType, $consensusTotCoverage: Int, $minConsensusSize: Int, $maxWorkerCount: Int, $minAgreement: Int,
  $useHoneyPot: Boolean, $instructions: String) {
  data: updateProject(projectID: $projectID, title: $title, description: $description,
    interfaceCategory: $interfaceCategory, inputType: $inputType, consensusTotCoverage: $consensusTotCoverage,
    minConsensusSize: $minConsensusSize, maxWorkerCount: $maxWorkerCount, minAgreement: $minAgreement,
    useHoneyPot: $useHoneyPot, instructions: $instructions) { id }
}"""
ONE = (
    "query ($projectID: ID!) { data: getProject(projectID: $projectID) { title inputType jsonInterface minAgreement } }"
)
OF_USER = """
query ($userID: ID!, $searchQuery: String, $skip: Int!, $first: Int!) {
  data: getProjects(userID: $userID, searchQuery: $searchQuery, skip: $skip, first: $first) { id }
}"""


async def test_an_empty_project_takes_its_title_type_and_interface_later(api: Api) -> None:
    project_id = (await api.ask(EMPTY, userID="c1"))["id"]
    empty = {"title": "", "inputType": "NA", "jsonInterface": '{"jobs":{}}', "minAgreement": None}
    assert await api.ask(ONE, projectID=project_id) == empty
    variables = {"title": "Sky", "inputType": "IMAGE", "jsonInterface": WEATHER, "interfaceCategory": "IV2"}
    await api.ask(PROPERTIES, projectID=project_id, **variables)
    filled = {"title": "Sky", "inputType": "IMAGE", "jsonInterface": WEATHER, "minAgreement": None}
    assert await api.ask(ONE, projectID=project_id) == filled
    (asset,) = await api.assets(project_id, "cloud")
    await api.label(asset, SUN)


async def test_the_asset_type_is_chosen_once(api: Api) -> None:
    project_id = (await api.ask(EMPTY, userID="c1"))["id"]
    await api.ask(PROPERTIES, projectID=project_id, inputType="FRAME")
    assert (await api.ask(ONE, projectID=project_id))["inputType"] == "VIDEO"
    await api.ask(PROPERTIES, projectID=project_id, inputType="VIDEO", title="Same")
    error = await api.refusal(PROPERTIES, projectID=project_id, inputType="TEXT", title="Other")
    assert (error.code, error.context["field"]) == ("BAD_USER_INPUT", "inputType")
    assert (await api.ask(ONE, projectID=project_id))["title"] == "Same"


async def test_labels_made_without_a_type_forbid_to_choose_one(api: Api) -> None:
    project_id = (await api.ask(EMPTY, userID="c1"))["id"]
    await api.ask(PROPERTIES, projectID=project_id, jsonInterface=WEATHER, title="Any")
    (asset,) = await api.assets(project_id, "cloud")
    await api.label(asset, SUN)
    error = await api.refusal(PROPERTIES, projectID=project_id, inputType="VIDEO")
    assert "has labels already" in error.message


async def test_an_update_of_2020_changes_what_it_names(api: Api) -> None:
    project_id = await api.project()
    variables = {
        "title": "New",
        "description": "d",
        "inputType": "IMAGE",
        "consensusTotCoverage": 0,
        "minAgreement": 66,
    }
    await api.ask(UPDATE, projectID=project_id, interfaceCategory="IV2", useHoneyPot=False, **variables)
    changed = {"title": "New", "inputType": "IMAGE", "minAgreement": 66}
    found = await api.ask(ONE, projectID=project_id)
    assert {key: found[key] for key in changed} == changed


async def test_only_administrators_of_the_project_update_it(api: Api) -> None:
    project_id = await api.project()
    labeler = await api.person(project_id, "LABELER")
    error = await api.refusal(UPDATE, key=labeler.key, projectID=project_id, title="Mine")
    assert error.code == "FORBIDDEN"


async def test_projects_of_a_user_are_those_both_belong_to(api: Api) -> None:
    shared, hidden = await api.project(), await api.project()
    manager = await api.person(shared, "TEAM_MANAGER")
    labeler = await api.person(shared, "LABELER")
    page = {"skip": 0, "first": 100}
    assert [p["id"] for p in await api.ask(OF_USER, key=manager.key, userID=manager.id, **page)] == [shared]
    assert [p["id"] for p in await api.ask(OF_USER, userID=manager.id, **page)] == [shared]
    assert [p["id"] for p in await api.ask(OF_USER, key=manager.key, userID=labeler.id, **page)] == [shared]
    # Who only labels is not told who else belongs to a project.
    assert await api.ask(OF_USER, key=labeler.key, userID=manager.id, **page) == []
    assert {shared, hidden} <= {p["id"] for p in await api.ask(OF_USER, userID=api.admin.id, **page)}


@pytest.mark.parametrize("query", ["Needle in", "%needle%"], ids=["contained", "pattern"])
async def test_projects_of_a_user_are_searched_by_title(api: Api, query: str) -> None:
    project_id = await api.project()
    await api.ask(PROPERTIES, projectID=project_id, title=f"A needle in {project_id}")
    found = await api.ask(OF_USER, userID=api.admin.id, searchQuery=query, skip=0, first=100)
    assert project_id in {p["id"] for p in found}
