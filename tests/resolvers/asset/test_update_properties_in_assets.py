"""`updatePropertiesInAssets`, and its forms of older clients."""

import asyncio
import base64

import pytest

from tests.common.documents import APPEND_MANY_ASSETS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.file_samples import png

# until 2.1xx: one asset, one variable for each key
ONE = """
mutation (
  $id: ID!, $priority: Int, $jsonMetadata: String, $consensusMark: Float, $honeypotMark: Float, $toBeLabeledBy: [String!],
  $content: String, $status: Status, $isUsedForConsensus: Boolean, $isHoneypot: Boolean
) {
  data: updatePropertiesInAsset(where: {id: $id}, data: {
    priority: $priority, jsonMetadata: $jsonMetadata, consensusMark: $consensusMark, honeypotMark: $honeypotMark,
    toBeLabeledBy: $toBeLabeledBy, content: $content, status: $status, isUsedForConsensus: $isUsedForConsensus,
    isHoneypot: $isHoneypot
  }) { id priority }
}"""
ASSIGNED = "toBeLabeledBy { user { id } email } isToBeLabeledBy"


async def update(project, changes, *, client=None):
    """Change assets by id."""
    variables = {"whereArray": [{"id": asset_id} for asset_id in changes], "dataArray": list(changes.values())}
    return await (client or project.admin).data(UPDATE_ASSETS, variables)


async def refuse(project, changes, *, client=None):
    """Try a change that is refused, and see that nothing has changed."""
    before = await project.everything()
    variables = {"whereArray": [{"id": asset_id} for asset_id in changes], "dataArray": list(changes.values())}
    refused = await (client or project.admin).refused(UPDATE_ASSETS, variables)
    assert await project.everything() == before
    return refused


SETTINGS = [
    ("priority", -5),
    ("priority", 1_000_000),
    ("externalId", "renamed"),
    ("content", "https://example.com/other.png"),
    ("content", "raw text"),
    ("jsonContent", '{"0": "https://example.com/0.png"}'),
    ("jsonContent", "https://example.com/frames.json"),
    ("jsonMetadata", '{"b": 1, "a": null}'),
    ("consensusMark", 0.0),
    ("consensusMark", 1.0),
    ("honeypotMark", 0.5),
    ("isHoneypot", True),
    ("isUsedForConsensus", True),
    ("resolution", {"width": 7.5, "height": 5.0}),
    ("pageResolutions", [{"pageNumber": 1, "width": 7.0, "height": 5.0, "rotation": 90.0}]),
]
SHAPES = {"resolution": "{ width height }", "pageResolutions": "{ pageNumber width height rotation }"}


@pytest.mark.parametrize(("key", "value"), SETTINGS, ids=[f"{key} {str(value)[:20]}" for key, value in SETTINGS])
async def test_each_property_is_kept_and_null_leaves_it_alone(project, key, value):
    changed, other = await project.assets(2)
    field = f"{key} {SHAPES.get(key, '')}"
    untouched = await project.read_asset(other, field)

    assert await update(project, {changed: {key: value}}) == [{"id": changed}]
    assert (await project.read_asset(changed, field))[key] == value

    await update(project, {changed: {key: None, "status": None}})
    assert (await project.read_asset(changed, field))[key] == value
    assert await project.read_asset(other, field) == untouched


async def test_a_page_may_lack_its_rotation(project):
    (asset_id,) = await project.assets()
    await update(project, {asset_id: {"pageResolutions": [{"pageNumber": 1, "width": 7.0, "height": 5.0}]}})

    assert (await project.read_asset(asset_id, "pageResolutions { pageNumber rotation }"))["pageResolutions"] == [
        {"pageNumber": 1, "rotation": None}
    ]


