"""Films that are uploaded: how long they are, how many frames they have, and how large they are."""

from __future__ import annotations

import json

import pytest

from labelyard.services.label import check
from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_MANY_LABELS, APPEND_TO_LABELS, ASSETS, UPDATE_ASSETS
from tests.common.world import Project
from tests.video_samples import FRAMES, FRAMES_PER_SECOND, HEIGHT, HOSTILE, WIDTH, mp4, webm

URLS = "query ($paths: [String!]) { data: createUploadBucketSignedUrls(filePaths: $paths) }"
FIELDS = "duration durationCompute jsonMetadata resolution { width height }"
SIZE = {"width": WIDTH, "height": HEIGHT}
PARAMETERS = {"framesPlayedPerSecond": FRAMES_PER_SECOND, "numberOfFrames": FRAMES}


async def upload(client: Client, body: bytes) -> str:
    (url,) = await client.data(URLS, {"paths": ["film"]})
    answered = await client.http.put(url.partition("&id=")[0], content=body)
    assert answered.status_code == 200, answered.text
    return str(url)


async def film(project: Project, body: bytes, **more: object) -> str:
    data = {"contentArray": [await upload(project.admin, body)], "externalIDArray": ["film"], **more}
    (made,) = await project.admin.data(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})
    return str(made["id"])


@pytest.fixture
async def videos(organization):
    return await organization.project(inputType="VIDEO")


@pytest.mark.parametrize("body", [mp4(), mp4(brand=b"qt  "), webm()], ids=["MP4", "QuickTime", "WebM"])
async def test_an_uploaded_film_says_how_long_it_is(videos, body):
    found = await videos.read_asset(await film(videos, body), FIELDS)
    assert json.loads(found.pop("jsonMetadata")) == {"processingParameters": PARAMETERS}
    assert found == {"duration": 2, "durationCompute": 2, "resolution": SIZE}


async def test_metadata_that_was_given_stays_with_its_frame_rate(videos):
    given = '{"city": "Köln", "processingParameters": {"framesPlayedPerSecond": 5, "shouldUseNativeVideo": false}}'
    asset = await film(videos, mp4(), jsonMetadataArray=[given])
    found = json.loads((await videos.read_asset(asset, "jsonMetadata"))["jsonMetadata"])
    assert found == {
        "city": "Köln",
        "processingParameters": {"framesPlayedPerSecond": 5, "shouldUseNativeVideo": False, "numberOfFrames": FRAMES},
    }


@pytest.mark.parametrize("given", ['{"processingParameters": 3}', '{"processingParameters": [1]}'])
async def test_parameters_in_another_form_stay_as_they_are(videos, given):
    asset = await film(videos, mp4(), jsonMetadataArray=[given])
    assert (await videos.read_asset(asset, "jsonMetadata"))["jsonMetadata"] == given


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_broken_film_is_kept_without_values_and_the_server_works(videos, body):
    asset = await film(videos, body)
    found = await videos.read_asset(asset, f"content {FIELDS}")
    assert (await videos.organization.http.http.get(found.pop("content"))).content == body
    assert found == {"duration": None, "durationCompute": None, "jsonMetadata": "{}", "resolution": None}
    other = await film(videos, mp4(), externalIDArray=["next"])
    assert (await videos.read_asset(other, "duration"))["duration"] == 2


async def test_another_film_has_other_values_and_no_film_has_none(videos):
    asset = await film(videos, mp4(), jsonMetadataArray=['{"a": 1}'])

    async def change(body: bytes) -> dict[str, object]:
        data = [{"content": await upload(videos.admin, body)}]
        await videos.admin.data(UPDATE_ASSETS, {"dataArray": data, "whereArray": [{"id": asset}]})
        return await videos.read_asset(asset, FIELDS)

    longer = await change(mp4(frames=250))
    assert (longer["duration"], json.loads(longer["jsonMetadata"])) == (
        10,
        {"a": 1, "processingParameters": {**PARAMETERS, "numberOfFrames": 250}},
    )
    broken = await change(HOSTILE["cut in its index"])
    assert (broken["duration"], broken["resolution"]) == (None, None)


async def test_replaced_metadata_keeps_the_number_of_frames(videos):
    asset = await film(videos, mp4())
    data = [{"jsonMetadata": '{"b": 2}'}]
    await videos.admin.data(UPDATE_ASSETS, {"dataArray": data, "whereArray": [{"id": asset}]})
    found = json.loads((await videos.read_asset(asset, "jsonMetadata"))["jsonMetadata"])
    assert found == {"b": 2, "processingParameters": PARAMETERS}


