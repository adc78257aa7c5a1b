"""`appendManyLabels`: batches."""

import asyncpg
import pytest

from labelyard.services.label import append as label_append
from labelyard.storage.label_append import StaleReadError
from tests.common.documents import APPEND_MANY_LABELS, ASSETS
from tests.common.world import answer

# 2.126 and later
WITH_ANSWER = """
mutation ($data: AppendManyLabelsData!, $where: AssetWhere!) {
  data: appendManyLabels(data: $data, where: $where) { id assetId jsonResponse author { id } assetStep { name } modelName }
}"""


def batch(items, *, label_type="DEFAULT", **data):
    labels = [{"jsonResponse": answer(), **item} for item in items]
    return {
        "data": {"labelType": label_type, "overwrite": False, **data, "labelsData": labels},
        "where": {"idIn": [item["assetID"] for item in items]},
    }


async def append(project, items, *, client=None, **data):
    return await (client or project.admin).data(APPEND_MANY_LABELS, batch(items, **data))


async def refuse(project, items, *, client=None, **data):
    """Try a batch that is refused, and see that nothing has changed."""
    before = await project.everything()
    refused = await (client or project.admin).refused(APPEND_MANY_LABELS, batch(items, **data))
    assert await project.everything() == before
    return refused


async def stored(project, *columns):
    return [tuple(row[column] for column in columns) for row in await project.rows("label")]


async def test_labels_are_answered_in_the_order_sent(project):
    ids = await project.assets(3)
    ada = await project.member()
    items = [
        {"assetID": ids[2], "jsonResponse": answer("RAIN"), "authorID": ada.id, "secondsToLabel": 3, "modelName": None},
        {"assetID": ids[0], "clientVersion": 7},
        {"assetID": ids[1], "authorID": None},
    ]
    made = await project.admin.data(WITH_ANSWER, batch(items))

    me = project.organization.admin.id
    assert [(label["assetId"], label["jsonResponse"], label["author"]["id"]) for label in made] == [
        (ids[2], answer("RAIN"), ada.id),
        (ids[0], answer(), me),
        (ids[1], answer(), me),
    ]
    assert await stored(project, "asset_id", "author_id", "seconds_to_label", "client_version") == [
        (ids[2], ada.id, 3.0, None),
        (ids[0], me, None, 7),
        (ids[1], me, None, None),
    ]


async def test_labels_on_one_asset_are_applied_in_order(project):
    (asset_id,) = await project.assets()
    ada = await project.member()
    items = [
        {"assetID": asset_id, "authorID": ada.id},
        {"assetID": asset_id},
        {"assetID": asset_id, "authorID": ada.id, "jsonResponse": answer("RAIN")},
    ]
    made = await append(project, items)

    assert await stored(project, "id", "is_latest_label_for_user", "is_last_for_step") == [
        (made[0]["id"], False, False),
        (made[1]["id"], True, True),
        (made[2]["id"], True, True),
    ]
    latest = await project.read_asset(asset_id, "latestLabel { id } latestLabels { id }")
    assert latest == {
        "latestLabel": {"id": made[2]["id"]},
        "latestLabels": [{"id": made[1]["id"]}, {"id": made[2]["id"]}],
    }


async def test_a_label_may_name_the_one_it_corrects(project):
    (asset_id,) = await project.assets()
    first = await project.label(asset_id)
    made = await append(project, [{"assetID": asset_id, "referencedLabelId": first}], label_type="REVIEW")

    assert await project.read_label(made[0]["id"], "referencedLabel { id } isCorrected") == {
        "referencedLabel": {"id": first},
        "isCorrected": False,
    }
    assert (await project.read_label(first, "isCorrected"))["isCorrected"] is True


# overwrite


@pytest.mark.parametrize("label_type", ["PREDICTION", "INFERENCE"])
@pytest.mark.parametrize("overwrite", [True, False, None], ids=str)
async def test_overwriting_replaces_what_the_same_model_said_on_the_same_asset(project, label_type, overwrite):
    first, second = await project.assets(2)
    ada = await project.member()
    for asset_id, model in [(first, "a"), (first, "b"), (second, "a")]:
        await project.label(asset_id, label_type=label_type, model_name=model, json_response=answer("RAIN"))
    await project.label(first, by=ada, label_type=label_type, model_name="a", json_response=answer("RAIN"))
    other = "INFERENCE" if label_type == "PREDICTION" else "PREDICTION"
    await project.label(first, label_type=other, model_name="a")
    await project.label(first, model_name="a")

    items = [{"assetID": first, "modelName": "a", "jsonResponse": answer("SUN")}]
    await append(project, items, label_type=label_type, overwrite=overwrite)

    left = await stored(project, "asset_id", "label_type", "model_name", "json_response")
    kept = [(first, label_type, "b", answer("RAIN")), (second, label_type, "a", answer("RAIN"))]
    others = [(first, other, "a", answer()), (first, "DEFAULT", "a", answer())]
    new = [(first, label_type, "a", answer("SUN"))]
    old = [(first, label_type, "a", answer("RAIN"))]
    if overwrite:
        assert left == [*kept, *others, *new]
    else:
        assert sorted(left) == sorted([*kept, *others, *new, *old, *old])


