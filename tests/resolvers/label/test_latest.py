"""Which labels are the latest: the flags on labels, and `latestLabel`, `latestLabels` and `labels` of assets."""

import pytest

from tests.common.documents import APPEND_MANY_LABELS, ASSETS
from tests.common.world import answer

FIELDS = "latestLabel { id } latestLabels { id } labels { id }"


async def nested(project, asset_id, *, client=None, **where):
    """Ids in `latestLabel`, `latestLabels` and `labels` of an asset."""
    variables = {"where": {"id": asset_id, **where}, "first": 1, "skip": 0}
    (asset,) = await (client or project.admin).data(ASSETS % FIELDS, variables)
    latest = asset["latestLabel"]["id"] if asset["latestLabel"] else None
    return latest, [label["id"] for label in asset["latestLabels"]], [label["id"] for label in asset["labels"]]


async def flags(project, name):
    return [row["id"] for row in await project.rows("label") if row[name]]


async def test_an_asset_without_labels_has_none(project):
    (asset_id,) = await project.assets()

    assert await nested(project, asset_id) == (None, [], [])


async def test_models_and_drafts_are_never_the_latest_label_of_an_asset(project):
    (asset_id,) = await project.assets()
    ids = [await project.label(asset_id, label_type=kind) for kind in ("PREDICTION", "INFERENCE", "AUTOSAVE")]

    assert await nested(project, asset_id) == (None, [], ids[:2])


async def test_the_newest_answer_of_people_is_the_latest_and_one_of_each_is_among_the_latest(project):
    (asset_id,) = await project.assets()
    ada, bob = await project.member(), await project.member()
    first = await project.label(asset_id, by=ada)
    second = await project.label(asset_id, by=bob)
    assert await nested(project, asset_id) == (second, [first, second], [first, second])

    third = await project.label(asset_id, by=ada, json_response=answer("RAIN"))
    await project.label(asset_id, by=bob, label_type="PREDICTION", model_name="m")
    latest, latest_ones, _ = await nested(project, asset_id)
    assert (latest, latest_ones) == (third, [second, third])


async def test_labels_of_the_last_step_that_has_any_are_the_latest(project):
    (asset_id,) = await project.assets()
    ada, rex = await project.member(), await project.member("REVIEWER")
    default = await project.label(asset_id, by=ada)
    review = await project.label(asset_id, by=rex, label_type="REVIEW")
    assert await nested(project, asset_id) == (review, [review], [default, review])

    correction = await project.label(asset_id, by=ada)
    latest, latest_ones, _ = await nested(project, asset_id)
    assert (latest, latest_ones) == (correction, [review])


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["DEFAULT"], ("default", ["default"], ["default"])),
        (["REVIEW"], ("review", ["review"], ["review"])),
        (["DEFAULT", "REVIEW"], ("review", ["review"], ["default", "review"])),
        (["PREDICTION"], (None, [], ["prediction"])),
        (["AUTOSAVE"], (None, [], ["draft"])),
    ],
    ids=str,
)
async def test_lists_in_assets_follow_the_types_of_the_query(project, types, expected):
    (asset_id,) = await project.assets()
    ada, rex = await project.member(), await project.member("REVIEWER")
    ids = {
        "prediction": await project.label(asset_id, label_type="PREDICTION", model_name="m"),
        "default": await project.label(asset_id, by=ada),
        "review": await project.label(asset_id, by=rex, label_type="REVIEW"),
        "draft": await project.label(asset_id, by=ada, label_type="AUTOSAVE"),
    }
    latest, latest_ones, labels = expected
    assert await nested(project, asset_id, label={"typeIn": types}) == (
        ids.get(latest),
        [ids[name] for name in latest_ones],
        [ids[name] for name in labels],
    )


