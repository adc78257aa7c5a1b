"""`createProject`, as each client generation sends it."""

import json

import pytest

from tests.common.world import WEATHER

# since 2.87
DATA = "mutation ($data: CreateProjectData!) { data: createProject(data: $data) { id } }"
# 2.21 to 2.86
FLAT = """
mutation (
  $description: String!, $inputType: InputType!, $jsonInterface: String!, $projectType: ProjectType, $title: String!, $userID: ID!
) {
  data: createProject(
    description: $description, inputType: $inputType, jsonInterface: $jsonInterface, projectType: $projectType,
    title: $title, userID: $userID
  ) { id }
}"""
# 1.4
FIRST = """
mutation ($description: String!, $interfaceJsonSettings: String!, $title: String!, $useHoneyPot: Boolean!) {
  data: createProject(
    description: $description, interfaceJsonSettings: $interfaceJsonSettings, title: $title, useHoneyPot: $useHoneyPot
  ) { id }
}"""
READ = """
query ($id: ID!) {
  data: projects(where: {id: $id}, first: 1, skip: 0) {
    title description inputType jsonInterface jsonInterface mlTasks complianceTags geospatialSettings useHoneyPot
    workflowVersion archived interfaceCategory minConsensusSize consensusTotCoverage reviewCoverage
    numberOfAssets numberOfRoles numberOfRemainingAssets completionPercentage stepGroups { id }
    author { id } roles { role user { id } activated status }
    steps { name type order isActivated stepCoverage consensusCoverage numberOfExpectedLabelsForConsensus sendBackStepId }
  }
}"""
COUNT = "query { data: countProjects(where: {}) }"
INTERFACE = json.dumps(WEATHER)


async def read(person, project_id):
    (project,) = await person.client.data(READ, {"id": project_id})
    return project


async def test_a_project_of_today_holds_what_was_sent_and_the_defaults(organization):
    admin = organization.admin
    made = await admin.client.data(
        DATA,
        {
            "data": {
                "title": "Weather",
                "description": "Sky and cars",
                "inputType": "IMAGE",
                "jsonInterface": INTERFACE,
                "complianceTags": ["PII", "PHI"],
                "projectType": None,
                "fromDemoProject": None,
            }
        },
    )

    assert await read(admin, made["id"]) == {
        "title": "Weather",
        "description": "Sky and cars",
        "inputType": "IMAGE",
        "jsonInterface": INTERFACE,
        "mlTasks": ["CLASSIFICATION", "OBJECT_DETECTION"],
        "complianceTags": ["PII", "PHI"],
        "geospatialSettings": None,
        "useHoneyPot": False,
        "workflowVersion": "V2",
        "archived": False,
        "interfaceCategory": "IV2",
        "minConsensusSize": 1,
        "consensusTotCoverage": 0,
        "reviewCoverage": 0,
        "numberOfAssets": 0,
        "numberOfRoles": 1,
        "numberOfRemainingAssets": 0,
        "completionPercentage": 0.0,
        "stepGroups": [],
        "author": {"id": admin.id},
        "roles": [{"role": "ADMIN", "user": {"id": admin.id}, "activated": True, "status": "ORG_ADMIN"}],
        "steps": [
            {
                "name": "Default",
                "type": "DEFAULT",
                "order": 0,
                "isActivated": True,
                "stepCoverage": None,
                "consensusCoverage": 0,
                "numberOfExpectedLabelsForConsensus": 1,
                "sendBackStepId": None,
            },
            {
                "name": "Review",
                "type": "REVIEW",
                "order": 1,
                "isActivated": True,
                "stepCoverage": 0,
                "consensusCoverage": None,
                "numberOfExpectedLabelsForConsensus": None,
                "sendBackStepId": None,
            },
        ],
    }


