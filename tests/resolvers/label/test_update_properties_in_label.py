"""`updatePropertiesInLabel` and the `updateLabel` of the first clients."""

import asyncio
import json

import pytest

from tests.common.documents import UPDATE_PROJECT
from tests.common.world import answer

# since 2.148
UPDATE = """
mutation ($data: LabelData!, $where: LabelWhere!) { data: updatePropertiesInLabel(data: $data, where: $where) { id } }"""
# before: one variable for each key
OLD = """
mutation ($id: ID!, $secondsToLabel: Float, $modelName: String, $jsonResponse: String) {
  data: updatePropertiesInLabel(
    where: {id: $id}, data: {secondsToLabel: $secondsToLabel, modelName: $modelName, jsonResponse: $jsonResponse}
  ) { id secondsToLabel modelName jsonResponse }
}"""
FIELDS = "jsonResponse modelName secondsToLabel isSentBackToQueue numberOfAnnotations search version labelType authorId"


@pytest.fixture
async def label(project):
    """A label of a labeler, on an asset of its own."""
    (asset_id,) = await project.assets()
    author = await project.member("LABELER")
    return await project.label(asset_id, by=author, seconds=5), author


async def update(project, label_id, data, *, client=None):
    return await (client or project.admin).data(UPDATE, {"data": data, "where": {"id": label_id}})


async def refuse(project, label_id, data, *, client=None):
    """Try an edit that is refused, and see that nothing has changed."""
    before = await project.everything()
    refused = await (client or project.admin).refused(UPDATE, {"data": data, "where": {"id": label_id}})
    assert await project.everything() == before
    return refused


async def test_an_answer_is_replaced_with_all_that_follows_from_it(project, label):
    label_id, author = label
    assert await update(project, label_id, {"jsonResponse": answer("RAIN", cars=2)}) == {"id": label_id}

    assert await project.read_label(label_id, FIELDS) == {
        "jsonResponse": answer("RAIN", cars=2),
        "modelName": None,
        "secondsToLabel": 5.0,
        "isSentBackToQueue": False,
        "numberOfAnnotations": 3,
        "search": {"numberOfAnnotations": 3, "numberOfAnnotationsByObject": {"WEATHER.RAIN": 1, "PLACE.CAR": 2}},
        "version": 2,
        "labelType": "DEFAULT",
        "authorId": author.id,
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [("modelName", "m" * 200), ("secondsToLabel", 7), ("isSentBackToQueue", True), ("jsonResponse", answer("RAIN"))],
    ids=lambda value: str(value)[:20],
)
async def test_each_property_is_kept_and_null_leaves_it_alone(project, label, key, value):
    label_id, _ = label
    untouched = await project.read_label(label_id, FIELDS)
    await update(project, label_id, {key: value})
    changed = await project.read_label(label_id, FIELDS)
    assert changed[key] == value

    await update(project, label_id, {key: None})
    assert {**await project.read_label(label_id, FIELDS), "version": 0} == {**changed, "version": 0}
    if key != "jsonResponse":
        assert {**changed, key: untouched[key], "version": 1} == untouched


async def test_the_state_of_the_asset_and_the_latest_flags_stay(project, label):
    label_id, _ = label
    assets = await project.rows("asset")
    flags = "isLatestLabelForUser isLatestDefaultLabelForUser isLastForStep createdAt"
    before = await project.read_label(label_id, flags)

    await update(project, label_id, {"jsonResponse": answer("RAIN"), "secondsToLabel": 9})

    assert await project.read_label(label_id, flags) == before
    assert await project.rows("asset") == assets


async def test_the_older_document_with_nulls_changes_what_it_gives(project, label):
    label_id, _ = label
    variables = {"id": label_id, "secondsToLabel": 7, "modelName": None, "jsonResponse": None}

    assert await project.admin.data(OLD, variables) == {
        "id": label_id,
        "secondsToLabel": 7.0,
        "modelName": None,
        "jsonResponse": answer(),
    }


async def test_the_first_clients_edit_by_single_arguments(project, label):
    label_id, author = label
    document = """
    mutation ($labelID: ID!, $answer: String!) {
      data: updateLabel(labelID: $labelID, labelAssetID: "other", reviewAssetID: "other", authorID: "other",
        labelType: REVIEW, jsonResponse: $answer, secondsToLabel: 8) { id labelType secondsToLabel author { id } }
    }"""

    assert await project.admin.data(document, {"labelID": label_id, "answer": answer("RAIN")}) == {
        "id": label_id,
        "labelType": "DEFAULT",
        "secondsToLabel": 8.0,
        "author": {"id": author.id},
    }


async def test_warnings_come_with_the_edit_and_go_with_the_next(project, label):
    label_id, _ = label
    _, warnings = await project.admin.warned(UPDATE, {"data": {"jsonResponse": "{}"}, "where": {"id": label_id}})
    assert [(warning["code"], warning["path"]) for warning in warnings] == [("REQUIRED_JOB_MISSING", "WEATHER")]
    assert (await project.rows("label"))[0]["warnings"] is not None

    await update(project, label_id, {"jsonResponse": answer()})
    assert (await project.rows("label"))[0]["warnings"] is None


