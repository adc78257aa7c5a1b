"""What labels make of the state of an asset, in both workflows, as one table."""

import pytest

from tests.common.documents import ASSETS, DELETE_LABELS, UPDATE_PROJECT
from tests.common.world import Project

TODO, ONGOING, LABELED, TO_REVIEW, REVIEWED = "TODO", "ONGOING", "LABELED", "TO_REVIEW", "REVIEWED"


async def make_project(organization, app_with, version):
    """A project of a workflow with two labelers and a reviewer."""
    client = app_with(workflow_version=version).as_(organization.admin.key)
    interface = '{"jobs": {}}'
    document = "mutation ($data: CreateProjectData!) { data: createProject(data: $data) { id } }"
    data = {"title": version, "inputType": "IMAGE", "jsonInterface": interface}
    project = Project((await client.data(document, {"data": data}))["id"], organization)
    people = {name: await project.member("LABELER", firstname=name) for name in ("ada", "bob")}
    people["rex"] = await project.member("REVIEWER", firstname="rex")
    return project, people


async def state(project, asset_id):
    """Status, name of the step and status in it."""
    asset = await project.read_asset(asset_id, "status skipped isToReview currentStep { name status }")
    step = asset["currentStep"] or {"name": None, "status": None}
    return asset["status"], step["name"], step["status"]


async def submit(project, asset_id, people, event):
    """Send a label such as `ada DEFAULT`."""
    name, _, label_type = event.partition(" ")
    return await project.label(asset_id, by=people[name], label_type=label_type, json_response="{}")


# Each row: settings, whether the asset is in consensus, and (event, status, step, status in step) one after the other.
D, R = "Default", "Review"
TABLE = {
    "a draft begins the work": ({}, False, [("ada AUTOSAVE", ONGOING, D, "IN_PROGRESS")]),
    "a label ends it": (
        {},
        False,
        [("ada DEFAULT", LABELED, D, "DONE"), ("ada DEFAULT", LABELED, D, "DONE"), ("bob DEFAULT", LABELED, D, "DONE")],
    ),
    "a draft and a label": (
        {},
        False,
        [("ada AUTOSAVE", ONGOING, D, "IN_PROGRESS"), ("ada DEFAULT", LABELED, D, "DONE")],
    ),
    "a draft after the label changes nothing": (
        {},
        False,
        [("ada DEFAULT", LABELED, D, "DONE"), ("ada AUTOSAVE", LABELED, D, "DONE")],
    ),
    "models change nothing": (
        {},
        False,
        [
            ("ada PREDICTION", TODO, D, "TO_DO"),
            ("ada INFERENCE", TODO, D, "TO_DO"),
            ("ada DEFAULT", LABELED, D, "DONE"),
            ("ada PREDICTION", LABELED, D, "DONE"),
        ],
    ),
    "every label goes to review where the coverage is full": (
        {"reviewCoverage": 100},
        False,
        [
            ("ada DEFAULT", TO_REVIEW, R, "TO_DO"),
            ("ada DEFAULT", TO_REVIEW, R, "TO_DO"),
            ("rex REVIEW", REVIEWED, R, "DONE"),
        ],
    ),
    "a review of what is not covered": (
        {},
        False,
        [("ada DEFAULT", LABELED, D, "DONE"), ("rex REVIEW", REVIEWED, R, "DONE")],
    ),
    "a review of what nobody labeled": ({}, False, [("rex REVIEW", REVIEWED, R, "DONE")]),
    "a correction after the review": (
        {},
        False,
        [
            ("ada DEFAULT", LABELED, D, "DONE"),
            ("rex REVIEW", REVIEWED, R, "DONE"),
            ("ada DEFAULT", REVIEWED, R, "DONE"),
            ("rex REVIEW", REVIEWED, R, "DONE"),
        ],
    ),
    "a consensus of two": (
        {"minConsensusSize": 2},
        True,
        [
            ("ada DEFAULT", ONGOING, D, "PARTIALLY_DONE"),
            ("ada DEFAULT", ONGOING, D, "PARTIALLY_DONE"),
            ("bob DEFAULT", LABELED, D, "DONE"),
        ],
    ),
    "a consensus of two that is reviewed": (
        {"minConsensusSize": 2, "reviewCoverage": 100},
        True,
        [
            ("ada DEFAULT", ONGOING, D, "PARTIALLY_DONE"),
            ("bob DEFAULT", TO_REVIEW, R, "TO_DO"),
            ("rex REVIEW", REVIEWED, R, "DONE"),
        ],
    ),
    "an asset outside the consensus": ({"minConsensusSize": 2}, False, [("ada DEFAULT", LABELED, D, "DONE")]),
}