async def test_many_assets_change_at_once_and_are_answered_in_the_order_given(project):
    ids = await project.assets(5)
    order = [ids[3], ids[0], ids[4]]
    made = await update(
        project,
        {
            order[0]: {"priority": 3},
            order[1]: {"externalId": "zero", "priority": None},
            order[2]: {"jsonMetadata": '{"a":4}'},
        },
    )

    assert [asset["id"] for asset in made] == order
    assert [(row["priority"], row["external_id"], row["json_metadata"]) for row in await project.rows("asset")] == [
        (0, "zero", "{}"),
        (0, "asset-1", "{}"),
        (0, "asset-2", "{}"),
        (3, "asset-3", "{}"),
        (0, "asset-4", '{"a":4}'),
    ]


async def test_assets_of_a_batch_cost_no_statements_of_their_own(project, statements):
    member = await project.member()
    ids = await project.assets(50)
    counts = []
    for size in (1, 50):
        changes = {
            asset_id: {"priority": size, "toBeLabeledBy": [member.email if place % 2 else member.id]}
            for place, asset_id in enumerate(ids[:size])
        }
        with statements.recording() as texts:
            await update(project, changes)
        counts.append(len(texts))

    assert counts[0] == counts[1]
    assigned = await project.organization.database.pool.fetch(
        "select user_id from asset_assignee where asset_id = any($1::text[])", ids
    )
    assert [row["user_id"] for row in assigned] == [member.id] * 50


async def test_status_is_accepted_and_changes_nothing(project):
    (asset_id,) = await project.assets()

    await update(project, {asset_id: {"status": "REVIEWED"}})

    assert (await project.read_asset(asset_id, "status"))["status"] == "TODO"


async def test_assets_may_be_named_by_external_id_in_a_project(project):
    first, second = await project.assets(2)
    where = [
        {"project": {"id": project.id}, "externalIdStrictlyIn": ["asset-1"]},
        {"project": {"id": project.id}, "externalIdIn": ["asset-0"]},
    ]
    made = await project.admin.data(
        UPDATE_ASSETS, {"whereArray": where, "dataArray": [{"priority": 1}, {"priority": 2}]}
    )

    assert made == [{"id": second}, {"id": first}]
    assert [row["priority"] for row in await project.rows("asset")] == [2, 1]


@pytest.mark.parametrize("nothing", ["null", '""'])
async def test_texts_that_stand_for_none_leave_what_there_is(project, nothing):
    asset_id = await project.asset(jsonMetadataArray='{"a": 1}', jsonContentArray="[1]")

    await update(project, {asset_id: {"jsonMetadata": nothing, "jsonContent": nothing, "priority": 3}})

    (row,) = await project.rows("asset")
    assert (row["json_metadata"], row["json_content"], row["priority"]) == ('{"a": 1}', "[1]", 3)


@pytest.mark.parametrize(
    "names",
    [
        ["asset-1", "asset-0", "asset-2"],
        ["asset-1", "asset-2", "asset-3"],
        ["asset-2", "asset-0", "asset-1"],
        ["asset-0", "asset-1", "asset-2"],
    ],
    ids=["exchanged", "shifted", "in a circle", "as they were"],
)
async def test_external_ids_are_judged_by_the_end_of_the_call(project, names):
    ids = await project.assets(3)

    await update(project, {asset_id: {"externalId": name} for asset_id, name in zip(ids, names, strict=True)})

    assert [row["external_id"] for row in await project.rows("asset")] == names


async def test_external_ids_that_two_assets_would_have_are_refused_by_name(project):
    first, second, _ = await project.assets(3)

    for changes, name in [
        ({first: {"externalId": "asset-1"}}, "asset-1"),
        ({first: {"externalId": "same"}, second: {"externalId": "same"}}, "same"),
        ({first: {"externalId": "asset-1"}, second: {"externalId": "asset-2"}}, "asset-2"),
    ]:
        refused = await refuse(project, changes)
        assert refused.at == ("CONFLICT", ["data"])
        assert refused.context == {"duplicates": [name]}
        assert repr(name) in refused.message

    other = await project.organization.project()
    (elsewhere,) = await other.assets(1)
    await update(project, {elsewhere: {"externalId": "asset-1"}})