async def test_overwriting_never_touches_what_people_said(project):
    (asset_id,) = await project.assets()
    await project.label(asset_id)

    for label_type in ("DEFAULT", "REVIEW"):
        await append(project, [{"assetID": asset_id}], label_type=label_type, overwrite=True)

    assert [row[0] for row in await stored(project, "label_type")] == ["DEFAULT", "DEFAULT", "REVIEW"]


async def test_overwriting_within_a_batch_keeps_the_whole_batch(project):
    (asset_id,) = await project.assets()
    items = [{"assetID": asset_id, "modelName": "a"}, {"assetID": asset_id, "modelName": "a"}]

    await append(project, items, label_type="PREDICTION", overwrite=True)
    await append(project, items, label_type="PREDICTION", overwrite=True)

    assert await stored(project, "is_latest_prediction_label_for_user") == [(False,), (True,)]


# Steps


async def test_a_step_may_be_named_by_name_or_id(project):
    ids = await project.assets(4)
    steps = {row["name"]: row["id"] for row in await project.rows("project_step")}
    cases = [
        ("DEFAULT", {"stepName": "Default"}, "Default"),
        ("DEFAULT", {"stepId": steps["Default"]}, "Default"),
        ("REVIEW", {"stepName": "Review"}, "Review"),
        ("REVIEW", {"stepName": None, "stepId": None}, "Review"),
    ]
    for asset_id, (label_type, step, expected) in zip(ids, cases, strict=True):
        (made,) = await project.admin.data(WITH_ANSWER, batch([{"assetID": asset_id}], label_type=label_type, **step))
        assert made["assetStep"] == {"name": expected}


@pytest.mark.parametrize(
    ("label_type", "step"),
    [
        ("DEFAULT", {"stepName": "Nothing"}),
        ("DEFAULT", {"stepId": "nothing"}),
        ("DEFAULT", {"stepName": "Review"}),
        ("REVIEW", {"stepName": "Default"}),
    ],
    ids=["unknown name", "unknown id", "DEFAULT in a review step", "REVIEW in a labeling step"],
)
async def test_a_step_that_does_not_fit_is_refused(project, label_type, step):
    (asset_id,) = await project.assets()

    refused = await refuse(project, [{"assetID": asset_id}], label_type=label_type, **step)

    assert refused.at == ("BAD_USER_INPUT", ["data"])


async def test_what_models_say_belongs_to_no_step(project):
    (asset_id,) = await project.assets()
    (made,) = await project.admin.data(
        WITH_ANSWER, batch([{"assetID": asset_id, "modelName": "m"}], label_type="PREDICTION")
    )

    assert made["assetStep"] is None


# All or none


async def test_one_wrong_answer_refuses_the_batch_and_all_wrong_ones_are_told(project):
    ids = await project.assets(4)
    items = [
        {"assetID": ids[0]},
        {"assetID": ids[1], "jsonResponse": answer("SNOW")},
        {"assetID": ids[2], "jsonResponse": "nonsense"},
        {"assetID": ids[3]},
    ]
    refused = await refuse(project, items)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    told = [(error["labelIndex"], error["assetId"], error["code"]) for error in refused.context["errors"]]
    assert told == [(1, ids[1], "UNKNOWN_CATEGORY"), (2, ids[2], "NOT_JSON")]


async def test_of_many_wrong_answers_fifty_are_told_and_the_rest_counted(project):
    (asset_id,) = await project.assets()

    refused = await refuse(project, [{"assetID": asset_id, "jsonResponse": "x"}] * 60)

    assert len(refused.context["errors"]) == 50
    assert refused.context["moreErrors"] == 10