@pytest.mark.parametrize("version", ["V1", "V2"])
@pytest.mark.parametrize("case", TABLE)
async def test_each_label_moves_the_asset_as_the_table_says(organization, app_with, version, case):
    settings, is_shared, events = TABLE[case]
    project, people = await make_project(organization, app_with, version)
    await project.admin.data(UPDATE_PROJECT, {"data": settings, "where": {"id": project.id}})
    (asset_id,) = await project.assets()
    if is_shared:
        document = """mutation ($id: ID!) {
          data: updatePropertiesInAssets(data: [{isUsedForConsensus: true}], where: [{id: $id}]) { id } }"""
        await project.admin.data(document, {"id": asset_id})

    for event, status, step, step_status in events:
        await submit(project, asset_id, people, event)
        expected = (status, step, step_status) if version == "V2" else (status, None, None)
        assert await state(project, asset_id) == expected, event


@pytest.mark.parametrize("version", ["V1", "V2"])
async def test_a_share_of_the_assets_goes_to_review_and_always_the_same(organization, app_with, version):
    project, _ = await make_project(organization, app_with, version)
    await project.admin.data(UPDATE_PROJECT, {"data": {"reviewCoverage": 40}, "where": {"id": project.id}})
    ids = await project.assets(200)
    document = """mutation ($data: AppendManyLabelsData!, $where: AssetWhere!) {
      data: appendManyLabels(data: $data, where: $where) { id } }"""
    labels = [{"assetID": asset_id, "jsonResponse": "{}"} for asset_id in ids]

    async def statuses():
        variables = {"where": {"project": {"id": project.id}}, "first": 200, "skip": 0}
        return [asset["status"] for asset in await project.admin.data(ASSETS % "status", variables)]

    data = {"data": {"labelType": "DEFAULT", "labelsData": labels}, "where": {"idIn": ids}}
    made = await project.admin.data(document, data)
    first = await statuses()
    assert set(first) == {LABELED, TO_REVIEW}
    assert 45 <= first.count(TO_REVIEW) <= 115

    await project.admin.data(DELETE_LABELS, {"ids": [label["id"] for label in made]})
    assert set(await statuses()) == {TODO}
    await project.admin.data(document, data)
    assert await statuses() == first


@pytest.mark.parametrize("event", ["ada DEFAULT", "rex REVIEW"])
@pytest.mark.parametrize("version", ["V1", "V2"])
async def test_a_label_ends_a_skip(organization, app_with, database, version, event):
    project, people = await make_project(organization, app_with, version)
    (asset_id,) = await project.assets()
    step_status = "SKIPPED" if version == "V2" else None
    await database.pool.execute(
        "update asset set skipped = true, step_status = $2 where id = $1", asset_id, step_status
    )
    await submit(project, asset_id, people, "ada AUTOSAVE")
    assert (await project.read_asset(asset_id, "skipped"))["skipped"] is True

    await submit(project, asset_id, people, event)

    assert (await project.read_asset(asset_id, "skipped"))["skipped"] is False