async def test_each_flag_is_true_on_the_newest_of_its_kind(project):
    (asset_id,) = await project.assets()
    ada, rex = await project.member(), await project.member("REVIEWER")
    default = await project.label(asset_id, by=rex)
    await project.label(asset_id, by=rex, label_type="REVIEW")
    review = await project.label(asset_id, by=rex, label_type="REVIEW")
    other = await project.label(asset_id, by=ada)
    draft = await project.label(asset_id, by=rex, label_type="AUTOSAVE")
    await project.label(asset_id, by=rex, label_type="PREDICTION", model_name="a")
    of_a = await project.label(asset_id, by=rex, label_type="PREDICTION", model_name="a")
    of_b = await project.label(asset_id, by=rex, label_type="PREDICTION", model_name="b")
    inference = await project.label(asset_id, by=rex, label_type="INFERENCE", model_name="a")

    assert await flags(project, "is_latest_label_for_user") == [review, other, draft, of_a, of_b, inference]
    assert await flags(project, "is_latest_default_label_for_user") == [default, other]
    assert await flags(project, "is_latest_review_label_for_user") == [review]
    assert await flags(project, "is_latest_prediction_label_for_user") == [of_a, of_b]
    assert await flags(project, "is_last_for_step") == [default, review, other]


@pytest.mark.parametrize("label_type", ["PREDICTION", "INFERENCE"])
async def test_of_each_author_and_model_the_newest_is_the_latest(project, label_type):
    (asset_id,) = await project.assets()
    ada = await project.member("ADMIN")

    async def made(model_name, by=None):
        return await project.label(asset_id, by=by, label_type=label_type, model_name=model_name)

    old, of_b, of_none, hers = await made("a"), await made("b"), await made(None), await made("a", ada)
    of_a = await made("a")
    assert await flags(project, "is_latest_label_for_user") == [of_b, of_none, hers, of_a]
    assert await flags(project, "is_latest_prediction_label_for_user") == (
        [of_b, of_none, hers, of_a] if label_type == "PREDICTION" else []
    )

    await project.admin.data("mutation ($ids: [ID!]!) { data: deleteLabels(ids: $ids) }", {"ids": [of_a]})
    assert await flags(project, "is_latest_label_for_user") == [old, of_b, of_none, hers]

    await project.admin.data(
        'mutation ($id: ID!) { data: updatePropertiesInLabel(where: {id: $id}, data: {modelName: "b"}) { id } }',
        {"id": old},
    )
    assert await flags(project, "is_latest_label_for_user") == [of_b, of_none, hers]


async def test_a_batch_of_several_models_leaves_one_latest_of_each(project):
    first, second = await project.assets(2)
    old = await project.label(second, label_type="PREDICTION", model_name="b")
    models = [(first, "a"), (first, "b"), (first, "a"), (second, "a")]
    items = [{"assetID": asset_id, "jsonResponse": answer(), "modelName": model} for asset_id, model in models]

    async def append(**more):
        data = {"labelType": "PREDICTION", "labelsData": items, **more}
        made = await project.admin.data(APPEND_MANY_LABELS, {"data": data, "where": {"idIn": [first, second]}})
        return [label["id"] for label in made]

    ids = await append()
    assert await flags(project, "is_latest_label_for_user") == [old, *ids[1:]]

    again = await append(overwrite=True)
    assert await flags(project, "is_latest_label_for_user") == [old, *again[1:]]


async def test_flags_know_nothing_of_other_assets_and_people(project):
    first, second = await project.assets(2)
    ada, bob = await project.member(), await project.member()
    ids = [await project.label(asset_id, by=person) for person in (ada, bob) for asset_id in (first, second)]

    assert await flags(project, "is_latest_label_for_user") == ids


async def test_a_labeler_sees_the_latest_of_what_they_may_see(project):
    (asset_id,) = await project.assets()
    ada, bob = await project.member(), await project.member()
    mine = await project.label(asset_id, by=ada)
    theirs = await project.label(asset_id, by=bob)

    assert await nested(project, asset_id, client=ada.client) == (mine, [mine], [mine])
    assert await nested(project, asset_id, client=bob.client) == (theirs, [theirs], [theirs])
