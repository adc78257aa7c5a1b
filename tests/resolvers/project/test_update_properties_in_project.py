"""`updatePropertiesInProject`."""

import json

import pytest

from tests.common.documents import APPEND_MANY_ASSETS, APPEND_TO_LABELS, ASSETS, LABELS, UPDATE_PROJECT
from tests.common.world import WEATHER, answer

# before 2.147: every field is a variable, and all but a few are null
OLD = """
mutation (
  $projectID: ID!, $title: String, $jsonInterface: String, $minConsensusSize: Int, $useHoneyPot: Boolean, $archived: Boolean
) {
  data: updatePropertiesInProject(where: {id: $projectID}, data: {
    title: $title, jsonInterface: $jsonInterface, minConsensusSize: $minConsensusSize, useHoneyPot: $useHoneyPot, archived: $archived
  }) { id title minConsensusSize useHoneyPot archived }
}"""


async def update(project, data, *, client=None):
    return await (client or project.admin).data(UPDATE_PROJECT, {"data": data, "where": {"id": project.id}})


async def read(project, fields):
    document = f"query ($id: ID!) {{ data: projects(where: {{id: $id}}, first: 1, skip: 0) {{ {fields} }} }}"
    (found,) = await project.admin.data(document, {"id": project.id})
    return found


SETTINGS = [
    ("title", "New title"),
    ("description", "New description"),
    ("description", ""),
    ("instructions", "https://example.com/how.pdf"),
    ("rules", "Be kind"),
    ("canNavigateBetweenAssets", False),
    ("canSkipAsset", False),
    ("shouldAutoAssign", True),
    ("shouldRelaunchKpiComputation", True),
    ("secondsToLabelBeforeAutoAssign", 30),
    ("useHoneyPot", True),
    ("consensusTotCoverage", 0),
    ("consensusTotCoverage", 100),
    ("minConsensusSize", 1),
    ("minConsensusSize", 10),
    ("reviewCoverage", 0),
    ("reviewCoverage", 100),
    ("consensusMark", 0.0),
    ("consensusMark", 1.0),
    ("honeypotMark", 0.5),
    ("interfaceCategory", "CLASSIFICATION"),
    ("complianceTags", ["PHI"]),
    ("complianceTags", []),
]


@pytest.mark.parametrize(("key", "value"), SETTINGS, ids=[f"{key} {str(value)[:20]}" for key, value in SETTINGS])
async def test_each_setting_is_kept_and_null_leaves_it_alone(project, key, value):
    before = await project.everything()

    assert await update(project, {key: value}) == {"id": project.id}
    assert (await read(project, key))[key] == value

    await update(project, {key: None, "title": None})
    assert (await read(project, key))[key] == value

    after = await project.everything()
    changed = {name for name, old in before["project"][0].items() if after["project"][0][name] != old}
    assert len(changed - {"updated_at"}) <= 1
    assert after["project"][0]["updated_at"] >= before["project"][0]["updated_at"]