async def test_exchanges_at_the_same_time_leave_every_name_once(project):
    ids = await project.assets(5)
    names = [f"asset-{number}" for number in range(5)]
    turns = [names[turn:] + names[:turn] for turn in range(5)]
    calls = []
    for turn, given in enumerate(turns * 3):
        pairs = list(zip(ids, given, strict=True))
        calls.append({asset_id: {"externalId": name} for asset_id, name in (pairs if turn % 2 else pairs[::-1])})

    await asyncio.gather(*(update(project, changes) for changes in calls))

    assert [row["external_id"] for row in await project.rows("asset")] in turns


async def test_a_name_taken_by_an_import_at_the_same_time_is_given_once(project):
    (asset_id,) = await project.assets(1)
    for turn in range(5):
        data = {"contentArray": ["c"], "externalIDArray": [f"new-{turn}"]}
        variables = {"whereArray": [{"id": asset_id}], "dataArray": [{"externalId": f"new-{turn}"}]}
        answers = await asyncio.gather(
            project.admin.graphql(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}}),
            project.admin.graphql(UPDATE_ASSETS, variables),
        )
        errors = [error["extensions"]["code"] for answer in answers for error in answer.get("errors", [])]
        assert errors == ["CONFLICT"]
    names = [row["external_id"] for row in await project.rows("asset")]
    assert len(set(names)) == len(names)


async def test_processing_parameters_stay_when_metadata_is_replaced_without_them(project):
    asset_id = await project.asset(jsonMetadataArray='{"a": 1, "processingParameters": {"epsg": 4326}}')

    await update(project, {asset_id: {"jsonMetadata": '{"b": 2}'}})
    assert (await project.read_asset(asset_id, "jsonMetadata metadata")) == {
        "jsonMetadata": '{"b":2,"processingParameters":{"epsg":4326}}',
        "metadata": {"b": 2, "processingParameters": {"epsg": 4326}},
    }

    await update(project, {asset_id: {"jsonMetadata": '{"processingParameters": {"epsg": 3857}}'}})
    assert (await project.read_asset(asset_id, "jsonMetadata"))["jsonMetadata"] == (
        '{"processingParameters": {"epsg": 3857}}'
    )


async def test_a_dictionary_as_python_shows_it_is_metadata(project):
    """A plugin among Kili's public samples sends it so."""
    asset_id = await project.asset()

    await update(project, {asset_id: {"jsonMetadata": str({"accuracy": 50.0, "is sure": True, "who": None})}})
    assert (await project.read_asset(asset_id, "jsonMetadata"))["jsonMetadata"] == (
        '{"accuracy":50.0,"is sure":true,"who":null}'
    )


async def test_changed_metadata_is_what_filters_find(project):
    (asset_id,) = await project.assets()
    await update(project, {asset_id: {"jsonMetadata": '{"city": "Rome"}'}})
    document = "query ($where: AssetWhere!) { data: countAssets(where: $where) }"

    assert await project.admin.data(document, {"where": {"metadata": {"city": "Rome"}}}) == 1


async def test_a_file_gives_way_to_a_url_and_back(project):
    (asset_id,) = await project.assets()
    inline = "data:image/png;base64," + base64.b64encode(png(7, 5)).decode()

    await update(project, {asset_id: {"content": inline}})
    asset = await project.read_asset(asset_id, "content resolution { width height }")
    assert asset["resolution"] == {"width": 7, "height": 5}
    assert (await project.admin.http.get(asset["content"])).content == png(7, 5)

    await update(project, {asset_id: {"content": "https://example.com/x.png"}})
    assert (await project.read_asset(asset_id, "content"))["content"] == "https://example.com/x.png"


# Assignment


async def test_people_are_assigned_by_e_mail_or_id_and_replaced(project):
    (asset_id,) = await project.assets()
    ada, bob = await project.member(), await project.member()

    await update(project, {asset_id: {"toBeLabeledBy": [ada.email.upper(), bob.id, ada.id]}})
    asset = await project.read_asset(asset_id, ASSIGNED)
    assert sorted(member["email"] for member in asset["toBeLabeledBy"]) == sorted([ada.email, bob.email])
    assert asset["isToBeLabeledBy"] is True

    await update(project, {asset_id: {"toBeLabeledBy": [bob.email]}})
    asset = await project.read_asset(asset_id, ASSIGNED)
    assert asset["toBeLabeledBy"] == [{"user": {"id": bob.id}, "email": bob.email}]


