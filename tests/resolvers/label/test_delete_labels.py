"""`deleteLabels`: what is left is latest, and the asset goes back to what is left."""

import pytest

from tests.common.documents import DELETE_LABELS
from tests.common.world import answer

FLAGS = ["is_latest_label_for_user", "is_latest_default_label_for_user", "is_latest_review_label_for_user"]


async def delete(project, *ids, client=None):
    return await (client or project.admin).data(DELETE_LABELS, {"ids": list(ids)})


async def flags(project):
    return {row["id"]: [row[name] for name in FLAGS] for row in await project.rows("label")}


async def test_the_ids_of_what_was_deleted_are_answered_in_the_order_asked(project):
    (asset_id,) = await project.assets()
    ids = [await project.label(asset_id) for _ in range(3)]

    assert await delete(project, ids[2], "gone", ids[0], ids[2]) == [ids[2], ids[0]]
    assert [row["id"] for row in await project.rows("label")] == [ids[1]]
    assert await delete(project, ids[0]) == []
    assert await delete(project) == []


async def test_the_label_before_becomes_the_latest_again(project):
    (asset_id,) = await project.assets()
    ada, bob = await project.member(), await project.member("REVIEWER")
    first = await project.label(asset_id, by=ada)
    second = await project.label(asset_id, by=ada)
    review = await project.label(asset_id, by=bob, label_type="REVIEW")
    own = await project.label(asset_id, by=bob)
    assert await flags(project) == {
        first: [False, False, False],
        second: [True, True, False],
        review: [False, False, True],
        own: [True, True, False],
    }

    await delete(project, second, own)

    assert await flags(project) == {first: [True, True, False], review: [True, False, True]}


@pytest.mark.parametrize(
    ("kept", "deleted", "status", "step"),
    [
        ([], ["DEFAULT"], "TODO", ("Default", "TO_DO")),
        (["DEFAULT"], ["DEFAULT"], "LABELED", ("Default", "DONE")),
        ([], ["AUTOSAVE"], "TODO", ("Default", "TO_DO")),
        (["PREDICTION"], ["DEFAULT"], "TODO", ("Default", "TO_DO")),
        (["DEFAULT"], ["REVIEW"], "LABELED", ("Default", "DONE")),
        (["REVIEW"], ["DEFAULT"], "REVIEWED", ("Review", "DONE")),
        (["DEFAULT"], ["PREDICTION"], "LABELED", ("Default", "DONE")),
        ([], ["DEFAULT", "REVIEW", "REVIEW"], "TODO", ("Default", "TO_DO")),
    ],
    ids=str,
)
async def test_the_asset_goes_back_to_what_is_left(project, kept, deleted, status, step):
    (asset_id,) = await project.assets()
    for label_type in kept:
        await project.label(asset_id, label_type=label_type)
    ids = [await project.label(asset_id, label_type=label_type) for label_type in deleted]

    await delete(project, *ids)

    asset = await project.read_asset(asset_id, "status currentStep { name status }")
    assert asset == {"status": status, "currentStep": {"name": step[0], "status": step[1]}}


async def test_labels_of_many_assets_and_projects_go_at_once(project):
    other = await project.organization.project()
    here, there = await project.assets(2), await other.assets(2)
    ids = [await project.label(here[0]), await project.label(here[1]), await other.label(there[0])]
    await other.label(there[1])

    assert await delete(project, *ids) == ids

    assert [row["status"] for row in await project.rows("asset")] == ["TODO", "TODO"]
    assert [row["status"] for row in await other.rows("asset")] == ["TODO", "LABELED"]


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_only_administrators_delete_what_was_submitted(project, role):
    (asset_id,) = await project.assets()
    member = await project.member(role)
    own = await project.label(asset_id, by=member)
    other = await project.label(asset_id)
    before = await project.everything()

    for ids in ([own], [own, other]):
        refused = await member.client.refused(DELETE_LABELS, {"ids": ids})
        assert refused.at == ("FORBIDDEN", ["data"])
    if role == "LABELER":  # who does not see it is answered like for a label that is gone
        assert await delete(project, other, client=member.client) == []
    else:
        assert (await member.client.refused(DELETE_LABELS, {"ids": [other]})).at == ("FORBIDDEN", ["data"])
    assert await project.everything() == before


async def test_everybody_deletes_their_own_draft_and_no_other(project):
    (asset_id,) = await project.assets()
    ada, bob = await project.member(), await project.member()
    mine = await project.label(asset_id, by=ada, label_type="AUTOSAVE")
    theirs = await project.label(asset_id, by=bob, label_type="AUTOSAVE")

    assert await delete(project, theirs, client=ada.client) == []
    assert len(await project.rows("label")) == 2

    assert await delete(project, mine, theirs, client=ada.client) == [mine]
    assert (await project.read_asset(asset_id, "status"))["status"] == "ONGOING"
    assert await delete(project, theirs, client=bob.client) == [theirs]
    assert (await project.read_asset(asset_id, "status"))["status"] == "TODO"


async def test_labels_of_others_read_like_labels_that_are_gone(project, other_organization):
    (asset_id,) = await project.assets()
    label_id = await project.label(asset_id)
    before = await project.everything()

    for client in (other_organization.admin.client, (await project.organization.person()).client):
        assert await delete(project, label_id, "gone", client=client) == []
    assert await project.everything() == before


async def test_a_prediction_of_the_same_model_becomes_the_latest_again(project):
    (asset_id,) = await project.assets()
    first, other, second = [
        await project.label(asset_id, label_type="PREDICTION", model_name=model, json_response=answer(category))
        for model, category in [("a", "SUN"), ("b", "SUN"), ("a", "RAIN")]
    ]
    await delete(project, second)

    rows = await project.rows("label")
    assert [
        (row["id"], row["is_latest_prediction_label_for_user"], row["is_latest_label_for_user"]) for row in rows
    ] == [
        (first, True, True),
        (other, True, True),
    ]


async def test_a_hundred_deletions_are_as_many_statements_as_one(project, statements):
    ids = [await project.label(asset_id) for asset_id in await project.assets(30)]
    counts = []
    for chosen in (ids[:1], ids[1:]):
        with statements.recording() as texts:
            await delete(project, *chosen)
        counts.append(len(texts))

    assert counts[0] == counts[1]
    assert await project.rows("label") == []