@pytest.mark.parametrize("version", ["V1", "V2"])
@pytest.mark.parametrize(
    ("status", "step", "step_status", "after"),
    [
        (TODO, D, "TO_DO", LABELED),
        (ONGOING, D, "IN_PROGRESS", LABELED),
        (LABELED, D, "DONE", LABELED),
        (TO_REVIEW, R, "TO_DO", TO_REVIEW),
        (REVIEWED, R, "DONE", REVIEWED),
    ],
)
async def test_an_asset_may_be_imported_in_any_state(organization, app_with, version, status, step, step_status, after):
    project, people = await make_project(organization, app_with, version)
    document = """mutation ($id: ID!, $status: [Status!]) {
      data: appendManyToDataset(where: {id: $id}, contentArray: ["c"], statusArray: $status) { id } }"""
    await project.admin.data(document, {"id": project.id, "status": [status]})
    (asset_id,) = [row["id"] for row in await project.rows("asset")]

    assert await state(project, asset_id) == ((status, step, step_status) if version == "V2" else (status, None, None))
    await submit(project, asset_id, people, "ada DEFAULT")
    assert (await state(project, asset_id))[0] == after


async def test_a_skipped_label_is_marked(project):
    (asset_id,) = await project.assets()
    document = """mutation ($id: ID!) {
      data: appendToLabels(data: {jsonResponse: "{}", labelType: DEFAULT, skipped: true}, where: {id: $id}) { skipped } }"""

    made, _ = await project.admin.warned(document, {"id": asset_id})

    assert made == {"skipped": True}


# Deleting labels


@pytest.mark.parametrize("version", ["V1", "V2"])
@pytest.mark.parametrize(
    ("workflow", "is_shared", "kept", "deleted", "expected"),
    [
        ({"reviewCoverage": 100}, False, ["ada DEFAULT"], ["bob DEFAULT"], (TO_REVIEW, R, "TO_DO")),
        ({"reviewCoverage": 100}, False, [], ["ada DEFAULT"], (TODO, D, "TO_DO")),
        ({"reviewCoverage": 100}, False, ["bob AUTOSAVE"], ["ada DEFAULT"], (ONGOING, D, "IN_PROGRESS")),
        ({"minConsensusSize": 2}, True, ["ada DEFAULT"], ["bob DEFAULT"], (ONGOING, D, "PARTIALLY_DONE")),
        ({"minConsensusSize": 2}, True, ["ada DEFAULT", "bob DEFAULT"], ["ada DEFAULT"], (LABELED, D, "DONE")),
        ({}, False, ["bob AUTOSAVE"], ["ada DEFAULT"], (ONGOING, D, "IN_PROGRESS")),
        ({}, False, ["ada DEFAULT", "rex REVIEW"], ["rex REVIEW"], (REVIEWED, R, "DONE")),
    ],
    ids=[
        "one of two, to be reviewed",
        "the only one, to be reviewed",
        "a draft is left, to be reviewed",
        "the consensus breaks",
        "the consensus holds",
        "a draft is left",
        "a review is left",
    ],
)
async def test_a_deletion_leaves_what_the_rest_justifies(
    organization, app_with, version, workflow, is_shared, kept, deleted, expected
):
    project, people = await make_project(organization, app_with, version)
    await project.admin.data(UPDATE_PROJECT, {"data": workflow, "where": {"id": project.id}})
    (asset_id,) = await project.assets()
    if is_shared:
        document = """mutation ($id: ID!) {
          data: updatePropertiesInAssets(data: [{isUsedForConsensus: true}], where: [{id: $id}]) { id } }"""
        await project.admin.data(document, {"id": asset_id})
    for event in kept:
        await submit(project, asset_id, people, event)
    ids = [await submit(project, asset_id, people, event) for event in deleted]

    await project.admin.data(DELETE_LABELS, {"ids": ids})

    assert await state(project, asset_id) == (expected if version == "V2" else (expected[0], None, None))
    # What was sent to review stays so as long as there is something to review: a label alone makes the asset what it made it before.
    flagged = (await project.rows("asset"))[0]["is_to_review"]
    assert flagged == (expected[0] == TO_REVIEW)
