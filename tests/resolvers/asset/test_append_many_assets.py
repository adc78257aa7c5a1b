"""`appendManyAssets`, the import since 2.143."""

import asyncio
import json

import pytest

from tests.common.documents import APPEND_MANY_ASSETS, ASSETS, COUNT_ASSETS
from tests.file_samples import png

EVERY = """query ($where: AssetWhere!) {
  data: assets(where: $where, first: 10, skip: 0) { content jsonContent jsonMetadata isHoneypot }
}"""

SIGNED_URLS = "query ($filePaths: [String!]) { urls: createUploadBucketSignedUrls(filePaths: $filePaths) }"


async def append(project, arrays, *, client=None):
    variables = {"data": arrays, "where": {"id": project.id}}
    return await (client or project.admin).data(APPEND_MANY_ASSETS, variables)


async def imported(project, fields="id externalId content jsonContent"):
    return await project.admin.data(
        ASSETS % fields, {"where": {"project": {"id": project.id}}, "first": 1000, "skip": 0}
    )


async def test_assets_are_answered_in_the_order_given(project):
    made = await append(project, {"contentArray": ["3", "1", "2"], "externalIDArray": ["c", "a", "b"]})

    assert [asset["externalId"] for asset in made] == ["c", "a", "b"]
    assert len({asset["id"] for asset in made}) == 3
    assert [(asset["id"], asset["externalId"]) for asset in await imported(project)] == [
        (asset["id"], asset["externalId"]) for asset in made
    ]


async def test_ids_of_clients_are_adopted_and_empty_ones_are_chosen(project):
    name = f"id-{project.id}"
    made = await append(project, {"contentArray": ["1", "2", "3"], "idArray": [name, "", f"{name}-2"]})

    assert made[0]["id"] == name
    assert made[2]["id"] == f"{name}-2"
    assert len(made[1]["id"]) == 25
    where = {"project": {"id": project.id}, "idIn": [f"{name}-2"]}
    assert await project.admin.data(COUNT_ASSETS, {"where": where}) == 1


async def test_an_id_that_exists_refuses_the_whole_import(project, organization):
    name = f"id-{project.id}"
    await append(project, {"contentArray": ["1"], "idArray": [name]})
    other = await organization.project()

    for target in (project, other):
        before = await target.everything()
        variables = {"data": {"contentArray": ["2", "3"], "idArray": ["", name]}, "where": {"id": target.id}}
        refused = await target.admin.refused(APPEND_MANY_ASSETS, variables)
        assert refused.at == ("CONFLICT", ["data"])
        assert refused.context == {"duplicates": [name]}
        assert await target.everything() == before


async def test_an_id_given_twice_refuses_the_whole_import(project):
    variables = {"data": {"contentArray": ["2", "3"], "idArray": ["x", "x"]}, "where": {"id": project.id}}

    refused = await project.admin.refused(APPEND_MANY_ASSETS, variables)

    assert refused.at == ("CONFLICT", ["data"])
    assert await imported(project) == []


async def test_external_ids_are_unique_in_a_project_only_and_case_counts(project, organization):
    await append(project, {"contentArray": ["1"], "externalIDArray": ["a"]})
    other = await organization.project()

    assert len(await append(project, {"contentArray": ["1"], "externalIDArray": ["A"]})) == 1
    assert len(await append(other, {"contentArray": ["1"], "externalIDArray": ["a"]})) == 1


async def test_every_external_id_that_is_taken_is_named_wherever_it_stands(project):
    await append(project, {"contentArray": ["1", "2", "3"], "externalIDArray": ["name-8", "name-13", "name-90"]})
    before = await project.everything()
    names = [f"name-{number}" for number in range(1, 96)]
    data = {"contentArray": ["c"] * 95, "externalIDArray": names, "idArray": [f"{project.id}-{n}" for n in range(95)]}

    for _ in range(2):
        refused = await project.admin.refused(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})
        assert refused.at == ("CONFLICT", ["data"])
        assert refused.context == {"duplicates": ["name-8", "name-13", "name-90"]}
        assert await project.everything() == before
    kept = [index for index, name in enumerate(names) if name not in refused.context["duplicates"]]
    made = await append(project, {name: [values[index] for index in kept] for name, values in data.items()})
    assert [asset["id"] for asset in made] == [data["idArray"][index] for index in kept]


