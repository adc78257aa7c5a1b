"""Exports that take the files of the assets along."""

from __future__ import annotations

import io
import json
import secrets
import zipfile

import pytest
from lxml import etree

from labelyard.domain.export import options_from_json, options_of
from labelyard.services.export.conversion import Conversion
from labelyard.services.identity import new_id
from tests.common.documents import APPEND_MANY_ASSETS
from tests.common.export import CREATE, create, ended, exported, fetched
from tests.common.world import WEATHER, answer, box
from tests.file_samples import png

URLS = "query ($paths: [String!]) { data: createUploadBucketSignedUrls(filePaths: $paths) }"
ASSIGN = "mutation ($id: ID!, $u: [String!]!) { data: assignAssets(where: {idIn: [$id]}, userIds: $u) { succeeded { assetId } } }"
ELSEWHERE = "https://files.example/far.png"


async def upload(client, body):
    (url,) = await client.data(URLS, {"paths": ["a"]})
    answered = await client.http.put(url.partition("&id=")[0], content=body)
    assert answered.status_code == 200, answered.text
    return url


async def imported(project, contents, names, **more):
    data = {"contentArray": contents, "externalIDArray": names, **more}
    made = await project.admin.data(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})
    return [asset["id"] for asset in made]


@pytest.fixture
async def pictures(project):
    """Two labeled pictures, one of them without an ending in its name, one that lies elsewhere, and one without a label."""
    bodies = [png(200, 100), png(20, 10)]
    urls = [await upload(project.admin, body) for body in bodies]
    names = ["first", "folder/second.PNG", "far.png", "unlabeled"]
    ids = await imported(project, [*urls, ELSEWHERE, urls[0]], names)
    for asset_id in ids[:3]:
        await project.label(asset_id, json_response=answer(cars=1))
    await project.admin.data(
        "mutation ($id: ID!) { data: updatePropertiesInAsset(where: {id: $id}, data: {resolution: {width: 8, height: 8}}) { id } }",
        {"id": ids[2]},
    )
    return project, ids, bodies


async def test_raw_names_the_files_that_go_with_it(pictures):
    project, _, bodies = pictures
    files = await exported(project.admin, project.id, format="RAW", singleFile=True, withAssets=True)
    assert set(files) == {"data.json", "README.kili.txt", "assets/first.png", "assets/folder/second.PNG"}
    assert [files["assets/first.png"], files["assets/folder/second.PNG"]] == bodies
    assert [asset["content"] for asset in json.loads(files["data.json"])] == [
        "assets/first.png",
        "assets/folder/second.PNG",
        ELSEWHERE,
    ]
    without = await exported(project.admin, project.id, format="RAW", singleFile=True)
    assert set(without) == {"data.json", "README.kili.txt"}
    keys = [sorted(json.loads(each["data.json"])[0]) for each in (files, without)]
    assert keys[0] == keys[1]


async def test_coco_voc_and_yolo_have_their_own_folders(pictures):
    project, _, bodies = pictures
    coco = await exported(project.admin, project.id, format="COCO", layout="MERGED", withAssets=True)
    assert [coco["data/first.png"], coco["data/folder/second.PNG"]] == bodies
    assert [image["file_name"] for image in json.loads(coco["labels.json"])["images"]] == [
        "data/first.png",
        "data/folder/second.PNG",
        "data/far.png",
    ]

    voc = await exported(project.admin, project.id, format="PASCAL_VOC", withAssets=True)
    assert [voc["images/first.png"], voc["images/folder/second.PNG"]] == bodies
    assert etree.fromstring(voc["labels/first.xml"]).findtext("filename") == "first.png"

    yolo = await exported(project.admin, project.id, format="YOLO_V5", layout="MERGED", withAssets=True)
    assert [yolo["images/first.png"], yolo["images/folder/second.PNG"]] == bodies
    assert yolo["images/remote_assets.csv"].decode().splitlines() == [
        "external id,url,label file",
        f"far.png,{ELSEWHERE},far.txt",
    ]


async def test_files_are_stored_as_they_are_and_labels_compressed(pictures):
    project, _, _ = pictures
    export = await ended(project.admin, await create(project.admin, project.id, format="RAW", withAssets=True))
    with zipfile.ZipFile(io.BytesIO(await fetched(project.admin, export["url"]))) as opened:
        kinds = {info.filename: info.compress_type for info in opened.infolist()}
    assert kinds["assets/first.png"] == zipfile.ZIP_STORED
    assert kinds["labels/first.json"] == zipfile.ZIP_DEFLATED


async def test_labelers_get_the_files_of_the_assets_they_see(pictures):
    project, ids, bodies = pictures
    labeler = await project.member("LABELER")
    await project.admin.data(ASSIGN, {"id": ids[1], "u": [labeler.id]})
    await project.label(ids[1], by=labeler, json_response=answer(cars=1))
    files = await exported(labeler.client, project.id, format="RAW", withAssets=True)
    assert set(files) == {"labels/folder/second.PNG.json", "README.kili.txt", "assets/folder/second.PNG"}
    assert files["assets/folder/second.PNG"] == bodies[1]


