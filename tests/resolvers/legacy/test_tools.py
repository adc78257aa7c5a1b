"""Tools, as which clients until 1.6 read and wrote the interface of a project."""

import json

import pytest

from tests.common.world import WEATHER
from tests.resolvers.legacy.conftest import SUN, Api

# as 1.0.18 and 1.5.0 write them
APPEND = """
mutation($projectID: ID!, $jsonSettings: String!) {
  data: appendToTools(
    projectID: $projectID
    jsonSettings: $jsonSettings) {
      id
  }
}"""
UPDATE = """
mutation($toolID: ID!, $projectID: ID!, $jsonSettings: String!) {
  data: updateTool(toolID: $toolID
    projectID: $projectID
    jsonSettings: $jsonSettings) {
      id
  }
}"""
DELETE = "mutation($toolID: ID!) { data: deleteFromTools(toolID: $toolID) { id } }"
LIST = "query($projectID: ID!) { data: getTools(projectID: $projectID) { id name toolType jsonSettings } }"
INTERFACE = "query($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { jsonInterface interfaceCategory mlTasks } }"
NOTES = {
    "jobs": {"NOTES": {"mlTask": "TRANSCRIPTION", "required": 0, "isChild": False, "content": {"input": "textField"}}}
}
NO_JOBS = '{"jobs":{}}'


async def interface(api: Api, project_id: str) -> dict:
    (found,) = await api.ask(INTERFACE, id=project_id)
    return json.loads(found["jsonInterface"])


async def empty_project(api: Api) -> str:
    return await api.project(interface={"jobs": {}})


async def test_a_tool_becomes_the_interface_of_the_project(api: Api) -> None:
    project_id = await empty_project(api)
    assert await api.ask(LIST, projectID=project_id) == []

    made = await api.ask(APPEND, projectID=project_id, jsonSettings=json.dumps(WEATHER))

    assert made == {"id": project_id}
    assert await interface(api, project_id) == WEATHER
    (tool,) = await api.ask(LIST, projectID=project_id)
    assert (tool["id"], json.loads(tool["jsonSettings"])) == (project_id, WEATHER)
    assert tool["name"].startswith("Project ")
    (asset,) = await api.assets(project_id, "cloud")
    await api.label(asset, SUN)


async def test_a_second_tool_adds_its_jobs(api: Api) -> None:
    project_id = await api.project()
    await api.ask(APPEND, projectID=project_id, jsonSettings=json.dumps(NOTES))
    both = await interface(api, project_id)
    assert both == {**WEATHER, "jobs": {**WEATHER["jobs"], **NOTES["jobs"]}}

    refused = await api.refusal(APPEND, projectID=project_id, jsonSettings=json.dumps(NOTES))

    assert (refused.code, refused.context["jobs"]) == ("CONFLICT", ["NOTES"])
    assert await interface(api, project_id) == both


async def test_a_document_of_2019_sets_the_category_too(api: Api) -> None:
    project_id = await empty_project(api)
    settings = json.dumps(json.dumps(WEATHER))
    document = 'mutation { appendToTools(projectID: "%s", name: "W", toolType: %s, jsonSettings: %s) { id } }'
    refused = await api.refusal(document % (project_id, "HAMMER", settings))
    assert (refused.code, refused.context["field"]) == ("BAD_USER_INPUT", "toolType")
    assert await interface(api, project_id) == {"jobs": {}}

    await api.ask(document % (project_id, "IMAGE", settings))

    (found,) = await api.ask(INTERFACE, id=project_id)
    assert (found["interfaceCategory"], "CLASSIFICATION" in found["mlTasks"]) == ("IMAGE", True)
    (tool,) = await api.ask(LIST, projectID=project_id)
    assert tool["toolType"] == "IMAGE"


async def test_an_update_replaces_the_interface(api: Api) -> None:
    project_id = await api.project()
    assert await api.ask(UPDATE, toolID=project_id, projectID=project_id, jsonSettings=json.dumps(NOTES)) == {
        "id": project_id
    }
    assert await interface(api, project_id) == NOTES


async def test_labels_survive_the_deletion_of_a_tool(api: Api) -> None:
    project_id = await api.project()
    (asset,) = await api.assets(project_id, "cloud")
    await api.label(asset, SUN)

    answered = await api.send(DELETE, toolID=project_id)

    assert answered["data"] == {"data": {"id": project_id}}
    assert {warning["code"] for warning in answered["extensions"]["warnings"]} == {"REMOVED", "MARKS"}
    assert await api.ask(LIST, projectID=project_id) == []
    assert await api.value("select count(*) from label where project_id = :id", id=project_id) == 1
    again = await api.refusal(DELETE, toolID=project_id)
    assert again.code == "NOT_FOUND"
    gone = await api.refusal(UPDATE, toolID=project_id, projectID=project_id, jsonSettings=json.dumps(NOTES))
    assert gone.code == "NOT_FOUND"


@pytest.mark.parametrize(
    "text",
    ["", "{}", NO_JOBS, "[]", "nonsense", '{"jobs": {"A": {"mlTask": "GUESSING"}}}'],
    ids=["empty", "object", "no jobs", "list", "no JSON", "unknown task"],
)
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "changed"])
async def test_settings_without_a_job_that_can_be_used_are_refused(api: Api, text: str, is_new: bool) -> None:
    project_id = await api.project()
    if is_new:
        refused = await api.refusal(APPEND, projectID=project_id, jsonSettings=text)
    else:
        refused = await api.refusal(UPDATE, toolID=project_id, projectID=project_id, jsonSettings=text)
    assert refused.code == "BAD_USER_INPUT"
    assert await interface(api, project_id) == WEATHER


async def test_a_tool_belongs_to_its_project(api: Api) -> None:
    first, second = await api.project(), await api.project()
    refused = await api.refusal(UPDATE, toolID=first, projectID=second, jsonSettings=json.dumps(NOTES))
    assert refused.code == "NOT_FOUND"
    assert await interface(api, first) == await interface(api, second) == WEATHER
    for document in ("appendToTools { id }", "updateTool { id }", "deleteFromTools { id }"):
        assert (await api.refusal(f"mutation {{ data: {document} }}")).code == "BAD_USER_INPUT"
