"""`appendManyToDataset`, the import of clients before 2.143, and those of the very first ones."""

import base64

import pytest

from tests.common.documents import ASSETS
from tests.file_samples import png

# 1.4 to 2.7, 2.13 to 2.86
FLAT = """
mutation (
  $contentArray: [String!], $externalIDArray: [String!], $isHoneypotArray: [Boolean!], $jsonContentArray: [String!],
  $jsonMetadataArray: [String!], $projectID: ID!, $statusArray: [Status!]
) {
  data: appendManyToDataset(
    contentArray: $contentArray, externalIDArray: $externalIDArray, isHoneypotArray: $isHoneypotArray,
    jsonContentArray: $jsonContentArray, jsonMetadataArray: $jsonMetadataArray, projectID: $projectID, statusArray: $statusArray
  ) { id }
}"""
# 2.86.0 alone
MIXED = """
mutation (
  $contentArray: [String!], $externalIDArray: [String!], $isHoneypotArray: [Boolean!], $jsonContentArray: [String!],
  $jsonMetadataArray: [String!], $where: ProjectWhere!, $statusArray: [Status!]
) {
  data: appendManyToDataset(
    contentArray: $contentArray, externalIDArray: $externalIDArray, isHoneypotArray: $isHoneypotArray,
    jsonContentArray: $jsonContentArray, jsonMetadataArray: $jsonMetadataArray, where: $where, statusArray: $statusArray
  ) { id }
}"""
# 2.87 to 2.142
DATA = """
mutation ($data: AppendManyToDatasetData!, $where: ProjectWhere!) { data: appendManyToDataset(data: $data, where: $where) { id } }"""
FIELDS = """
externalId content jsonContent jsonMetadata isHoneypot status skipped priority resolution { width height }
currentStep { name status }
"""
FORMS = {
    "flat": (FLAT, lambda project_id, arrays: {"projectID": project_id, **arrays}),
    "mixed": (MIXED, lambda project_id, arrays: {"where": {"id": project_id}, **arrays}),
    "data": (DATA, lambda project_id, arrays: {"where": {"id": project_id}, "data": arrays}),
}


async def imported(project, fields=FIELDS):
    return await project.admin.data(
        ASSETS % fields, {"where": {"project": {"id": project.id}}, "first": 100, "skip": 0}
    )


@pytest.fixture(params=FORMS)
def append(request):
    """Import into a project in the form of one generation."""
    document, variables = FORMS[request.param]

    async def send(project, arrays, *, refused=False):
        method = project.admin.refused if refused else project.admin.data
        return await method(document, variables(project.id, arrays))

    return send


async def test_assets_come_in_order_and_the_project_is_answered(project, append):
    arrays = {
        "contentArray": ["https://example.com/a.png", "https://example.com/b.png"],
        "externalIDArray": ["b", "a"],
        "isHoneypotArray": [False, True],
        "jsonContentArray": ["", '{"0": "https://example.com/0.png"}'],
        "jsonMetadataArray": ['{"z": 1, "a": null}', "{}"],
        "statusArray": ["TODO", "ONGOING"],
    }

    assert await append(project, arrays) == {"id": project.id}

    assert await imported(project) == [
        {
            "externalId": "b",
            "content": "https://example.com/a.png",
            "jsonContent": "",
            "jsonMetadata": '{"z": 1, "a": null}',
            "isHoneypot": False,
            "status": "TODO",
            "skipped": False,
            "priority": 0,
            "resolution": None,
            "currentStep": {"name": "Default", "status": "TO_DO"},
        },
        {
            "externalId": "a",
            "content": "https://example.com/b.png",
            "jsonContent": '{"0": "https://example.com/0.png"}',
            "jsonMetadata": "{}",
            "isHoneypot": True,
            "status": "ONGOING",
            "skipped": False,
            "priority": 0,
            "resolution": None,
            "currentStep": {"name": "Default", "status": "IN_PROGRESS"},
        },
    ]


async def test_arrays_may_be_null_or_left_out(project, append):
    await append(project, {"contentArray": ["text"], "externalIDArray": None, "jsonMetadataArray": None})

    (asset,) = await imported(project)
    assert asset["content"] == "text"
    assert len(asset["externalId"]) == 32
    assert int(asset["externalId"], 16) >= 0


