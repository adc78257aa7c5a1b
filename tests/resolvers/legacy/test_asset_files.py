"""Files that belong to an asset beside its content: answers of file jobs, and what inline JSON names."""

import json
import re
from typing import Any

import pytest

from labelyard.domain.file_url import blob_id_of
from labelyard.storage.purge import purge_deleted_projects
from tests.common.world import Project
from tests.resolvers.legacy.conftest import Api

REPORT = {"jobs": {"REPORT": {"mlTask": "FILE", "required": 0, "isChild": False, "content": {}}}}
RESERVE = """
mutation ($projectId: ID!, $assetId: ID!) {
  data: createAnnotationFileUpload(projectId: $projectId, assetId: $assetId) { fileId uploadUrl }
}"""
FILE_URL = """
query ($projectId: ID!, $assetId: ID!, $fileId: String!) {
  data: annotationFileUrl(projectId: $projectId, assetId: $assetId, fileId: $fileId)
}"""
SUBMIT = """
mutation ($data: AppendToLabelsData!, $where: AssetWhere!) { data: appendToLabels(data: $data, where: $where) { id } }"""
EDIT = """
mutation ($data: LabelData!, $where: LabelWhere!) { data: updatePropertiesInLabel(data: $data, where: $where) { id } }"""
DELETE_LABELS = "mutation ($ids: [ID!]!) { data: deleteLabels(ids: $ids) }"
DELETE = "mutation ($where: AssetWhere!) { data: deleteAssets(where: $where) { succeeded { assetId } } }"
UPDATE = """
mutation ($data: [AssetData!]!, $where: [AssetWhere!]!) {
  data: updatePropertiesInAssets(data: $data, where: $where) { id jsonContent }
}"""
LAYERS = """
mutation ($data: AppendManyAssetsAsynchronouslyData!, $where: ProjectWhere!) {
  data: appendManyAssetsAsynchronously(data: $data, where: $where) { status }
}"""
JSON_CONTENT = """
query ($where: AssetWhere!) { data: assets(where: $where, first: 9, skip: 0) { jsonContent contentJson } }"""


def answer(file_id: str) -> str:
    return json.dumps({"REPORT": {"fileId": file_id, "fileName": "a.txt", "fileMimeType": "text/plain"}})


async def is_recorded(api: Api, file_id: str) -> bool:
    return bool(await api.value("select exists (select 1 from blob where id = :id)", id=file_id))


async def reserved(api: Api, project_id: str, asset_id: str, body: bytes = b"words") -> str:
    """A file uploaded for an asset."""
    given = await api.ask(RESERVE, projectId=project_id, assetId=asset_id)
    put = await api.http.put(given["uploadUrl"], content=body)
    assert put.status_code == 200
    return str(given["fileId"])


@pytest.fixture
async def project(api: Api) -> str:
    return await api.project("IMAGE", REPORT)


async def test_the_file_of_an_answer_is_read_back_from_its_asset_alone(api: Api, project: str) -> None:
    first, second = await api.assets(project, "first", "second")
    file_id = await reserved(api, project, first)
    before = await api.refusal(FILE_URL, projectId=project, assetId=first, fileId=file_id)
    await api.label(first, answer(file_id))
    url = await api.ask(FILE_URL, projectId=project, assetId=first, fileId=file_id)
    assert await api.get(url) == b"words"
    elsewhere = await api.refusal(FILE_URL, projectId=project, assetId=second, fileId=file_id)
    assert [error.code for error in (before, elsewhere)] == ["NOT_FOUND", "NOT_FOUND"]


@pytest.mark.parametrize("label_type", ["DEFAULT", "PREDICTION"])
async def test_the_file_of_another_asset_is_not_found_and_nothing_is_stored(
    api: Api, project: str, label_type: str
) -> None:
    first, second = await api.assets(project, "first", "second")
    file_id = await reserved(api, project, first)
    await api.label(first, answer(file_id))
    data = {"jsonResponse": answer(file_id), "labelType": label_type}
    error = await api.refusal(SUBMIT, data=data, where={"id": second})
    assert (error.code, error.context) == (
        "NOT_FOUND",
        {"fileId": file_id, "path": "REPORT"},
    )
    assert await api.value("select count(*) from label where asset_id = :id", id=second) == 0


@pytest.mark.parametrize("file_id", ["f-1", "c" + "9" * 24], ids=["not of our form", "never uploaded"])
async def test_an_answer_without_an_uploaded_file_is_kept_with_a_warning(api: Api, project: str, file_id: str) -> None:
    (asset,) = await api.assets(project, "first")
    data = {"jsonResponse": answer(file_id), "labelType": "DEFAULT"}
    told = await api.send(SUBMIT, data=data, where={"id": asset})
    assert [(w["code"], w["path"]) for w in told["extensions"]["warnings"]] == [("FILE_ANSWER", "REPORT")]
    error = await api.refusal(FILE_URL, projectId=project, assetId=asset, fileId=file_id)
    assert error.code == "NOT_FOUND"