async def test_an_import_that_is_sent_again_is_refused_before_anything_is_written(project, statements):
    data = {"contentArray": ["c"] * 200, "externalIDArray": [f"name-{number}" for number in range(200)]}
    await append(project, data)

    with statements.recording() as texts:
        refused = await project.admin.refused(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})

    assert refused.context == {"duplicates": data["externalIDArray"]}
    assert [text for text in texts if text.startswith("copy")] == []


async def test_columns_with_and_without_their_defaults_are_stored_as_sent(project):
    """What all assets of an import leave out is not sent to the database, and has its default there."""
    await append(project, {"contentArray": ["1", "2"], "externalIDArray": ["a", "b"]})
    mixed = {
        "contentArray": ["3", ""],
        "externalIDArray": ["c", "d"],
        "jsonContentArray": ["", '{"k": 1}'],
        "jsonMetadataArray": ['{"m": 1}', "{}"],
        "isHoneypotArray": [False, True],
    }
    await append(project, mixed)

    assert [
        (one["content"], one["jsonContent"], json.loads(one["jsonMetadata"]), one["isHoneypot"])
        for one in await project.admin.data(EVERY, {"where": {"project": {"id": project.id}}})
    ] == [
        ("1", "", {}, False),
        ("2", "", {}, False),
        ("3", "", {"m": 1}, False),
        ("", '{"k": 1}', {}, True),
    ]


async def test_two_imports_of_the_same_external_ids_at_once_never_both_succeed(project):
    variables = {
        "data": {"contentArray": ["1"] * 50, "externalIDArray": [f"same-{number}" for number in range(50)]},
        "where": {"id": project.id},
    }
    answers = await asyncio.gather(*(project.admin.graphql(APPEND_MANY_ASSETS, variables) for _ in range(4)))

    codes = sorted(answer["errors"][0]["extensions"]["code"] if "errors" in answer else "" for answer in answers)
    assert codes == ["", "CONFLICT", "CONFLICT", "CONFLICT"]
    assert len(await imported(project)) == 50


async def test_an_upload_becomes_the_content_with_its_size(project):
    (url,) = await project.admin.data(SIGNED_URLS, {"filePaths": ["projects/p/assets/a/content"]})
    await project.admin.http.put(url.split("&id=")[0], content=png(7, 5))

    await append(project, {"contentArray": [url]})

    (asset,) = await imported(project, "content resolution { width height } filename")
    assert asset["resolution"] == {"width": 7, "height": 5}
    assert asset["content"] != url
    assert (await project.admin.http.get(asset["content"])).content == png(7, 5)


async def test_an_upload_that_never_came_is_not_found(project):
    (url,) = await project.admin.data(SIGNED_URLS, {"filePaths": ["projects/p/assets/a/content"]})
    variables = {"data": {"contentArray": ["1", url]}, "where": {"id": project.id}}

    refused = await project.admin.refused(APPEND_MANY_ASSETS, variables)

    assert refused.at == ("NOT_FOUND", ["data"])
    assert refused.context == {"index": 1}
    assert await imported(project) == []


async def test_an_upload_of_another_organization_reads_like_none(project, other_organization):
    (url,) = await other_organization.admin.client.data(SIGNED_URLS, {"filePaths": ["content"]})
    await project.admin.http.put(url.split("&id=")[0], content=b"theirs")
    variables = {"data": {"contentArray": [url]}, "where": {"id": project.id}}

    refused = await project.admin.refused(APPEND_MANY_ASSETS, variables)

    assert refused.at == ("NOT_FOUND", ["data"])
    assert await imported(project) == []


async def test_rich_text_keeps_its_text(organization):
    project = await organization.project({}, inputType="TEXT")
    tree = '[ {"children": [{"id": "1", "text": "Hé"}]} ]'

    await append(project, {"contentArray": [""], "jsonContentArray": [tree]})

    (asset,) = await imported(project, "jsonContent contentJson")
    assert asset["jsonContent"] == tree
    assert asset["contentJson"] == json.loads(tree)


