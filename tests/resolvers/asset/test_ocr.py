"""OCR in metadata: kept apart, and answered by `ocrMetadata` as a link."""

import json

import pytest

from tests.common.documents import ASSETS, UPDATE_ASSETS
from tests.common.world import new_organization

FULL = {"pages": [{"width": 800, "height": 600}], "text": "Grüße"}
WORDS = [
    {"description": f"word {number}", "boundingPoly": {"vertices": [{"x": number, "y": 1.5}] * 4}}
    for number in range(40)
]
OCR = {"fullTextAnnotation": FULL, "textAnnotations": WORDS}
MIB = 2**20
COPY = "mutation ($data: CopyProjectData!) { data: copyProject(data: $data) }"
DELETE = "mutation ($where: AssetWhere!) { data: deleteAssets(where: $where) { succeeded { assetId } } }"


async def ocr_of(project, asset_id):
    """What the link leads to; null when there is none."""
    link = (await project.read_asset(asset_id, "ocrMetadata"))["ocrMetadata"]
    if link is None:
        return None
    assert link.startswith("http")
    answered = await project.admin.http.get(link)
    assert answered.status_code == 200
    return answered.json()


async def update(project, asset_id, metadata):
    variables = {"whereArray": [{"id": asset_id}], "dataArray": [{"jsonMetadata": metadata}]}
    await project.admin.data(UPDATE_ASSETS, variables)


async def files(project):
    pool, organization_id = project.organization.database.pool, project.organization.id
    return {row["id"] for row in await pool.fetch("select id from blob where organization_id = $1", organization_id)}


def nested(levels):
    """A value of so many lists in one another."""
    return json.loads("[" * levels + "]" * levels)


async def test_ocr_is_answered_by_its_own_field_and_the_rest_as_sent(project):
    text = '{"b": 1.10, "fullTextAnnotation": %s, "a": {"x": null}, "textAnnotations": %s}'
    asset_id = await project.asset(jsonMetadataArray=text % (json.dumps(FULL), json.dumps(WORDS)))

    assert await project.read_asset(asset_id, "jsonMetadata metadata") == {
        "jsonMetadata": '{"b": 1.10, "a": {"x": null}}',
        "metadata": {"b": 1.1, "a": {"x": None}},
    }
    assert await ocr_of(project, asset_id) == OCR


@pytest.mark.parametrize(
    "given",
    [
        {"fullTextAnnotation": FULL},
        {"textAnnotations": WORDS},
        {"textAnnotations": "x" * 131 * 1024},
        {"fullTextAnnotation": nested(32)},
    ],
    ids=["only the text", "only the words", "as long as a page", "32 levels"],
)
async def test_one_key_is_enough(project, given):
    asset_id = await project.asset(jsonMetadataArray=json.dumps(given))

    assert await ocr_of(project, asset_id) == given
    assert (await project.read_asset(asset_id, "jsonMetadata"))["jsonMetadata"] == "{}"


@pytest.mark.parametrize("metadata", ["{}", '{"a": 1}', '{"textAnnotations": null}', '{"a": {"textAnnotations": [1]}}'])
async def test_without_ocr_there_is_no_link(project, metadata):
    asset_id = await project.asset(jsonMetadataArray=metadata)

    assert await ocr_of(project, asset_id) is None


async def test_ocr_of_16_mib_is_kept_beside_metadata_of_its_own_size(project):
    ocr = {"textAnnotations": "x" * (16 * MIB - 100)}
    rest = {"note": "y" * (64 * 1024 - 100)}
    asset_id = await project.asset(jsonMetadataArray=json.dumps({**ocr, **rest}))

    assert await ocr_of(project, asset_id) == ocr
    assert json.loads((await project.read_asset(asset_id, "jsonMetadata"))["jsonMetadata"]) == rest


@pytest.mark.parametrize(
    "metadata",
    [
        {"textAnnotations": "x" * 16 * MIB},
        {"textAnnotations": [], "note": "y" * 64 * 1024},
        {"textAnnotations": nested(33)},
        {"textAnnotations": [], "note": nested(8)},
        {"textAnnotations": [], **{f"k{number}": 1 for number in range(501)}},
    ],
    ids=["more than 16 MiB", "a note of more than 64 KiB", "33 levels", "a note of nine levels", "501 keys"],
)
async def test_what_passes_a_limit_is_refused_and_nothing_is_stored(project, metadata):
    (asset_id,) = await project.assets()
    before, kept = await project.everything(), await files(project)
    variables = {"whereArray": [{"id": asset_id}], "dataArray": [{"jsonMetadata": json.dumps(metadata)}]}

    refused = await project.admin.refused(UPDATE_ASSETS, variables)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await project.everything() == before
    assert await files(project) == kept


async def test_metadata_that_does_not_name_ocr_leaves_it(project):
    asset_id = await project.asset(jsonMetadataArray=json.dumps({"a": 1, **OCR}))
    before = await files(project)

    await update(project, asset_id, '{"b": 2}')
    assert (await project.read_asset(asset_id, "jsonMetadata"))["jsonMetadata"] == '{"b": 2}'
    assert await ocr_of(project, asset_id) == OCR

    await update(project, asset_id, json.dumps({"textAnnotations": ["new"]}))
    assert await ocr_of(project, asset_id) == {"textAnnotations": ["new"]}
    assert len(await files(project) - before) == len(before - await files(project)) == 1

    await update(project, asset_id, '{"b": 2, "fullTextAnnotation": null}')
    assert await ocr_of(project, asset_id) is None
    assert len(await files(project)) == len(before) - 1


async def test_a_copy_shares_ocr_and_the_last_asset_takes_it_along(project):
    asset_id = await project.asset(jsonMetadataArray=json.dumps(OCR))
    await project.admin.data(COPY, {"data": {"projectId": project.id, "shouldCopyAssets": True}})
    kept = await files(project)

    await project.admin.data(DELETE, {"where": {"idIn": [asset_id]}})
    assert await files(project) == kept

    pool = project.organization.database.pool
    (copy,) = [row["id"] for row in await pool.fetch("select id from asset where ocr_blob_id = any($1)", list(kept))]
    await project.admin.data(DELETE, {"where": {"idIn": [copy]}})
    assert len(await files(project)) == len(kept) - 1


async def test_links_to_ocr_are_of_those_who_see_the_asset(project, database, client):
    asset_id = await project.asset(jsonMetadataArray=json.dumps(OCR))
    stranger = (await new_organization(database, client)).admin
    variables = {"where": {"id": asset_id}, "first": 1, "skip": 0}

    assert await stranger.client.data(ASSETS % "ocrMetadata", variables) == []


async def test_a_page_of_ocr_links_costs_no_more_statements_than_one(project, statements):
    await project.assets(30, jsonMetadataArray=[json.dumps(OCR)] * 30)
    counts = []
    for first in (1, 30):
        with statements.recording() as texts:
            variables = {"where": {"project": {"id": project.id}}, "first": first, "skip": 0}
            await project.admin.data(ASSETS % "ocrMetadata jsonMetadata", variables)
        counts.append(len(texts))

    assert counts[0] == counts[1]