async def test_a_file_that_one_may_not_read_stays_an_address(pictures, other_organization):
    project, _, _ = pictures
    theirs = await upload(other_organization.admin.client, b"of somebody else")
    (asset_id,) = await imported(project, [ELSEWHERE], ["named"])
    async with project.organization.database.transaction() as connection:
        await connection.fetch(
            "update asset set content = :url where id = :id",
            {"url": theirs.replace("files/upload?", "files?"), "id": asset_id},
        )
    await project.label(asset_id)
    files = await exported(project.admin, project.id, format="RAW", externalIds=["named"], withAssets=True)
    assert set(files) == {"labels/named.json", "README.kili.txt"}


@pytest.mark.parametrize("is_uploaded", [False, True], ids=["inline", "uploaded"])
async def test_frames_of_a_film_are_files_one_by_one(organization, is_uploaded):
    project = await organization.project(inputType="VIDEO")
    frames = [f"frame {number}".encode() for number in range(11)]
    urls = [await upload(project.admin, body) for body in frames]
    document = json.dumps(dict(enumerate([*urls, ELSEWHERE])))
    if is_uploaded:
        document = await upload(project.admin, document.encode())
    (asset_id,) = await imported(project, [""], ["film"], jsonContentArray=[document])
    jobs = {str(number): {"PLACE": {"annotations": []}} for number in range(12)}
    jobs["2"]["PLACE"]["annotations"].append({**box(mid="car"), "isKeyFrame": True})
    await project.label(asset_id, json_response=json.dumps(jobs))

    files = await exported(project.admin, project.id, format="RAW", withAssets=True)
    names = [f"assets/film_{number:02}.jpg" for number in range(1, 12)]
    assert [files[name] for name in names] == frames
    assert json.loads(files["labels/film.json"])["jsonContent"] == [*names, ELSEWHERE]

    yolo = await exported(project.admin, project.id, format="YOLO_V5", layout="MERGED", withAssets=True)
    assert [yolo[name.replace("assets", "images")] for name in names] == frames
    assert "labels/film_03.txt" in yolo
    assert "images/remote_assets.csv" not in yolo


async def test_the_document_of_a_text_is_a_file(organization):
    project = await organization.project(WEATHER, inputType="TEXT")
    tree = [{"children": [{"id": "1", "text": "Rain"}]}]
    document = await upload(project.admin, json.dumps(tree).encode())
    (asset_id,) = await imported(project, [""], ["text"], jsonContentArray=[document])
    await project.label(asset_id)
    files = await exported(project.admin, project.id, format="RAW", withAssets=True)
    assert json.loads(files["assets/text.json"]) == tree
    assert json.loads(files["labels/text.json"])["jsonContent"] == "assets/text.json"


async def test_names_that_are_taken_get_a_number(project):
    bodies = [png(2, 2), png(3, 3)]
    urls = [await upload(project.admin, body) for body in bodies]
    for asset_id in await imported(project, urls, ["same", "same.png"]):
        await project.label(asset_id)
    files = await exported(project.admin, project.id, format="RAW", singleFile=True, withAssets=True)
    assert [files["assets/same.png"], files["assets/same (2).png"]] == bodies
    assert [asset["content"] for asset in json.loads(files["data.json"])] == ["assets/same.png", "assets/same (2).png"]


async def test_a_file_goes_to_the_child_in_pieces(project, monkeypatch):
    body = secrets.token_bytes(5 << 20)
    (asset_id,) = await imported(project, [await upload(project.admin, body)], ["large"])
    await project.label(asset_id)
    lengths = []
    ask = Conversion._ask

    async def counted(self, word, rest):
        lengths.append(len(rest))
        return await ask(self, word, rest)

    monkeypatch.setattr(Conversion, "_ask", counted)
    files = await exported(project.admin, project.id, format="RAW", withAssets=True)
    assert files["assets/large.bin"] == body
    assert max(lengths) <= 1 << 20
    assert sum(lengths) > len(body)


async def test_a_project_in_cloud_storage_is_refused(project):
    integration = new_id()
    async with project.organization.database.transaction() as connection:
        await connection.fetch(
            "insert into data_integration (id, organization_id, name, platform, sealed_secrets) "
            "values (:id, :organization, 'Store', 'AWS', '')",
            {"id": integration, "organization": project.organization.id},
        )
        await connection.fetch(
            "insert into data_connection (id, project_id, integration_id) values (:id, :project, :integration)",
            {"id": new_id(), "project": project.id, "integration": integration},
        )
    refused = await project.admin.refused(CREATE, {"p": project.id, "data": {"format": "RAW", "withAssets": True}})
    assert refused.code == "BAD_USER_INPUT"
    assert refused.message.startswith("[notCompatibleOptions] The files of the project are in cloud storage")
    await exported(project.admin, project.id, format="RAW")


def test_an_export_that_was_kept_without_the_choice_is_read():
    options = options_of({"format": "RAW"})
    kept = {name: value for name, value in options.as_json().items() if name != "with_assets"}
    assert options_from_json(kept) == options