async def test_a_call_imports_as_many_assets_as_allowed_and_no_more(project, app_with):
    client = app_with(max_imported_assets=3).as_(project.organization.admin.key)
    await append(project, {"contentArray": ["c"] * 3}, client=client)
    variables = {"data": {"contentArray": ["c"] * 4}, "where": {"id": project.id}}

    refused = await client.refused(APPEND_MANY_ASSETS, variables)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"limit": 3, "given": 4}
    assert len(await imported(project)) == 3


async def test_a_thousand_assets_are_as_many_statements_as_one(project, statements):
    counts = []
    for size in (1, 1000):
        with statements.recording() as texts:
            await append(project, {"contentArray": ["c"] * size, "jsonMetadataArray": ['{"a": 1}'] * size})
        counts.append(len(texts))

    assert counts[0] == counts[1]
    assert len(await imported(project)) == 1000
    where = {"project": {"id": project.id}}
    assert await project.admin.data(COUNT_ASSETS, {"where": where}) == 1001


async def test_assets_of_a_project_of_the_one_step_workflow_have_no_step(organization, app_with):
    client = app_with(workflow_version="V1").as_(organization.admin.key)
    document = 'mutation { data: createProject(data: {title: "t", inputType: IMAGE}) { id } }'
    project_id = (await client.data(document))["id"]
    document = """
    mutation ($id: ID!) {
      data: appendManyToDataset(where: {id: $id}, data: {contentArray: ["a", "b", "c", "d", "e"],
        statusArray: [TODO, ONGOING, LABELED, TO_REVIEW, REVIEWED]}) { id }
    }"""
    await client.data(document, {"id": project_id})

    fields = "status isToReview currentStep { name }"
    variables = {"where": {"project": {"id": project_id}}, "first": 10, "skip": 0}
    assert await client.data(ASSETS % fields, variables) == [
        {"status": "TODO", "isToReview": False, "currentStep": None},
        {"status": "ONGOING", "isToReview": False, "currentStep": None},
        {"status": "LABELED", "isToReview": False, "currentStep": None},
        {"status": "TO_REVIEW", "isToReview": True, "currentStep": None},
        {"status": "REVIEWED", "isToReview": False, "currentStep": None},
    ]


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_only_administrators_import(project, role):
    member = await project.member(role)
    before = await project.everything()

    variables = {"data": {"contentArray": ["a"]}, "where": {"id": project.id}}
    refused = await member.client.refused(APPEND_MANY_ASSETS, variables)

    assert refused.at == ("FORBIDDEN", ["data"])
    assert await project.everything() == before


NO_IDS = {
    "path": "../x",
    "markup": "<script>",
    "long": "x" * 65,
    "very long": "x" * 100_000,
    "NUL": "a\0b",
    "space": "a b",
    "other script": "идентификатор",
    "line": "a\n",
}


@pytest.mark.parametrize("identifier", NO_IDS.values(), ids=NO_IDS)
@pytest.mark.parametrize(
    "operation",
    [
        "appendManyAssets",
        "appendManyToDataset",
        "appendManyAssetsAsynchronously",
        "appendManyFramesToDatasetAsynchronously",
    ],
)
async def test_what_is_no_id_is_not_stored_as_one(project, operation, identifier):
    kind = operation[0].upper() + operation[1:] + "Data"
    document = (
        f"mutation ($data: {kind}!, $where: ProjectWhere!) {{ data: {operation}(data: $data, where: $where) {{ id }} }}"
    )
    data = {"contentArray": ["1", "2"], "idArray": ["fine", identifier]}

    refused = await project.admin.refused(document, {"data": data, "where": {"id": project.id}})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.message.startswith(
        "An id has 1 to 64 letters, digits, hyphens or underscores, unlike entry 1 of idArray, "
    )
    assert refused.context == {"field": "idArray", "index": 1, "limit": 64}
    assert await imported(project) == []


@pytest.mark.parametrize("length", [1, 64])
async def test_the_shortest_and_the_longest_id_are_taken(project, length):
    name = f"{project.id}-_Z9".ljust(64, "a")[-length:]
    made = await append(project, {"contentArray": ["1"], "idArray": [name]})

    assert [asset["id"] for asset in made] == [name]
