"""`appendManyAssetsAsynchronously` and the older `appendManyFramesToDatasetAsynchronously`."""

import json

import pytest

from tests.common.documents import ASSETS

# since 26.2
ASSETS_LATER = """
mutation ($data: AppendManyAssetsAsynchronouslyData!, $where: ProjectWhere!) {
  data: appendManyAssetsAsynchronously(data: $data, where: $where) { id }
}"""
# 2.102 to 26.1
FRAMES_LATER = """
mutation ($data: AppendManyFramesToDatasetAsynchronouslyData!, $where: ProjectWhere!) {
  data: appendManyFramesToDatasetAsynchronously(data: $data, where: $where) { id }
}"""
NOTIFICATION = """
query ($where: NotificationWhere!, $first: PageSize!, $skip: Int!) {
  data: notifications(where: $where, first: $first, skip: $skip) { id status progress message hasBeenSeen url userID }
}"""
COUNT = "query ($where: NotificationWhere!) { data: countNotifications(where: $where) }"
FORMS = {"appendManyAssetsAsynchronously": ASSETS_LATER, "appendManyFramesToDatasetAsynchronously": FRAMES_LATER}


@pytest.fixture(params=FORMS)
def document(request):
    return FORMS[request.param]


@pytest.fixture
async def video(organization):
    return await organization.project({}, inputType="VIDEO")


async def imported(project):
    fields = "id externalId content jsonContent jsonMetadata"
    return await project.admin.data(
        ASSETS % fields, {"where": {"project": {"id": project.id}}, "first": 100, "skip": 0}
    )


async def test_the_answer_names_a_notification_of_success(video, document):
    data = {
        "contentArray": ["https://example.com/a.mp4", "https://example.com/b.mp4"],
        "externalIDArray": ["a", "b"],
        "idArray": [f"{video.id}-a", ""],
        "jsonContentArray": ["", ""],
        "jsonMetadataArray": ['{"processingParameters": {"framesPlayedPerSecond": 25}}', "{}"],
        "uploadType": "NATIVE_VIDEO",
    }
    made = await video.admin.data(document, {"data": data, "where": {"id": video.id}})

    assert await video.admin.data(NOTIFICATION, {"where": {"id": made["id"]}, "first": 1, "skip": 0}) == [
        {
            "id": made["id"],
            "status": "SUCCESS",
            "progress": 100,
            "message": f"2 assets imported into project {video.id}",
            "hasBeenSeen": False,
            "url": None,
            "userID": video.organization.admin.id,
        }
    ]
    assert await video.admin.data(COUNT, {"where": {"id": made["id"]}}) == 1
    assets = await imported(video)
    assert assets[0] == {
        "id": f"{video.id}-a",
        "externalId": "a",
        "content": "https://example.com/a.mp4",
        "jsonContent": "",
        "jsonMetadata": '{"processingParameters": {"framesPlayedPerSecond": 25}}',
    }
    assert (assets[1]["externalId"], assets[1]["content"]) == ("b", "https://example.com/b.mp4")


async def test_layers_and_tiles_become_one_list(organization, document):
    project = await organization.project({}, inputType="GEOSPATIAL")
    layer = {"path": "https://example.com/base.tif", "name": "base", "isBaseLayer": True}
    tiles = {"tileLayerUrl": "https://example.com/{z}/{x}/{y}.png", "name": "tiles", "epsg": "EPSG3857"}
    data = {
        "multiLayerContentArray": [[layer]],
        "jsonContentArray": [json.dumps([tiles])],
        "externalIDArray": ["map"],
        "uploadType": "GEO_SATELLITE",
    }
    await project.admin.data(document, {"data": data, "where": {"id": project.id}})

    (asset,) = await imported(project)
    assert json.loads(asset["jsonContent"]) == [layer, tiles]


async def test_a_refused_import_leaves_neither_assets_nor_a_notification(video, document):
    await video.assets(1)
    data = {"contentArray": ["https://example.com/a.mp4"], "externalIDArray": ["asset-0"], "uploadType": "NATIVE_VIDEO"}

    refused = await video.admin.refused(document, {"data": data, "where": {"id": video.id}})

    assert refused.at == ("CONFLICT", ["data"])
    assert len(await imported(video)) == 1
    assert await video.admin.data(COUNT, {"where": {}}) == 0


async def test_a_notification_is_seen_by_its_owner_alone(video, document):
    data = {"contentArray": ["https://example.com/a.mp4"]}
    made = await video.admin.data(document, {"data": data, "where": {"id": video.id}})
    other = await video.member("ADMIN")

    assert await other.client.data(NOTIFICATION, {"where": {"id": made["id"]}, "first": 1, "skip": 0}) == []
    assert await other.client.data(COUNT, {"where": {}}) == 0


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_only_administrators_import(video, document, role):
    member = await video.member(role)

    refused = await member.client.refused(document, {"data": {"contentArray": ["c"]}, "where": {"id": video.id}})

    assert refused.at == ("FORBIDDEN", ["data"])
    assert await imported(video) == []
    assert await member.client.data(COUNT, {"where": {}}) == 0


async def test_a_limit_on_imports_holds_here_as_well(video, document, app_with):
    client = app_with(max_imported_assets=2).as_(video.organization.admin.key)

    refused = await client.refused(document, {"data": {"contentArray": ["c"] * 3}, "where": {"id": video.id}})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"limit": 2, "given": 3}
    assert await imported(video) == []
