"""Projects from a demonstration: its interface, its type, and assets that can be labeled at once."""

import json

import httpx
import pytest

from labelyard.domain.demo import DEMOS
from labelyard.domain.media import image_size
from labelyard.resolvers.enumeration import DemoProjectType
from tests.common.documents import ASSETS
from tests.common.world import Project

CREATE = "mutation($data: CreateProjectData!) { data: createProject(data: $data) { id } }"
READ = """
query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) {
  title inputType jsonInterface numberOfAssets author { id } } }"""
COUNT = "query { data: countProjects(where: {}) }"


async def create(organization, name, **data):
    # As 26.2 sends it: an interface that was not given is the text `null`.
    data = {
        "title": "Demo",
        "description": "",
        "fromDemoProject": name,
        "inputType": None,
        "jsonInterface": "null",
        **data,
    }
    made = await organization.admin.client.data(CREATE, {"data": data})
    return Project(made["id"], organization)


@pytest.mark.parametrize("name", DEMOS)
async def test_a_demonstration_is_a_project_with_its_assets(organization, client, name):
    demo = DEMOS[name]

    project = await create(organization, name)

    (read,) = await project.admin.data(READ, {"id": project.id})
    assert json.loads(read.pop("jsonInterface")) == demo.interface
    assert read == {
        "title": "Demo",
        "inputType": demo.input_type,
        "numberOfAssets": len(demo.assets),
        "author": {"id": organization.admin.id},
    }
    page = {"where": {"project": {"id": project.id}}, "first": 100, "skip": 0}
    assets = await project.admin.data(ASSETS % "externalId content status resolution { width height }", page)
    assert [asset["externalId"] for asset in assets] == list(demo.assets)
    for asset in assets:
        served = await client.http.get(asset["content"])
        assert served.status_code == httpx.codes.OK
        assert asset["status"] == "TODO"
        if demo.input_type == "TEXT":
            assert served.text == demo.assets[asset["externalId"]]
        else:
            assert image_size(served.content[:4096]) == (480, 360)
            assert asset["resolution"] == {"width": 480, "height": 360}


async def test_a_demonstration_is_labeled_at_once(organization):
    project = await create(organization, "DEMO_REVIEWS")
    asset_id = (await project.rows("asset"))[0]["id"]

    await project.label(
        asset_id,
        json_response=json.dumps({"CLASSIFICATION_JOB": {"categories": [{"name": "POSITIVE", "confidence": 100}]}}),
    )

    assert (await project.read_asset(asset_id, "status"))["status"] == "LABELED"


async def test_all_files_together_are_small():
    files = [data for demo in DEMOS.values() for _, data in demo.files().values()]

    assert 10_000 < sum(map(len, files)) < 400_000


@pytest.mark.parametrize("name", sorted({kind.value for kind in DemoProjectType} - set(DEMOS)))
async def test_what_is_not_bundled_is_refused_with_what_is(organization, name):
    refused = await organization.admin.client.refused(CREATE, {"data": {"title": "Demo", "fromDemoProject": name}})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.message.startswith("[noSuchDemo] ")
    assert all(known in refused.message for known in DEMOS)
    assert await organization.admin.client.data(COUNT) == 0


async def test_another_type_than_that_of_the_demonstration_is_refused(organization):
    data = {"title": "Demo", "fromDemoProject": "DEMO_REVIEWS", "inputType": "IMAGE"}

    refused = await organization.admin.client.refused(CREATE, {"data": data})

    assert refused.code == "BAD_USER_INPUT"
    assert "TEXT" in refused.message
    assert await organization.admin.client.data(COUNT) == 0