@pytest.mark.parametrize(
    ("change", "is_freed"),
    [
        ({"toBeLabeledBy": [], "shouldResetToBeLabeledBy": True}, True),
        ({"toBeLabeledBy": []}, True),
        ({"toBeLabeledBy": None, "shouldResetToBeLabeledBy": True}, False),
        ({"toBeLabeledBy": None, "shouldResetToBeLabeledBy": False, "priority": 1}, False),
        ({"priority": 1}, False),
    ],
    ids=["empty and reset", "empty", "null and reset", "null", "absent"],
)
async def test_only_an_empty_list_frees_an_asset(project, change, is_freed):
    (asset_id,) = await project.assets()
    ada = await project.member()
    await update(project, {asset_id: {"toBeLabeledBy": [ada.email]}})

    await update(project, {asset_id: change})

    asset = await project.read_asset(asset_id, ASSIGNED)
    assert (asset["toBeLabeledBy"], asset["isToBeLabeledBy"]) == (
        ([], False) if is_freed else ([{"user": {"id": ada.id}, "email": ada.email}], True)
    )


async def test_only_members_are_assigned_and_all_or_none(project):
    first, second = await project.assets(2)
    ada, stranger = await project.member(), await project.organization.person()

    changes = {first: {"toBeLabeledBy": [ada.email]}, second: {"toBeLabeledBy": [ada.email, stranger.email]}}
    refused = await refuse(project, changes)

    assert refused.at == ("NOT_FOUND", ["data"])
    assert refused.context == {"toBeLabeledBy": [stranger.email]}
    assert (await project.read_asset(first, ASSIGNED))["toBeLabeledBy"] == []


# Refusals


@pytest.mark.parametrize(
    "change",
    [
        {"priority": 1_000_001},
        {"priority": -1_000_001},
        {"consensusMark": 1.01},
        {"consensusMark": -0.01},
        {"honeypotMark": 2},
        {"externalId": ""},
        {"externalId": "e" * 501},
        {"externalId": "a\0b"},
        {"content": "a\0b"},
        {"jsonMetadata": "[]"},
        {"jsonMetadata": "{"},
        {"jsonMetadata": "{1: 2}"},
        {"jsonMetadata": "{'a', 'b'}"},
        {"jsonMetadata": "{'a': print()}"},
        {"jsonMetadata": "{'a': '" + "b" * 2_000 + "'}"},
        {"jsonMetadata": "{'a': " + "[" * 400 + "]" * 400 + "}"},
        {"jsonMetadata": "{'a': [[[[[[[[1]]]]]]]]}"},
        {"jsonMetadata": '{"a": "\\u0000"}'},
        {"jsonContent": "frames"},
        {"content": "data:;base64,?"},
        {"priority": 1, "honeypotMark": 5},
    ],
    ids=str,
)
async def test_a_wrong_value_refuses_the_whole_batch(project, change):
    first, second = await project.assets(2)

    refused = await refuse(project, {first: {"priority": 7}, second: change})

    assert refused.at == ("BAD_USER_INPUT", ["data"])


async def test_an_asset_that_is_not_there_refuses_the_whole_batch(project):
    (asset_id,) = await project.assets()

    refused = await refuse(project, {asset_id: {"priority": 7}, "nothing": {"priority": 7}})

    assert refused.at == ("NOT_FOUND", ["data"])


@pytest.mark.parametrize(
    ("wheres", "data"),
    [([{}], [{"priority": 1}]), ([{"id": None}], [{"priority": 1}]), ([], [{"priority": 1}])],
    ids=["empty where", "null id", "lengths differ"],
)
async def test_each_change_names_one_asset(project, wheres, data):
    await project.assets()
    before = await project.everything()

    refused = await project.admin.refused(UPDATE_ASSETS, {"whereArray": wheres, "dataArray": data})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await project.everything() == before