async def test_a_new_value_really_differs_from_the_default(project):
    fresh = await read(project, " ".join({key for key, _ in SETTINGS}))

    assert all(any(value != fresh[key] for name, value in SETTINGS if name == key) for key, _ in SETTINGS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", ""),
        ("title", "t" * 501),
        ("description", "d" * 10_001),
        ("consensusTotCoverage", -1),
        ("consensusTotCoverage", 101),
        ("minConsensusSize", 0),
        ("minConsensusSize", 11),
        ("reviewCoverage", -1),
        ("reviewCoverage", 101),
        ("consensusMark", -0.1),
        ("consensusMark", 1.1),
        ("honeypotMark", 2.0),
        ("metadataProperties", ["key"]),
        ("metadataProperties", {"key": "string"}),
        ("metadataProperties", {"key": {"type": "colour"}}),
        ("metadataTypes", {"key": "colour"}),
        ("inputType", "TEXT"),
        ("jsonInterface", "{"),
        ("jsonInterface", '{"jobs": {"A": {}}}'),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_value_out_of_range_is_refused_and_nothing_changes(project, key, value):
    before = await project.everything()

    refused = await project.admin.refused(
        UPDATE_PROJECT, {"data": {"title": "new", key: value}, "where": {"id": project.id}}
    )

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await project.everything() == before


async def test_the_type_of_assets_may_be_repeated_but_not_changed(project):
    assert await update(project, {"inputType": "IMAGE"}) == {"id": project.id}

    refused = await project.admin.refused(UPDATE_PROJECT, {"data": {"inputType": "VIDEO"}, "where": {"id": project.id}})
    assert refused.context == {"field": "inputType"}


async def test_the_older_document_with_nulls_changes_what_it_gives(project):
    variables = {
        "projectID": project.id,
        "title": "New",
        "jsonInterface": None,
        "minConsensusSize": 3,
        "useHoneyPot": None,
        "archived": None,
    }
    assert await project.admin.data(OLD, variables) == {
        "id": project.id,
        "title": "New",
        "minConsensusSize": 3,
        "useHoneyPot": False,
        "archived": False,
    }


async def test_counters_and_authors_of_older_clients_change_nothing(project):
    before = await project.everything()
    counters = {
        "numberOfAssets": 99,
        "numberOfRemainingAssets": 99,
        "numberOfReviewedAssets": 99,
        "numberOfSkippedAssets": 99,
        "numberOfAssetsWithSkippedLabels": 99,
        "numberOfAssetsWithEmptyLabels": 99,
        "numberOfLatestLabels": 99,
        "completionPercentage": 99.5,
        "author": "somebody",
    }
    await update(project, counters)

    after = await project.everything()
    after["project"][0]["updated_at"] = before["project"][0]["updated_at"]
    assert after == before


# Metadata properties


async def test_metadata_properties_get_their_defaults(project):
    given = {
        "city": {"type": "string"},
        "size": {"type": "number", "filterable": False},
        "note": {},
        "day": {"type": "date"},
    }
    complete = {
        "city": {"type": "string", "filterable": True, "visibleByLabeler": True, "visibleByReviewer": True},
        "size": {"type": "number", "filterable": False, "visibleByLabeler": True, "visibleByReviewer": True},
        "note": {"type": "string", "filterable": True, "visibleByLabeler": True, "visibleByReviewer": True},
        "day": {"type": "date", "filterable": True, "visibleByLabeler": True, "visibleByReviewer": True},
    }
    await update(project, {"metadataProperties": given})

    assert await read(project, "metadataProperties metadataTypes assetMetadata") == {
        "metadataProperties": complete,
        "metadataTypes": {"city": "string", "size": "number", "note": "string", "day": "date"},
        "assetMetadata": complete,
    }

    await update(project, {"metadataTypes": {"size": "string"}})
    assert await read(project, "metadataTypes") == {"metadataTypes": {"size": "string"}}


# Archiving


async def test_archiving_hides_nothing_from_who_asks_and_takes_no_label_or_asset(project):
    asset_id = (await project.assets())[0]
    await update(project, {"archived": True})
    first = await read(project, "archived archivedAt")
    assert (first["archived"], first["archivedAt"] is not None) == (True, True)

    await update(project, {"archived": True})
    assert await read(project, "archived archivedAt") == first

    before = await project.everything()
    label = {"data": {"jsonResponse": answer(), "labelType": "DEFAULT"}, "where": {"id": asset_id}}
    asset = {"data": {"contentArray": ["c"]}, "where": {"id": project.id}}
    for document, variables in [(APPEND_TO_LABELS, label), (APPEND_MANY_ASSETS, asset)]:
        refused = await project.admin.refused(document, variables)
        assert refused.at == ("FORBIDDEN", ["data"])
        assert refused.message.startswith("[archivedProject] ")
    assert await project.everything() == before

    await update(project, {"archived": False})
    assert await read(project, "archived archivedAt") == {"archived": False, "archivedAt": None}
    await project.label(asset_id)


# Workflow settings of older recipes


async def test_review_coverage_is_that_of_the_first_review_step(project):
    await update(
        project, {"reviewCoverage": 30, "minConsensusSize": 2, "consensusTotCoverage": 40, "useHoneyPot": True}
    )

    steps = "steps { type stepCoverage consensusCoverage numberOfExpectedLabelsForConsensus useHoneypot }"
    assert await read(project, f"reviewCoverage {steps}") == {
        "reviewCoverage": 30,
        "steps": [
            {
                "type": "DEFAULT",
                "stepCoverage": None,
                "consensusCoverage": 40,
                "numberOfExpectedLabelsForConsensus": 2,
                "useHoneypot": True,
            },
            {
                "type": "REVIEW",
                "stepCoverage": 30,
                "consensusCoverage": None,
                "numberOfExpectedLabelsForConsensus": None,
                "useHoneypot": False,
            },
        ],
    }


# Changing the interface


def with_jobs(**changes):
    """`WEATHER` with jobs replaced, or left out where the value is None."""
    jobs = {**WEATHER["jobs"], **changes}
    return json.dumps({"jobs": {name: job for name, job in jobs.items() if job is not None}})


def with_categories(*names):
    return {
        **WEATHER["jobs"]["WEATHER"],
        "content": {"input": "radio", "categories": {name: {"name": name.title(), "children": []} for name in names}},
    }


@pytest.fixture
async def labeled(project):
    """A project with two suns, one rain, and a sun with three cars."""
    ids = await project.assets(4)
    for asset_id, response in zip(ids, [answer(), answer(), answer("RAIN"), answer(cars=3)], strict=True):
        await project.label(asset_id, json_response=response)
    return project


ONE_PLACE = {
    **WEATHER["jobs"]["PLACE"],
    "content": {"input": "radio", "categories": {"CAR": {"name": "Car", "children": []}}},
}
SUN, RAIN = "jobs.WEATHER.content.categories.SUN", "jobs.WEATHER.content.categories.RAIN"
CHANGES = [
    ("a job more", {"MOOD": WEATHER["jobs"]["WEATHER"]}, {}),
    ("a category more", {"WEATHER": with_categories("SUN", "RAIN", "SNOW")}, {}),
    ("a category that no label uses goes", {"PLACE": ONE_PLACE}, {}),
    ("a category that labels use goes", {"WEATHER": with_categories("RAIN")}, {SUN: 3}),
    ("a category is renamed", {"WEATHER": with_categories("SUNNY", "RAIN")}, {SUN: 3}),
    ("both categories go", {"WEATHER": with_categories("FOG")}, {SUN: 3, RAIN: 1}),
    ("a job goes", {"PLACE": None}, {"jobs.PLACE": 1, "jobs.PLACE.content.categories.CAR": 1}),
    ("the other job goes", {"WEATHER": None}, {"jobs.WEATHER": 4, SUN: 3, RAIN: 1}),
]


@pytest.mark.parametrize(("changes", "removed"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
async def test_an_interface_may_change_and_what_labels_lose_is_a_warning(labeled, changes, removed):
    labels = await labeled.rows("label")
    text = with_jobs(**changes)
    response = await labeled.admin.graphql(
        UPDATE_PROJECT, {"data": {"jsonInterface": text}, "where": {"id": labeled.id}}
    )

    assert response["data"] == {"data": {"id": labeled.id}}
    warnings = response.get("extensions", {}).get("warnings", [])
    told = {warning["path"]: int(warning["message"].split()[0]) for warning in warnings if warning["code"] == "REMOVED"}
    assert told == removed
    assert (await read(labeled, "jsonInterface"))["jsonInterface"] == text
    assert await labeled.rows("label") == labels


READ_LABELS = LABELS % "id jsonResponse response annotations { __typename } author { id }"


async def answers(project):
    """The answers of all labels as they are read, by every field."""
    variables = {"where": {"project": {"id": project.id}}, "first": 100, "skip": 0}
    labels = await project.admin.data(READ_LABELS, variables)
    for label in labels:
        assert label["response"] == json.loads(label["jsonResponse"])
    return [label["jsonResponse"] for label in labels], [len(label["annotations"]) for label in labels]


async def test_labels_are_read_without_what_the_interface_lost_until_it_is_back(labeled):
    before = await answers(labeled)
    ids = [label["id"] for label in await labeled.rows("label")]
    text = with_jobs(WEATHER=with_categories("RAIN"))
    data = {"data": {"jsonInterface": text}, "where": {"id": labeled.id}}

    _, warnings = await labeled.admin.warned(UPDATE_PROJECT, data)

    (told,) = [warning["message"] for warning in warnings if warning["code"] == "REMOVED"]
    assert told.startswith(f"3 labels use it, the first are {ids[0]}, {ids[1]}, {ids[3]};")
    read, counts = await answers(labeled)
    assert [list(json.loads(text)) for text in read] == [[], [], ["WEATHER"], ["PLACE"]]
    assert read[2] == before[0][2]
    assert counts == [0, 0, before[1][2], before[1][3] - 1]
    asset_id = (await labeled.rows("asset"))[3]["id"]
    variables = {"where": {"id": asset_id}, "first": 1, "skip": 0}
    (asset,) = await labeled.admin.data(ASSETS % "latestLabel { jsonResponse } labels { jsonResponse }", variables)
    assert asset == {"latestLabel": {"jsonResponse": read[3]}, "labels": [{"jsonResponse": read[3]}]}

    # Another change keeps what went before; a name that comes back is read again.
    await labeled.admin.warned(
        UPDATE_PROJECT,
        {
            "data": {"jsonInterface": with_jobs(WEATHER=with_categories("RAIN"), PLACE=None)},
            "where": {"id": labeled.id},
        },
    )
    assert [list(json.loads(text)) for text in (await answers(labeled))[0]] == [[], [], ["WEATHER"], []]
    back = {"data": {"jsonInterface": with_jobs()}, "where": {"id": labeled.id}}
    _, warnings = await labeled.admin.warned(UPDATE_PROJECT, back)
    assert [warning["code"] for warning in warnings] == ["MARKS"]
    assert await answers(labeled) == before
    assert (await labeled.rows("project"))[0]["retired_names"] is None


async def test_a_job_without_categories_is_missed_as_well(project):
    note = {"NOTE": {"mlTask": "TRANSCRIPTION", "required": 0, "isChild": False, "content": {"input": "textField"}}}
    await update(project, {"jsonInterface": with_jobs(**note)})
    first, second = await project.assets(2)
    label_id = await project.label(first, json_response='{"NOTE": {"text": "words"}}')
    await project.label(second, json_response=answer("RAIN"))

    _, warnings = await project.admin.warned(
        UPDATE_PROJECT, {"data": {"jsonInterface": with_jobs()}, "where": {"id": project.id}}
    )

    (told,) = [warning for warning in warnings if warning["code"] == "REMOVED"]
    assert (told["path"], told["message"].partition(";")[0]) == (
        "jobs.NOTE",
        f"1 labels use it, the first are {label_id}",
    )
    assert (await answers(project))[0] == ["{}", answer("RAIN")]


async def test_labels_are_checked_against_the_interface_of_the_moment(labeled):
    asset_id = (await labeled.rows("asset"))[0]["id"]
    text = with_jobs(WEATHER=with_categories("FOG"))
    await labeled.admin.warned(UPDATE_PROJECT, {"data": {"jsonInterface": text}, "where": {"id": labeled.id}})
    label = {"data": {"jsonResponse": answer("SUN"), "labelType": "DEFAULT"}, "where": {"id": asset_id}}

    refused = await labeled.admin.refused(APPEND_TO_LABELS, label)
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    await labeled.label(asset_id, json_response=answer("FOG"))


async def test_the_tasks_of_the_interface_follow_it(project):
    await update(project, {"jsonInterface": with_jobs(PLACE=None)})
    assert await read(project, "mlTasks mlTasksCompute") == {
        "mlTasks": ["CLASSIFICATION"],
        "mlTasksCompute": ["CLASSIFICATION"],
    }

    await update(project, {"jsonSettings": with_jobs(WEATHER=None)})
    assert await read(project, "mlTasks") == {"mlTasks": ["OBJECT_DETECTION"]}


async def test_the_same_interface_again_is_no_change(project):
    version = (await project.rows("project"))[0]["interface_version"]
    text = (await read(project, "jsonInterface"))["jsonInterface"]

    await update(project, {"jsonInterface": text})

    assert (await project.rows("project"))[0]["interface_version"] == version


# Rights


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_only_administrators_change_a_project(project, role):
    member = await project.member(role)
    before = await project.everything()

    refused = await member.client.refused(UPDATE_PROJECT, {"data": {"title": "mine"}, "where": {"id": project.id}})

    assert refused.at == ("FORBIDDEN", ["data"])
    assert refused.context == {"projectId": project.id, "role": role}
    assert await project.everything() == before


async def test_a_project_administrator_may(project):
    member = await project.member("ADMIN")

    assert await update(project, {"title": "Ours"}, client=member.client) == {"id": project.id}


async def test_to_strangers_a_project_does_not_exist(project):
    stranger = await project.organization.person()

    refused = await stranger.client.refused(UPDATE_PROJECT, {"data": {"title": "mine"}, "where": {"id": project.id}})
    unknown = await stranger.client.refused(UPDATE_PROJECT, {"data": {"title": "mine"}, "where": {"id": "nothing"}})

    assert refused.at == unknown.at == ("NOT_FOUND", ["data"])
    assert refused.message.replace(project.id, "nothing") == unknown.message


@pytest.mark.parametrize("where", [{}, {"id": None}, {"searchQuery": "%"}], ids=str)
async def test_a_project_must_be_named_by_its_id(project, where):
    before = await project.everything()

    refused = await project.admin.refused(UPDATE_PROJECT, {"data": {"title": "all"}, "where": where})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"field": "where.id"}
    assert await project.everything() == before