async def test_external_ids_that_are_taken_refuse_the_whole_import_with_their_list(project, append):
    await append(project, {"contentArray": ["1", "2"], "externalIDArray": ["one", "two"]})
    before = await project.everything()

    arrays = {"contentArray": ["3", "4", "5"], "externalIDArray": ["two", "three", "one"]}
    refused = await append(project, arrays, refused=True)

    assert refused.at == ("CONFLICT", ["data"])
    assert refused.context == {"duplicates": ["two", "one"]}
    assert await project.everything() == before


@pytest.mark.parametrize("nothing", ["null", '""', " null ", ""])
async def test_texts_that_stand_for_none_are_absent(project, append, nothing):
    arrays = {
        "contentArray": ["c", "c"],
        "jsonContentArray": [nothing, "[1]"],
        "jsonMetadataArray": [nothing, '{"a": 1}'],
    }
    await append(project, arrays)

    rows = await project.rows("asset")
    assert [(row["json_content"], row["json_metadata"]) for row in rows] == [("", "{}"), ("[1]", '{"a": 1}')]


async def test_external_ids_given_twice_refuse_the_whole_import(project, append):
    arrays = {"contentArray": ["3", "4", "5"], "externalIDArray": ["a", "b", "a"]}
    refused = await append(project, arrays, refused=True)

    assert refused.at == ("CONFLICT", ["data"])
    assert refused.context == {"duplicates": ["a"]}
    assert await imported(project) == []


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"contentArray": []},
        {"externalIDArray": ["a"]},
        {"contentArray": ["a", "b"], "externalIDArray": ["a"]},
        {"contentArray": ["a"], "jsonMetadataArray": ["{}", "{}"]},
        {"contentArray": ["a"], "jsonMetadataArray": ["[]"]},
        {"contentArray": ["a"], "jsonMetadataArray": ["{"]},
        {"contentArray": ["a"], "jsonMetadataArray": ['{"a": "\\u0000"}']},
        {"contentArray": ["a"], "jsonMetadataArray": ['{"a": ' * 9 + "1" + "}" * 9]},
        {"contentArray": ["a"], "jsonContentArray": ["not json"]},
        {"contentArray": ["a"], "jsonContentArray": ["7"]},
        {"contentArray": ["a"], "externalIDArray": ["e" * 501]},
        {"contentArray": ["a"], "externalIDArray": ["a\0b"]},
        {"contentArray": ["a\0b"], "externalIDArray": ["a"]},
        {"contentArray": ["data:image/png;base64,???"]},
    ],
    ids=[
        "nothing",
        "no asset",
        "no content",
        "lengths differ",
        "lengths of metadata differ",
        "metadata is a list",
        "metadata is cut",
        "metadata holds NUL",
        "metadata too deep",
        "json content is no json",
        "json content is a number",
        "external id too long",
        "external id holds NUL",
        "content holds NUL",
        "data is no base64",
    ],
)
async def test_a_wrong_value_refuses_the_whole_import(project, append, arrays):
    before = await project.everything()

    refused = await append(project, arrays, refused=True)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await project.everything() == before


async def test_a_longest_external_id_is_taken(project, append):
    await append(project, {"contentArray": ["a"], "externalIDArray": ["é" * 500]})

    assert [asset["externalId"] for asset in await imported(project)] == ["é" * 500]


# Files inside the request, as clients before 2.121 send them


@pytest.mark.parametrize("prefix", ["data:image/png;base64,", "data:;base64,", "data:image/jpeg;base64,"], ids=str)
async def test_files_sent_inline_are_kept_and_served_by_what_they_are(project, append, prefix):
    picture = png(7, 5)
    await append(project, {"contentArray": [prefix + base64.b64encode(picture).decode(), "plain text"]})

    first, second = await imported(project)
    assert second["content"] == "plain text"
    assert first["resolution"] == {"width": 7, "height": 5}
    assert first["content"].startswith("http://label.example/api/label/v2/files?")
    served = await project.admin.http.get(first["content"])
    assert (served.status_code, served.headers["content-type"], served.content) == (200, "image/png", picture)