async def test_layers_and_tiles_are_kept_and_answered(organization):
    """Maps of several layers: files beside tile layers, with their projection and zoom."""
    project = await organization.project(inputType="GEOSPATIAL")
    url = await upload(project.admin, b"II*\0" + bytes(60))
    tiles = {
        "tileLayerUrl": "https://tiles.example/{z}/{x}/{y}.png",
        "layerName": "streets",
        "name": "streets",
        "bounds": [[2.2, 48.7], [2.4, 48.9]],
        "epsg": "EPSG:3857",
        "minZoom": 1,
        "maxZoom": 12,
        "useClassicCoordinates": False,
        "isBaseLayer": True,
    }
    metadata = '{"processingParameters": {"epsg": 4326, "minZoom": 2, "maxZoom": 17}}'
    document = """mutation ($data: AppendManyAssetsAsynchronouslyData!, $where: ProjectWhere!) {
      data: appendManyAssetsAsynchronously(data: $data, where: $where) { id } }"""
    data = {
        "multiLayerContentArray": [[{"name": "photo", "url": url, "isBaseLayer": False}]],
        "jsonContentArray": [json.dumps([tiles])],
        "externalIDArray": ["map"],
        "jsonMetadataArray": [metadata],
        "uploadType": "GEO_SATELLITE",
    }
    told = await project.admin.data(document, {"data": data, "where": {"id": project.id}})
    notification = "query ($id: ID!) { data: notifications(where: {id: $id}, first: 1, skip: 0) { status } }"
    assert await project.admin.data(notification, {"id": told["id"]}) == [{"status": "SUCCESS"}]

    where = {"where": {"project": {"id": project.id}}, "first": 1, "skip": 0}
    (found,) = await project.admin.data(ASSETS % "content jsonContent jsonMetadata", where)

    photo, streets = json.loads(found["jsonContent"])
    assert streets == tiles
    assert (photo["name"], photo["isBaseLayer"]) == ("photo", False)
    assert (await organization.http.http.get(photo["url"])).content == b"II*\0" + bytes(60)
    assert (found["content"], found["jsonMetadata"]) == ("", metadata)


def boxes(*frames: int) -> str:
    """A label with a weather on some frames."""
    return json.dumps({str(frame): {"WEATHER": {"categories": [{"name": "SUN"}]}} for frame in frames})


async def labeled(client: Client, asset: str, response: str) -> tuple[str, list[tuple[str, str]]]:
    """The id of a new label, and what it was warned of."""
    variables = {"data": {"jsonResponse": response, "labelType": "DEFAULT"}, "where": {"id": asset}}
    answer = await client.graphql(APPEND_TO_LABELS, variables)
    warnings = answer.get("extensions", {"warnings": []})["warnings"]
    return answer["data"]["data"]["id"], [(warning["code"], warning["path"]) for warning in warnings]


async def listed(videos: Project) -> dict[str, object]:
    """A document of frames that lie elsewhere, uploaded as the SDK does."""
    document = json.dumps({str(number): f"https://frames.example/{number}.jpg?a={{,}}" for number in range(FRAMES)})
    return {"jsonContentArray": [await upload(videos.admin, document.encode())], "externalIDArray": ["frames"]}


@pytest.mark.parametrize("kind", ["film", "listed"])
async def test_labels_have_the_frames_of_the_film_and_no_others(videos, app_with, kind):
    if kind == "film":
        asset = await film(videos, mp4(), jsonMetadataArray=[json.dumps({"processingParameters": PARAMETERS})])
    else:
        data = {"data": await listed(videos), "where": {"id": videos.id}}
        asset = (await videos.admin.data(APPEND_MANY_ASSETS, data))[0]["id"]
        assert (await videos.read_asset(asset, "duration jsonMetadata")) == {"duration": None, "jsonMetadata": "{}"}

    label, warned = await labeled(videos.admin, asset, boxes(3))
    assert warned == []
    stored = json.loads((await videos.read_label(label, "jsonResponse"))["jsonResponse"])
    assert list(stored) == [str(number) for number in range(FRAMES)]
    assert [number for number, answer in stored.items() if answer] == ["3"]

    _, warned = await labeled(videos.admin, asset, boxes(FRAMES - 1, FRAMES))
    assert warned == [("FRAME_OUT_OF_RANGE", str(FRAMES))]
    strict = app_with(strict_labels=True).as_(videos.organization.admin.key)
    variables = {"data": {"jsonResponse": boxes(FRAMES), "labelType": "DEFAULT"}, "where": {"id": asset}}
    refused = await strict.refused(APPEND_TO_LABELS, variables)
    assert [(error["code"], error["path"]) for error in refused.context["errors"]] == [
        ("FRAME_OUT_OF_RANGE", str(FRAMES))
    ]
    assert len(await videos.rows("label")) == 2


async def test_a_film_that_is_played_at_another_rate_has_no_known_number_of_frames(videos):
    given = json.dumps({"processingParameters": {"framesPlayedPerSecond": 50}})
    asset = await film(videos, mp4(), jsonMetadataArray=[given])

    label, warned = await labeled(videos.admin, asset, boxes(2 * FRAMES - 1))

    assert warned == []
    stored = json.loads((await videos.read_label(label, "jsonResponse"))["jsonResponse"])
    assert len(stored) == 2 * FRAMES


async def test_short_answers_to_long_films_are_bounded_together(videos, monkeypatch):
    monkeypatch.setattr(check, "MAX_WRITTEN_CHARACTERS", 5_000)
    asset = await film(videos, mp4())
    data = [{"jsonResponse": boxes(0), "assetID": asset} for _ in range(20)]

    variables = {"data": {"labelType": "PREDICTION", "labelsData": data}, "where": {}}
    refused = await videos.admin.refused(APPEND_MANY_LABELS, variables)

    assert refused.code == "BAD_USER_INPUT"
    assert refused.message.startswith("[tooManyItems] With every frame of their videos, the answers of 20 labels")
    assert await videos.rows("label") == []