async def test_a_file_out_of_sight_reads_like_one_never_uploaded(api: Api, project: str) -> None:
    (secret,) = await api.assets(project, "secret")
    file_id = await reserved(api, project, secret)
    await api.label(secret, answer(file_id))
    other = await api.project("IMAGE", REPORT)
    (asset,) = await api.assets(other, "mine")
    person = await api.person(other, "ADMIN")
    told = await api.send(
        SUBMIT, key=person.key, data={"jsonResponse": answer(file_id), "labelType": "DEFAULT"}, where={"id": asset}
    )
    assert [w["code"] for w in told["extensions"]["warnings"]] == ["FILE_ANSWER"]
    error = await api.refusal(FILE_URL, key=person.key, projectId=other, assetId=asset, fileId=file_id)
    assert error.code == "NOT_FOUND"


async def test_a_file_uploaded_after_its_label_is_held_all_the_same(api: Api, project: str) -> None:
    (asset,) = await api.assets(project, "first")
    given = await api.ask(RESERVE, projectId=project, assetId=asset)
    await api.label(asset, answer(given["fileId"]))
    await api.http.put(given["uploadUrl"], content=b"late")
    url = await api.ask(FILE_URL, projectId=project, assetId=asset, fileId=given["fileId"])
    assert await api.get(url) == b"late"


async def test_an_edit_holds_the_new_file_and_lets_the_former_go(api: Api, project: str) -> None:
    (asset,) = await api.assets(project, "first")
    former, new = [await reserved(api, project, asset, body) for body in (b"former", b"new")]
    label = await api.label(asset, answer(former))
    await api.ask(EDIT, data={"jsonResponse": answer(new)}, where={"id": label})
    assert [await is_recorded(api, former), await is_recorded(api, new)] == [False, True]
    assert await api.ask(FILE_URL, projectId=project, assetId=asset, fileId=new)


async def test_a_file_goes_with_the_last_label_that_names_it(api: Api, project: str) -> None:
    (asset,) = await api.assets(project, "first")
    file_id = await reserved(api, project, asset)
    labels = [await api.label(asset, answer(file_id)) for _ in range(2)]
    for label, remains in zip(labels, (True, False), strict=True):
        await api.ask(DELETE_LABELS, ids=[label])
        assert await is_recorded(api, file_id) is remains


async def test_everything_an_asset_holds_is_forgotten_with_it(api: Api, project: str) -> None:
    content = await api.upload(b"a picture")
    (asset,) = await api.assets(project, "first", contentArray=[content])
    file_id = await reserved(api, project, asset)
    await api.label(asset, answer(file_id))
    assert await is_recorded(api, str(blob_id_of(content)))
    await api.ask(DELETE, where={"idIn": [asset]})
    assert [await is_recorded(api, found) for found in (file_id, str(blob_id_of(content)))] == [False, False]


async def test_a_file_two_assets_share_stays_until_both_are_gone(api: Api, project: str) -> None:
    content = await api.upload(b"shared")
    assets = await api.assets(project, "first", "second", contentArray=[content, content])
    for asset, remains in zip(assets, (True, False), strict=True):
        await api.ask(DELETE, where={"idIn": [asset]})
        assert await is_recorded(api, str(blob_id_of(content))) is remains


async def test_a_deleted_project_takes_its_files_along(api: Api, project: str) -> None:
    content = await api.upload(b"a picture")
    (asset,) = await api.assets(project, "first", contentArray=[content])
    file_id = await reserved(api, project, asset)
    await api.label(asset, answer(file_id))
    await api.ask(
        "mutation ($where: ProjectWhere!) { data: deleteProjectAsynchronously(where: $where) }", where={"id": project}
    )
    await purge_deleted_projects(api.database)
    assert [await is_recorded(api, found) for found in (file_id, str(blob_id_of(content)))] == [False, False]


async def frames(api: Api, count: int) -> list[str]:
    return [await api.upload(f"frame {place}".encode()) for place in range(count)]


async def test_inline_frames_are_answered_as_urls_that_open(api: Api) -> None:
    project_id = await api.project("VIDEO")
    urls = await frames(api, 2)
    # As clients build them: the endpoint's files with the id, and another scheme.
    built = f"https://elsewhere.example/api/label/v2/files?id={blob_id_of(urls[1])}"
    given = {"0": urls[0], "1": built, "2": "https://example.org/2.png"}
    (asset,) = await api.assets(project_id, "film", contentArray=[""], jsonContentArray=[json.dumps(given)])
    (found,) = await api.ask(JSON_CONTENT, where={"id": asset})
    read: dict[str, Any] = json.loads(found["jsonContent"])
    assert found["contentJson"] == read
    assert [await api.get(read[key]) for key in ("0", "1")] == [b"frame 0", b"frame 1"]
    assert read["2"] == "https://example.org/2.png"