@pytest.mark.parametrize("size", [0, 1, 1 << 20], ids=str)
async def test_files_of_every_size_come_back_whole(project, append, size):
    await append(project, {"contentArray": ["data:;base64," + base64.b64encode(b"x" * size).decode()]})

    (asset,) = await imported(project)
    assert (await project.admin.http.get(asset["content"])).content == b"x" * size


async def test_frames_of_older_clients_may_be_a_list(organization):
    project = await organization.project({}, inputType="FRAME")
    frames = '["https://example.com/0.png", "https://example.com/1.png"]'
    variables = {"projectID": project.id, "contentArray": [""], "jsonContentArray": [frames]}
    await project.admin.data(FLAT, variables)

    (asset,) = await imported(project)
    assert asset["jsonContent"] == frames


# Which form


@pytest.mark.parametrize(
    "arguments",
    [
        '(data: {contentArray: ["a"]}, contentArray: ["a"], where: {id: "%s"})',
        '(contentArray: ["a"])',
        '(data: {contentArray: ["a"]})',
        '(data: {contentArray: ["a"]}, where: {})',
        "",
    ],
    ids=["both forms", "no project", "data without project", "empty where", "nothing"],
)
async def test_exactly_one_complete_form_is_taken(project, arguments):
    arguments = arguments.replace("%s", project.id)

    refused = await project.admin.refused(f"mutation {{ data: appendManyToDataset{arguments} {{ id }} }}")

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await imported(project) == []


# Rights


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_only_administrators_import(project, role):
    member = await project.member(role)
    before = await project.everything()

    variables = {"data": {"contentArray": ["a"]}, "where": {"id": project.id}}
    refused = await member.client.refused(DATA, variables)

    assert refused.at == ("FORBIDDEN", ["data"])
    assert await project.everything() == before


async def test_to_strangers_a_project_does_not_exist(project):
    stranger = await project.organization.person()
    variables = {"data": {"contentArray": ["a"]}, "where": {"id": project.id}}

    refused = await stranger.client.refused(DATA, variables)

    assert refused.at == ("NOT_FOUND", ["data"])
    assert await imported(project) == []


# The very first clients


async def test_the_first_clients_get_assets_back(project):
    document = """
    mutation ($projectID: ID!, $contents: [String!], $externalIDs: [String!]) {
      data: createAssets(projectID: $projectID, contents: $contents, externalIDs: $externalIDs) { externalId content }
    }"""
    made = await project.admin.data(
        document, {"projectID": project.id, "contents": ["1", "2"], "externalIDs": ["a", "b"]}
    )

    assert made == [{"externalId": "a", "content": "1"}, {"externalId": "b", "content": "2"}]
    assert [asset["externalId"] for asset in await imported(project)] == ["a", "b"]


async def test_the_first_clients_import_one_asset_by_the_name_of_a_retired_feature(project):
    document = """
    mutation ($projectID: ID!) {
      data: appendToDataset(projectID: $projectID, content: "c", externalID: "e", filename: "f.png", isInstructions: false,
        instructions: "how", isHoneypot: true, status: TODO, jsonMetadata: "{\\"a\\": 1}") { id }
    }"""
    made = await project.admin.data(document, {"projectID": project.id})

    fields = "id externalId content filename instructions isInstructions isHoneypot jsonMetadata"
    assert await imported(project, fields) == [
        {
            "id": made["id"],
            "externalId": "e",
            "content": "c",
            "filename": "f.png",
            "instructions": "how",
            "isInstructions": False,
            "isHoneypot": True,
            "jsonMetadata": '{"a": 1}',
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ('projectID: "p", datasetId: "d", contentArray: ["c"]', "BAD_USER_INPUT", "projectID"),
        ('content: "c"', "BAD_USER_INPUT", "where.id"),
        ('datasetId: "d", contentArray: ["c"]', "NOT_FOUND", None),
    ],
    ids=["both", "neither", "unknown dataset"],
)
async def test_either_a_project_or_a_dataset_is_named(project, arguments, code, field):
    refused = await project.admin.refused(f"mutation {{ data: appendToDataset({arguments}) {{ id }} }}")

    assert refused.at == (code, ["data"])
    assert refused.context.get("field") == field
