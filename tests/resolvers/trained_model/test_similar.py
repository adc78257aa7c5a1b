"""`similarAssets` and `similarPairs`: pictures that look alike, as far as one sees them."""

from __future__ import annotations

import pytest

from tests.common.learning import PAIRS, PREDICT, SIMILAR, add_pictures, pictures_project
from tests.common.shapes import picture
from tests.resolvers.trained_model.conftest import shape_of

ASSIGN = """mutation ($data: [AssetData!]!, $where: [AssetWhere!]!) {
  data: updatePropertiesInAssets(data: $data, where: $where) { id } }"""


async def test_the_nearest_picture_has_the_same_shape(learned):
    right = 0
    for name in learned.unlabeled[:8]:
        found = await learned.project.admin.data(SIMILAR, {"id": learned.assets[name], "first": 5})
        assert (found["searched"], found["undescribed"]) == (88, 0)
        scores = [one["score"] for one in found["assets"]]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) == 5
        assert name not in {one["externalId"] for one in found["assets"]}
        right += shape_of(found["assets"][0]["externalId"]) == shape_of(name)
    assert right >= 6


@pytest.fixture
async def copied(learned):
    """A project with a copy of a picture, and two others."""
    project = await pictures_project(learned.project.organization)
    disc = picture("DISC", 0)
    files = {"a": disc, "b": disc, "c": picture("STAR", 0, side=256), "d": picture("RING", 0, side=160)}
    return project, await add_pictures(project, files)


async def test_what_is_added_replaced_and_deleted_is_searched_as_it_is_now(copied):
    project, assets = copied

    async def found(**more):
        answer = await project.admin.data(SIMILAR, {"id": assets["a"], "first": 10, **more})
        return answer["searched"], [one["externalId"] for one in answer["assets"]]

    searched, names = await found()
    assert (searched, names[0], set(names)) == (3, "b", {"b", "c", "d"})
    assert await found(threshold=99.9) == (3, ["b"])
    later = await add_pictures(project, {"e": picture("DISC", 1)})
    assert set((await found())[1]) == {"b", "c", "d", "e"}
    await project.admin.data(
        "mutation ($ids: [ID!]!) { data: deleteManyFromDataset(where: {idIn: $ids}) { id } }",
        {"ids": [assets["c"], later["e"]]},
    )
    assert await found() == (2, ["b", "d"])


async def test_pictures_that_are_nearly_the_same_are_found(copied):
    project, assets = copied
    near = picture("STAR", 0, side=256, kind="JPEG")
    assets |= await add_pictures(project, {"near": near})
    pairs = await project.admin.data(PAIRS, {"id": project.id, "first": 10})
    assert [{pair["first"]["externalId"], pair["second"]["externalId"]} for pair in pairs] == [{"c", "near"}]
    assert 95 <= pairs[0]["score"] <= 100
    everything = await project.admin.data(PAIRS, {"id": project.id, "first": 100, "threshold": 0})
    assert len(everything) == 6  # of four different contents
    assert [pair["score"] for pair in everything] == sorted((pair["score"] for pair in everything), reverse=True)


async def test_labelers_find_what_they_see_and_strangers_nothing(copied, learned, other_organization):
    project, assets = copied
    labeler = await project.member("LABELER")
    await project.admin.data(
        ASSIGN,
        {
            "data": [{"toBeLabeledBy": [labeler.email]}] * 2,
            "where": [{"id": assets["a"]}, {"id": assets["d"]}],
        },
    )
    found = await labeler.client.data(SIMILAR, {"id": assets["a"], "first": 10})
    assert [one["externalId"] for one in found["assets"]] == ["d"]
    assert (await labeler.client.refused(SIMILAR, {"id": assets["c"], "first": 10})).code == "NOT_FOUND"
    pairs = await labeler.client.data(PAIRS, {"id": project.id, "first": 10, "threshold": 0})
    assert [{pair["first"]["externalId"], pair["second"]["externalId"]} for pair in pairs] == [{"a", "d"}]
    stranger = other_organization.admin.client
    assert (await stranger.refused(SIMILAR, {"id": assets["a"], "first": 10})).code == "NOT_FOUND"
    assert (await stranger.refused(PAIRS, {"id": project.id, "first": 10})).code == "NOT_FOUND"
    refused = await learned.project.admin.refused(PREDICT, {"id": learned.model["id"], "assets": [assets["a"]]})
    assert refused.code == "NOT_FOUND"  # an asset of another project


async def test_what_is_no_picture_is_said_so(copied):
    project, _ = copied
    (broken,) = (await add_pictures(project, {"broken": picture("DISC", 0)[:300]})).values()
    refused = await project.admin.refused(SIMILAR, {"id": broken, "first": 10})
    assert (refused.code, refused.message) == (
        "BAD_USER_INPUT",
        "[notAnImage] Asset 'broken' is no picture that can be read.",
    )