async def test_a_project_of_the_flat_arguments_is_the_same(organization):
    admin = organization.admin
    variables = {
        "description": "Sky",
        "inputType": "TEXT",
        "jsonInterface": INTERFACE.replace('"OBJECT_DETECTION"', '"CLASSIFICATION"'),
        "projectType": "IMAGE_OBJECT_DETECTION_RECTANGLE",
        "title": "Weather",
        "userID": admin.id,
    }
    made = await admin.client.data(FLAT, variables)

    project = await read(admin, made["id"])
    assert {key: project[key] for key in ("title", "description", "inputType", "jsonInterface", "workflowVersion")} == {
        "title": "Weather",
        "description": "Sky",
        "inputType": "TEXT",
        "jsonInterface": variables["jsonInterface"],
        "workflowVersion": "V2",
    }


async def test_a_project_of_the_first_clients_is_one_of_images(organization):
    admin = organization.admin
    variables = {"description": "Sky", "interfaceJsonSettings": INTERFACE, "title": "Weather", "useHoneyPot": True}
    made = await admin.client.data(FIRST, variables)

    project = await read(admin, made["id"])
    assert (project["inputType"], project["jsonInterface"], project["useHoneyPot"]) == ("IMAGE", INTERFACE, True)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ('data: {title: "t", inputType: IMAGE}, title: "t"', "data"),
        ("", "data"),
        ("data: null, title: null", "data"),
        ('data: {title: "t"}', "inputType"),
        ('title: "t"', "inputType"),
    ],
    ids=["both forms", "neither form", "neither but nulls", "no type", "no type, flat"],
)
async def test_exactly_one_complete_form_is_taken(organization, arguments, field):
    document = f"mutation {{ data: createProject({arguments}) {{ id }} }}".replace("()", "")

    refused = await organization.admin.client.refused(document)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"field": field}
    assert await organization.admin.client.data(COUNT) == 0


@pytest.mark.parametrize(
    ("title", "is_taken"),
    [("", False), ("t", True), ("é" * 500, True), ("t" * 501, False), (" ", True)],
    ids=["empty", "one character", "500 characters", "501 characters", "a space"],
)
async def test_a_title_has_1_to_500_characters(organization, title, is_taken):
    client = organization.admin.client
    variables = {"data": {"title": title, "inputType": "IMAGE"}}
    if is_taken:
        project = await read(organization.admin, (await client.data(DATA, variables))["id"])
        assert project["title"] == title
        return

    refused = await client.refused(DATA, variables)
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"field": "The title of a project", "limit": 500, "given": len(title)}
    assert await client.data(COUNT) == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [({}, ""), ({"description": None}, ""), ({"description": "d" * 10_000}, "d" * 10_000)],
    ids=["absent", "null", "longest"],
)
async def test_a_description_may_be_absent_null_or_given(organization, given, kept):
    made = await organization.admin.client.data(DATA, {"data": {"title": "t", "inputType": "IMAGE", **given}})

    assert (await read(organization.admin, made["id"]))["description"] == kept


async def test_a_description_too_long_is_refused(organization):
    variables = {"data": {"title": "t", "inputType": "IMAGE", "description": "d" * 10_001}}

    refused = await organization.admin.client.refused(DATA, variables)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await organization.admin.client.data(COUNT) == 0


@pytest.mark.parametrize(
    "given", [{}, {"jsonInterface": None}, {"jsonInterface": ""}, {"jsonInterface": "{}"}], ids=str
)
async def test_a_project_without_an_interface_has_no_jobs(organization, given):
    made = await organization.admin.client.data(DATA, {"data": {"title": "t", "inputType": "IMAGE", **given}})

    project = await read(organization.admin, made["id"])
    assert (project["jsonInterface"], project["mlTasks"]) == ('{"jobs":{}}', [])


async def test_frames_are_videos(organization):
    made = await organization.admin.client.data(DATA, {"data": {"title": "t", "inputType": "FRAME"}})

    assert (await read(organization.admin, made["id"]))["inputType"] == "VIDEO"


@pytest.mark.parametrize("asset_type", ["AUDIO", "GEOSPATIAL", "LLM_STATIC", "PDF", "TEXT", "VIDEO", "VIDEO_LEGACY"])
async def test_every_kind_of_asset_is_answered_as_it_was_named(organization, asset_type):
    made = await organization.admin.client.data(DATA, {"data": {"title": "t", "inputType": asset_type}})

    assert (await read(organization.admin, made["id"]))["inputType"] == asset_type