async def test_nothing_to_change_is_fine(project):
    assert await update(project, {}) == []


async def test_a_call_changes_as_many_assets_as_allowed_and_no_more(project, app_with):
    ids = await project.assets(3)
    client = app_with(max_items_per_mutation=2).as_(project.organization.admin.key)

    assert len(await update(project, {asset_id: {"priority": 1} for asset_id in ids[:2]}, client=client)) == 2
    refused = await refuse(project, {asset_id: {"priority": 2} for asset_id in ids}, client=client)
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"limit": 2, "given": 3}


async def test_assets_of_archived_projects_stay_as_they_are(project):
    (asset_id,) = await project.assets()
    await project.admin.data(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": project.id}})

    refused = await refuse(project, {asset_id: {"priority": 1}})

    assert refused.at == ("FORBIDDEN", ["data"])


# Rights


@pytest.mark.parametrize(
    ("role", "change", "may"),
    [
        ("ADMIN", {"externalId": "x"}, True),
        ("TEAM_MANAGER", {"priority": 1}, True),
        ("TEAM_MANAGER", {"toBeLabeledBy": []}, True),
        ("TEAM_MANAGER", {"isUsedForConsensus": True}, True),
        ("TEAM_MANAGER", {"externalId": "x"}, False),
        ("TEAM_MANAGER", {"priority": 1, "jsonMetadata": "{}"}, False),
        ("TEAM_MANAGER", {"consensusMark": 1.0}, False),
        ("REVIEWER", {"priority": 1}, False),
        ("LABELER", {"priority": 1}, False),
    ],
    ids=lambda value: str(value),
)
async def test_managers_distribute_work_and_administrators_change_assets(project, role, change, may):
    (asset_id,) = await project.assets()
    member = await project.member(role)
    if may:
        assert await update(project, {asset_id: change}, client=member.client) == [{"id": asset_id}]
        return

    refused = await refuse(project, {asset_id: change}, client=member.client)
    assert refused.at == ("FORBIDDEN", ["data"])
    assert refused.context == {"projectId": project.id, "role": role}


# The forms of older clients


async def test_one_asset_is_changed_by_a_document_full_of_nulls(project):
    asset_id = await project.asset(jsonMetadataArray='{"a":1}')

    assert await project.admin.data(ONE, {"id": asset_id, "priority": 4}) == {"id": asset_id, "priority": 4}

    (row,) = await project.rows("asset")
    assert (row["priority"], row["json_metadata"], row["consensus_mark"], row["is_honeypot"]) == (
        4,
        '{"a":1}',
        None,
        False,
    )


async def test_the_first_clients_change_one_asset_by_single_arguments(project):
    (asset_id,) = await project.assets()
    document = """
    mutation ($assetID: ID!, $projectID: ID!) {
      data: updateAsset(assetID: $assetID, projectID: $projectID, content: "c", externalID: "e", filename: "f",
        isInstructions: false, instructions: "i", isHoneypot: true, consensusMark: 0.5, honeypotMark: 0.25, status: REVIEWED,
        jsonMetadata: "{}") { externalId content isHoneypot consensusMark honeypotMark status }
    }"""

    assert await project.admin.data(document, {"assetID": asset_id, "projectID": project.id}) == {
        "externalId": "e",
        "content": "c",
        "isHoneypot": True,
        "consensusMark": 0.5,
        "honeypotMark": 0.25,
        "status": "TODO",
    }


async def test_a_hundred_changes_are_as_many_statements_as_one(project, statements):
    ids = await project.assets(100)
    counts = []
    for size in (1, 100):
        with statements.recording() as texts:
            await update(project, {asset_id: {"priority": 5, "jsonMetadata": '{"a": 1}'} for asset_id in ids[:size]})
        counts.append(len(texts))

    assert counts[0] == counts[1]