@pytest.mark.parametrize("where", ["nothing", "another project", "another organization"])
async def test_one_foreign_asset_refuses_the_batch(project, other_organization, where):
    (asset_id,) = await project.assets()
    foreign = "nothing"
    if where == "another project":
        foreign = (await (await project.organization.project()).assets(1))[0]
    if where == "another organization":
        foreign = (await (await other_organization.project()).assets(1))[0]

    refused = await refuse(project, [{"assetID": asset_id}, {"assetID": foreign}])

    assert refused.at == ("NOT_FOUND", ["data"])
    assert foreign not in refused.message or where == "nothing"


@pytest.mark.parametrize(
    "item",
    [{"secondsToLabel": -0.5}, {"modelName": "m" * 201}],
    ids=["negative seconds", "model name too long"],
)
async def test_a_wrong_value_refuses_the_batch(project, item):
    (asset_id,) = await project.assets()

    refused = await refuse(project, [{"assetID": asset_id}, {"assetID": asset_id, **item}])

    assert refused.at == ("BAD_USER_INPUT", ["data"])


async def test_an_empty_batch_is_refused(project):
    refused = await refuse(project, [])

    assert refused.at == ("BAD_USER_INPUT", ["data"])


async def test_a_batch_has_as_many_labels_as_allowed_and_no_more(project, app_with):
    (asset_id,) = await project.assets()
    client = app_with(max_items_per_mutation=3).as_(project.organization.admin.key)

    assert len(await append(project, [{"assetID": asset_id}] * 3, client=client)) == 3
    refused = await refuse(project, [{"assetID": asset_id}] * 4, client=client)
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"limit": 3, "given": 4}


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_predictions_are_for_administrators(project, role):
    (asset_id,) = await project.assets()
    member = await project.member(role)

    refused = await refuse(
        project, [{"assetID": asset_id, "modelName": "m"}], client=member.client, label_type="PREDICTION"
    )

    assert refused.at == ("NOT_FOUND" if role == "LABELER" else "FORBIDDEN", ["data"])


async def test_a_thousand_labels_are_as_many_statements_as_one(project, statements):
    ids = await project.assets(1000)
    await append(project, [{"assetID": ids[0]}])  # the first label of an interface compiles it
    counts = []
    for size in (1, 1000):
        with statements.recording() as texts:
            await append(project, [{"assetID": asset_id} for asset_id in ids[:size]])
        counts.append(len(texts))

    assert counts[0] == counts[1]
    assert len(await project.rows("label")) == 1002
    variables = {"where": {"project": {"id": project.id}, "statusIn": ["LABELED"]}, "first": 1000, "skip": 0}
    assert len(await project.admin.data(ASSETS % "id", variables)) == 1000


async def test_warnings_name_the_label_they_are_about(project):
    ids = await project.assets(3)
    items = [{"assetID": ids[0]}, {"assetID": ids[1], "jsonResponse": "{}"}, {"assetID": ids[2]}]
    made, warnings = await project.admin.warned(APPEND_MANY_LABELS, batch(items))

    assert len(made) == 3
    assert [(warning["labelIndex"], warning["assetId"], warning["path"]) for warning in warnings] == [
        (1, ids[1], "WEATHER")
    ]


async def test_of_several_drafts_of_one_person_on_one_asset_the_last_is_kept(project):
    (asset_id,) = await project.assets()
    ada = await project.member()
    items = [
        {"assetID": asset_id, "authorID": author, "jsonResponse": answer(category)}
        for author, category in [(ada.id, "SUN"), (None, "SUN"), (ada.id, "RAIN")]
    ]
    made = await append(project, items, label_type="AUTOSAVE")

    assert await stored(project, "id", "author_id", "json_response") == [
        (made[1]["id"], project.organization.admin.id, answer("SUN")),
        (made[2]["id"], ada.id, answer("RAIN")),
    ]


@pytest.mark.parametrize(
    ("error", "code"), [(asyncpg.DeadlockDetectedError("x"), "TIMEOUT"), (StaleReadError(), "BAD_USER_INPUT")], ids=repr
)
async def test_what_is_overtaken_again_and_again_says_by_what(project, monkeypatch, error, code):
    asset_id = await project.asset()
    before = await project.everything()
    tries = []

    async def append(*_, **__):
        tries.append(1)
        raise error

    monkeypatch.setattr(label_append, "append", append)
    labels = [{"assetID": asset_id, "jsonResponse": answer()}]
    refused = await project.admin.refused(
        APPEND_MANY_LABELS, {"data": {"labelType": "DEFAULT", "labelsData": labels}, "where": {"idIn": [asset_id]}}
    )

    assert refused.at == (code, ["data"])
    assert len(tries) == 4
    assert await project.everything() == before