@pytest.mark.parametrize(
    "data",
    [
        {"jsonResponse": answer("SNOW")},
        {"jsonResponse": "nonsense"},
        {"modelName": "m" * 201},
        {"secondsToLabel": -1},
        {"modelName": "a\0b"},
        {"jsonResponse": json.dumps({"WEATHER": {"categories": [{"name": "SUN"}]}, "NO": {}})},
    ],
    ids=["unknown category", "no json", "model name too long", "negative seconds", "NUL", "unknown job"],
)
async def test_a_wrong_value_is_refused(project, label, data):
    refused = await refuse(project, label[0], {"isSentBackToQueue": True, **data})

    assert refused.at == ("BAD_USER_INPUT", ["data"])


@pytest.mark.parametrize("where", [{}, {"id": None}, {"typeIn": ["DEFAULT"]}], ids=str)
async def test_a_label_must_be_named_by_its_id(project, label, where):
    before = await project.everything()

    refused = await project.admin.refused(UPDATE, {"data": {"secondsToLabel": 1}, "where": where})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"field": "where.id"}
    assert await project.everything() == before


# Rights


async def test_authors_edit_their_own_labels(project, label):
    label_id, author = label

    assert await update(project, label_id, {"jsonResponse": answer("RAIN")}, client=author.client) == {"id": label_id}


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_nobody_but_administrators_edits_the_labels_of_others(project, label, role):
    member = await project.member(role)

    refused = await refuse(project, label[0], {"secondsToLabel": 1}, client=member.client)

    # To labelers the label of a colleague does not exist.
    assert refused.at == ("NOT_FOUND" if role == "LABELER" else "FORBIDDEN", ["data"])


async def test_labels_of_others_read_like_labels_that_are_not_there(project, label, other_organization):
    for client in (other_organization.admin.client, (await project.organization.person()).client):
        refused = await refuse(project, label[0], {"secondsToLabel": 1}, client=client)
        unknown = await refuse(project, "nothing", {"secondsToLabel": 1}, client=client)

        assert refused.at == unknown.at == ("NOT_FOUND", ["data"])
        assert refused.message.replace(label[0], "nothing") == unknown.message
        assert refused.context == {"labelId": label[0]}


async def test_labels_of_archived_projects_stay_as_they_are(project, label):
    await project.admin.data(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": project.id}})

    refused = await refuse(project, label[0], {"secondsToLabel": 1})

    assert refused.at == ("FORBIDDEN", ["data"])


# Others at the same time


WAITS = "select exists (select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))"


async def between(project, asset_id, run, edit):
    """Run something after the checks of an edit and before it is written: the edit waits for the asset."""
    pool = project.organization.database.pool
    async with pool.acquire() as holder, holder.transaction():
        await holder.execute("select 1 from asset where id = $1 for update", asset_id)
        pid = await holder.fetchval("select pg_backend_pid()")
        editing = asyncio.create_task(edit)
        async with asyncio.timeout(4):
            while True:
                if await pool.fetchval(WAITS, pid):
                    break
                await asyncio.sleep(0.01)
        await run(holder)
    return await editing


@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [
        ("update project set archived_at = now() where id = $1", "FORBIDDEN"),
        (
            "update project set interface_version = interface_version + 1, json_interface = "
            "replace(json_interface, 'RAIN', 'HAIL') where id = $1",
            "BAD_USER_INPUT",
        ),
        ("delete from label where project_id = $1", "NOT_FOUND"),
    ],
    ids=["archived", "other interface", "deleted"],
)
async def test_an_edit_is_checked_again_when_something_changed_before_it_was_written(project, label, meanwhile, code):
    label_id, _ = label
    (asset,) = await project.rows("asset")
    pool = project.organization.database.pool
    before = await project.rows("label")

    async def run(_holder):
        await pool.execute(meanwhile, project.id)

    variables = {"data": {"jsonResponse": answer("RAIN")}, "where": {"id": label_id}}
    refused = await between(project, asset["id"], run, project.admin.refused(UPDATE, variables))

    assert refused.at == (code, ["data"])
    assert await project.rows("label") == ([] if code == "NOT_FOUND" else before)


async def test_an_edit_after_another_edit_is_written_on_top_of_it(project, label):
    label_id, _ = label
    (asset,) = await project.rows("asset")

    async def run(_holder):
        await update(project, label_id, {"secondsToLabel": 9})

    variables = {"data": {"jsonResponse": answer("RAIN")}, "where": {"id": label_id}}
    await between(project, asset["id"], run, project.admin.data(UPDATE, variables))

    assert await project.read_label(label_id, "jsonResponse secondsToLabel version") == {
        "jsonResponse": answer("RAIN"),
        "secondsToLabel": 9.0,
        "version": 3,
    }