async def test_layers_given_as_uploads_are_answered_as_urls_that_open(api: Api) -> None:
    project_id = await api.project("GEOSPATIAL")
    (url,) = await frames(api, 1)
    tiles = {"name": "map", "tileLayerUrl": "https://tiles.example.org/{z}/{x}/{y}.png", "epsg": "EPSG3857"}
    data = {
        "multiLayerContentArray": [[{"name": "photo", "isBaseLayer": True, "url": url}]],
        "jsonContentArray": [json.dumps([tiles])],
        "externalIDArray": ["site"],
    }
    assert await api.ask(LAYERS, data=data, where={"id": project_id}) == {"status": "SUCCESS"}
    (found,) = await api.ask(JSON_CONTENT, where={"project": {"id": project_id}})
    photo, map_layer = json.loads(found["jsonContent"])
    assert (photo["name"], photo["isBaseLayer"], map_layer) == ("photo", True, tiles)
    assert await api.get(photo["url"]) == b"frame 0"
    assert "signature" in re.split(r"[?&=]", photo["url"])


async def test_a_replaced_content_and_the_frames_of_a_replaced_json_are_forgotten(api: Api) -> None:
    project_id = await api.project("VIDEO")
    kept, dropped, new = await frames(api, 3)
    content = await api.upload(b"film")
    json_content = json.dumps({"0": kept, "1": dropped})
    (asset,) = await api.assets(project_id, "film", contentArray=[content], jsonContentArray=[json_content])
    change = {"jsonContent": json.dumps({"0": kept, "1": new}), "content": "https://example.org/film.mp4"}
    (changed,) = await api.ask(UPDATE, data=[change], where=[{"id": asset}])
    bodies = [await api.get(url) for url in json.loads(changed["jsonContent"]).values()]
    assert bodies == [b"frame 0", b"frame 2"]
    left = [await is_recorded(api, str(blob_id_of(url))) for url in (kept, dropped, new, content)]
    assert left == [True, False, True, False]


async def test_a_change_of_other_settings_leaves_files_alone(api: Api) -> None:
    project_id = await api.project("VIDEO")
    (url,) = await frames(api, 1)
    (asset,) = await api.assets(project_id, "film", contentArray=[""], jsonContentArray=[json.dumps({"0": url})])
    await api.ask(UPDATE, data=[{"priority": 3}], where=[{"id": asset}])
    assert await is_recorded(api, str(blob_id_of(url)))


async def test_urls_of_files_that_were_never_uploaded_stay_as_given(api: Api) -> None:
    project_id = await api.project("VIDEO")
    given = json.dumps({"0": f"http://test/api/label/v2/files?id={'0' * 32}"})
    (asset,) = await api.assets(project_id, "film", contentArray=[""], jsonContentArray=[given])
    (found,) = await api.ask(JSON_CONTENT, where={"id": asset})
    assert found["jsonContent"] == given


async def test_a_labeler_reads_the_files_of_the_labels_they_see(api: Api, project: str) -> None:
    (asset,) = await api.assets(project, "given to nobody")
    ada, bea, eve = [await api.person(project, "LABELER") for _ in range(3)]
    reviewer = await api.person(project, "REVIEWER")
    file_id = await reserved(api, project, asset, b"of Ada")
    world = Project(project, api.organization)
    await world.label(asset, by=ada, json_response=answer(file_id))
    await world.label(asset, by=bea, json_response="{}")
    reviewed = await reserved(api, project, asset, b"of the reviewer")
    await api.label(asset, answer(reviewed), key=reviewer.key, label_type="REVIEW")
    drafted = await reserved(api, project, asset, b"of a model")
    await api.label(asset, answer(drafted), label_type="PREDICTION")
    trap = await reserved(api, project, asset, b"to compare with")
    trap_label = await api.label(asset, answer(trap))
    async with api.database.transaction() as connection:
        await connection.fetch("update label set is_honeypot = true where id = :id", {"id": trap_label})

    async def seen(key: str) -> list[bool]:
        found = []
        for each in (file_id, reviewed, drafted, trap):
            answered = await api.send(FILE_URL, key=key, projectId=project, assetId=asset, fileId=each)
            headers = {"Authorization": f"X-API-Key: {key}"}
            by_id = await api.http.get(f"/api/label/v2/files?id={each}", headers=headers)
            if "errors" in answered:
                assert (answered["errors"][0]["extensions"]["code"], by_id.status_code) == ("NOT_FOUND", 404)
                found.append(False)
            else:
                opened = await api.http.get(answered["data"]["data"])
                assert (opened.status_code, by_id.status_code) == (200, 200)
                found.append(True)
        return found

    assert await seen(reviewer.key) == [True, True, True, True]
    assert await seen(ada.key) == [True, True, True, False]
    assert await seen(bea.key) == [False, True, True, False]
    assert await seen(eve.key) == [False, False, False, False]


async def test_a_labeler_reads_the_files_of_inline_json(api: Api) -> None:
    project = await api.project("VIDEO")
    url = await api.upload(b"a frame")
    (asset,) = await api.assets(project, "a", contentArray=[""], jsonContentArray=[json.dumps({"0": url})])
    ada = await api.person(project, "LABELER")
    await api.label(asset, "{}", key=ada.key)
    headers = {"Authorization": f"X-API-Key: {ada.key}"}
    answered = await api.http.get(f"/api/label/v2/files?id={blob_id_of(url)}", headers=headers)
    assert (answered.status_code, answered.content) == (200, b"a frame")