async def test_pixel_coordinates_are_for_geospatial_projects_alone(organization):
    client = organization.admin.client
    data = {"title": "t", "inputType": "GEOSPATIAL", "pixelLabeling": True}
    made = await client.data(DATA, {"data": data})

    assert (await read(organization.admin, made["id"]))["geospatialSettings"] == {"labelingCRSCode": "PIXEL"}

    refused = await client.refused(DATA, {"data": {**data, "inputType": "IMAGE"}})
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"field": "pixelLabeling"}
    assert await client.data(COUNT) == 1


async def test_an_interface_with_errors_is_refused_with_all_of_them(organization):
    client = organization.admin.client
    broken = {
        "jobs": {
            "A": {"mlTask": "CLASSIFIKATION", "content": {"input": "radio", "categories": {"X": {"name": "X"}}}},
            "B": {"mlTask": "CLASSIFICATION", "content": {"input": "radio", "categories": {}}},
        }
    }
    refused = await client.refused(
        DATA, {"data": {"title": "t", "inputType": "IMAGE", "jsonInterface": json.dumps(broken)}}
    )

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.message.startswith("[invalidJsonInterface] ")
    assert [error["path"].split(".")[1] for error in refused.context["errors"]] == ["A", "B"]
    assert {frozenset(error) for error in refused.context["errors"]} == {frozenset({"code", "path", "message"})}
    assert await client.data(COUNT) == 0


async def test_what_an_interface_can_do_without_is_a_warning(organization):
    interface = {
        "jobs": {
            **WEATHER["jobs"],
            "LINKS": {
                "mlTask": "OBJECT_RELATION",
                "required": 0,
                "isChild": False,
                "content": {"input": "radio", "categories": {}},
            },
        }
    }
    made, warnings = await organization.admin.client.warned(
        DATA, {"data": {"title": "t", "inputType": "IMAGE", "jsonInterface": json.dumps(interface)}}
    )

    assert [warning["path"].split(".")[:2] for warning in warnings] == [["jobs", "LINKS"]]
    assert (await read(organization.admin, made["id"]))["jsonInterface"] == json.dumps(interface)


async def test_every_user_may_create_a_project_and_administers_it(organization):
    person = await organization.person()
    made = await person.client.data(DATA, {"data": {"title": "Mine", "inputType": "IMAGE"}})

    project = await read(person, made["id"])
    assert project["author"] == {"id": person.id}
    assert [(role["user"]["id"], role["role"], role["status"]) for role in project["roles"]] == [
        (person.id, "ADMIN", "ACTIVATED")
    ]


async def test_nobody_creates_a_project_without_a_key(client):
    refused = await client.refused(DATA, {"data": {"title": "t", "inputType": "IMAGE"}}, status=401)

    assert refused.at == ("UNAUTHENTICATED", None)


async def test_a_server_for_the_one_step_workflow_makes_projects_without_steps(organization, app_with):
    client = app_with(workflow_version="V1").as_(organization.admin.key)
    made = await client.data(DATA, {"data": {"title": "t", "inputType": "IMAGE"}})

    project = await read(organization.admin, made["id"])
    assert (project["workflowVersion"], project["steps"]) == ("V1", [])


@pytest.mark.parametrize(
    "data",
    [
        {"inputType": "IMAGE"},
        {"title": None, "inputType": "IMAGE"},
        {"title": "t", "inputType": "PICTURE"},
        {"title": "t", "t": 1},
    ],
    ids=["no title", "null title", "unknown type", "unknown key"],
)
async def test_what_the_schema_forbids_is_refused_before_anything_runs(organization, data):
    refused = await organization.admin.client.refused(DATA, {"data": data}, status=400)

    assert refused.at == ("BAD_USER_INPUT", None)
    assert await organization.admin.client.data(COUNT) == 0
