"""Where assets stand: while somebody has them open, when the number of labels changes, and after deletions."""

import pytest

from labelyard.storage.filter.asset import ASSET_FILTER
from labelyard.storage.filter.condition import Filter
from tests.common.documents import ASSETS, COUNT_ASSETS, DELETE_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.world import answer

STATE = "status skipped currentStep { name status }"
NEXT = "query ($id: ID!) { data: getNextAssetFromProject(projectID: $id) { id } }"
REVIEW = "mutation ($where: AssetWhere!) { data: addAssetsToReview(where: $where) { succeeded { assetId } declined { assetId } } }"
SEND_BACK = "mutation ($where: AssetWhere!) { data: sendAssetsBackToQueue(where: $where) { succeeded { assetId } } }"
SKIP = 'mutation ($where: AssetWhere!) { data: skipAsset(where: $where, reason: "dark") { id } }'
ASSIGN = """
mutation ($where: AssetWhere!, $ids: [String!]!) { data: assignAssets(where: $where, userIds: $ids) { succeeded { assetId } } }"""
LABELING = (
    "mutation ($input: UpdateLabelingStepPropertiesInput!) { data: updateLabelingStepProperties(input: $input) { id } }"
)
EDIT = (
    "mutation ($input: EditProjectWorkflowSettingsInput!) { data: editProjectWorkflowSettings(input: $input) { id } }"
)
ADD_STEP = "mutation ($input: AddReviewStepInput!) { data: addReviewStep(input: $input) { id } }"


async def shown(project, asset_id):
    """Status, and the status in the step."""
    read = await project.read_asset(asset_id, STATE)
    return read["status"], read["currentStep"] and read["currentStep"]["status"]


async def found(project, **where):
    page = {"where": {"project": {"id": project.id}, **where}, "first": 100, "skip": 0}
    ids = [asset["id"] for asset in await project.admin.data(ASSETS % "id", page)]
    assert await project.admin.data(COUNT_ASSETS, {"where": page["where"]}) == len(ids)
    return ids


async def share(project, asset_ids, size):
    await project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": size}, "where": {"id": project.id}})
    where = [{"id": asset_id} for asset_id in asset_ids]
    await project.admin.data(
        UPDATE_ASSETS, {"whereArray": where, "dataArray": [{"isUsedForConsensus": True}] * len(where)}
    )


async def expire(project):
    async with project.organization.database.transaction() as connection:
        await connection.fetch(
            "update asset_lock set renewed_at = now() - interval '31 minutes' where project_id = :id",
            {"id": project.id},
        )


# Who has it open


async def test_an_open_asset_reads_as_in_progress_until_its_lock_ends(any_project):
    one = await any_project.member()
    first, second = await any_project.assets(2)
    step_id = (await any_project.rows("asset"))[0]["current_step_id"]

    assert (await one.client.data(NEXT, {"id": any_project.id}))["id"] == first

    async def statuses():
        return [await found(any_project, statusIn=[status]) for status in ("TODO", "ONGOING")]

    async def steps():
        pairs = [{"stepId": step_id, "status": status} for status in ("TO_DO", "IN_PROGRESS")]
        return [
            await found(any_project, stepStatusIn=["TO_DO"]),
            await found(any_project, stepStatusIn=["IN_PROGRESS"]),
            await found(any_project, stepStatusIn=["DOING", "REDO"]),
            await found(any_project, stepStatusNotIn=["TO_DO"]),
            await found(any_project, stepStatusNotIn=["IN_PROGRESS"]),
            *[await found(any_project, stepIdAndStatusIn=[pair]) for pair in pairs],
            *[await found(any_project, stepIdAndStatusNotIn=[pair]) for pair in pairs],
        ]

    assert await found(any_project, statusIn=["TODO", "ONGOING"]) == [first, second]
    if step_id is None:
        assert await shown(any_project, first) == ("TODO", None)
        assert await statuses() == [[first, second], []]
        return
    assert await shown(any_project, first) == ("ONGOING", "IN_PROGRESS")
    assert await shown(any_project, second) == ("TODO", "TO_DO")
    assert await statuses() == [[second], [first]]
    assert await found(any_project, statusIn=["TODO", "LABELED"]) == [second]
    assert await found(any_project, statusIn=["ONGOING", "LABELED"]) == [first]
    assert await steps() == [[second], [first], [first], [first], [second], [second], [first], [first], [second]]

    await expire(any_project)

    assert await shown(any_project, first) == ("TODO", "TO_DO")
    assert await statuses() == [[first, second], []]
    assert await steps() == [[first, second], [], [], [], [first, second], [first, second], [], [], [first, second]]


async def test_what_is_open_again_reads_as_in_progress_whatever_it_was_before(any_project):
    ada, bob = await any_project.member(), await any_project.member()
    shared, back = await any_project.assets(2)
    await share(any_project, [shared], 2)
    await any_project.label(shared, by=ada)
    await any_project.label(back, by=bob)
    await any_project.admin.data(SEND_BACK, {"where": {"id": back}})
    in_steps = bool(await any_project.rows("project_step"))
    before = [("ONGOING", "PARTIALLY_DONE"), ("ONGOING", "REWORK")]
    assert [await shown(any_project, asset_id) for asset_id in (shared, back)] == (
        before if in_steps else [("ONGOING", None)] * 2
    )

    for _ in range(2):
        given = (await bob.client.data(NEXT, {"id": any_project.id}))["id"]
        assert await shown(any_project, given) == ("ONGOING", "IN_PROGRESS" if in_steps else None)
        if in_steps:
            assert given in await found(any_project, stepStatusIn=["IN_PROGRESS", "TO_DO"])
            assert given not in await found(any_project, stepStatusIn=["REWORK", "PARTIALLY_DONE"])
        await any_project.label(given, by=bob)
        assert await shown(any_project, given) == ("LABELED", "DONE" if in_steps else None)


async def test_a_reviewers_lock_moves_nothing(any_project):
    reviewer = await any_project.member("REVIEWER")
    (asset_id,) = await any_project.assets()
    await any_project.label(asset_id)
    await any_project.admin.data(REVIEW, {"where": {"id": asset_id}})
    before = await shown(any_project, asset_id)

    assert (await reviewer.client.data(NEXT, {"id": any_project.id}))["id"] == asset_id

    assert await shown(any_project, asset_id) == before


async def test_a_draft_that_is_thrown_away_closes_the_asset(any_project):
    one = await any_project.member()
    (asset_id,) = await any_project.assets()
    before = await shown(any_project, asset_id)
    draft = await any_project.label(asset_id, by=one, label_type="AUTOSAVE")
    assert (await shown(any_project, asset_id))[0] == "ONGOING"
    assert (await any_project.read_asset(asset_id, "numberOfValidLocks"))["numberOfValidLocks"] == 1

    await one.client.data(DELETE_LABELS, {"ids": [draft]})

    assert await shown(any_project, asset_id) == before
    assert (await any_project.read_asset(asset_id, "numberOfValidLocks"))["numberOfValidLocks"] == 0


# The number of labels


async def by_project(project, size):
    await project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": size}, "where": {"id": project.id}})


async def by_labeling_step(project, size):
    step = (await project.rows("project_step"))[0]["id"]
    given = {"projectId": project.id, "stepId": step, "numberOfExpectedLabelsForConsensus": size}
    await project.admin.data(LABELING, {"input": given})


async def by_workflow(project, size):
    step = (await project.rows("project_step"))[0]["id"]
    update = {"id": step, "type": "DEFAULT", "numberOfExpectedLabelsForConsensus": size}
    await project.admin.data(EDIT, {"input": {"projectId": project.id, "steps": {"updates": [update]}}})


@pytest.mark.parametrize("change", [by_project, by_labeling_step, by_workflow])
@pytest.mark.parametrize("version", ["V2", "V3"])
async def test_assets_follow_the_number_of_labels_by_whichever_operation(project_of, version, change):
    project = await project_of(version)
    people = [await project.member() for _ in range(3)]
    ids = await project.assets(4)
    await share(project, ids[:3], 3)
    for asset_id, count in zip(ids[:3], (1, 2, 3), strict=True):
        for person in people[:count]:
            await project.label(asset_id, by=person)

    async def statuses():
        return [(await shown(project, asset_id))[1] for asset_id in ids]

    assert await statuses() == ["PARTIALLY_DONE", "PARTIALLY_DONE", "DONE", "TO_DO"]
    await change(project, 2)
    assert await statuses() == ["PARTIALLY_DONE", "DONE", "DONE", "TO_DO"]
    await project.marked()  # an asset whose marks are just being written is passed over
    assert (await people[2].client.data(NEXT, {"id": project.id}))["id"] == ids[0]
    await change(project, 4)
    assert await statuses() == ["IN_PROGRESS", "PARTIALLY_DONE", "PARTIALLY_DONE", "TO_DO"]


@pytest.mark.parametrize("change", [by_labeling_step, by_workflow])
async def test_settling_takes_as_many_statements_for_many_assets(project, statements, change):
    ada, counts = await project.member(), []
    for number in (1, 20):
        ids = await project.assets(number, prefix=f"of-{number}")
        await share(project, ids, 2)
        for asset_id in ids:
            await project.label(asset_id, by=ada)
        with statements.recording() as texts:
            await change(project, 1)
        counts.append(len(texts))
        assert set(await found(project, statusIn=["LABELED"])) >= set(ids)

    assert counts[0] == counts[1]


async def test_the_share_of_consensus_is_drawn_by_whichever_operation(project):
    await project.assets(40)
    step = (await project.rows("project_step"))[0]["id"]

    async def shared():
        return sum(row["is_used_for_consensus"] for row in await project.rows("asset"))

    given = {"projectId": project.id, "stepId": step}
    await project.admin.data(LABELING, {"input": {**given, "consensusCoverage": 100}})
    assert await shared() == 40
    update = {"id": step, "type": "DEFAULT", "consensusCoverage": 0}
    await project.admin.data(EDIT, {"input": {"projectId": project.id, "steps": {"updates": [update]}}})
    assert await shared() == 0


# Deletions


@pytest.mark.parametrize("model_type", ["PREDICTION", "INFERENCE"])
async def test_what_models_say_moves_nothing_when_it_comes_and_when_it_goes(any_project, model_type):
    reviewer = await any_project.member("REVIEWER")
    ids = await any_project.assets(6)
    if await any_project.rows("project_step"):
        step = {"projectId": any_project.id, "name": "Second", "stepCoverage": 100, "assignees": [reviewer.id]}
        await any_project.admin.data(ADD_STEP, {"input": step})
    for asset_id in ids[1:4]:
        await any_project.label(asset_id)
    await any_project.admin.data(REVIEW, {"where": {"id": ids[2]}})
    for asset_id in ids[3:5]:
        await any_project.label(asset_id, label_type="REVIEW")
    await any_project.admin.data(SEND_BACK, {"where": {"id": ids[1]}})
    await any_project.label(ids[5], label_type="AUTOSAVE")
    columns = ("id", "status", "skipped", "current_step_id", "step_status", "is_to_review", "sent_back_at")

    async def everything():
        assets = [{name: row[name] for name in columns} for row in await any_project.rows("asset")]
        labels = [
            (row["id"], *[value for name, value in row.items() if name.startswith("is_")])
            for row in await any_project.rows("label")
            if row["label_type"] != model_type
        ]
        return assets, labels

    before = await everything()
    made = [await any_project.label(asset_id, label_type=model_type, model_name="m") for asset_id in ids]
    assert await everything() == before
    await any_project.admin.data(DELETE_LABELS, {"ids": made})
    assert await everything() == before


@pytest.mark.parametrize("flagged", [True, False])
async def test_the_review_that_an_asset_was_sent_to_is_to_be_done_again_when_it_is_deleted(any_project, flagged):
    (asset_id,) = await any_project.assets()
    await any_project.label(asset_id)
    if flagged:
        await any_project.admin.data(REVIEW, {"where": {"id": asset_id}})
    before = await any_project.read_asset(asset_id, f"{STATE} isToReview")
    review = await any_project.label(asset_id, label_type="REVIEW")
    again = await any_project.label(asset_id, label_type="REVIEW")
    assert (await any_project.read_asset(asset_id, "status isToReview")) == {"status": "REVIEWED", "isToReview": False}
    await any_project.admin.data(DELETE_LABELS, {"ids": [again]})
    assert (await shown(any_project, asset_id))[0] == "REVIEWED"

    await any_project.admin.data(DELETE_LABELS, {"ids": [review]})

    assert before["status"] == ("TO_REVIEW" if flagged else "LABELED")
    assert await any_project.read_asset(asset_id, f"{STATE} isToReview") == before


async def test_a_drawn_review_is_to_be_done_again_and_a_later_one_in_its_own_step(project):
    admin = project.organization.admin.id
    await project.admin.data(UPDATE_PROJECT, {"data": {"reviewCoverage": 100}, "where": {"id": project.id}})
    step = {"projectId": project.id, "name": "Second", "stepCoverage": 100, "assignees": [admin]}
    await project.admin.data(ADD_STEP, {"input": step})
    (asset_id,) = await project.assets()

    async def place():
        read = await project.read_asset(asset_id, STATE)
        return read["currentStep"]["name"], read["currentStep"]["status"], read["status"]

    await project.label(asset_id)
    first = await project.label(asset_id, label_type="REVIEW")
    assert await place() == ("Second", "TO_DO", "TO_REVIEW")
    second = await project.label(asset_id, label_type="REVIEW")
    assert await place() == ("Second", "DONE", "REVIEWED")
    await project.admin.data(DELETE_LABELS, {"ids": [second]})
    assert await place() == ("Second", "TO_DO", "TO_REVIEW")
    await project.admin.data(SEND_BACK, {"where": {"id": asset_id}})
    assert await place() == ("Review", "REWORK", "TO_REVIEW")
    await project.admin.data(DELETE_LABELS, {"ids": [first]})
    assert await place() == ("Review", "REWORK", "TO_REVIEW")


# Send-backs


async def test_a_send_back_that_is_completed_by_a_smaller_number_leaves_no_flag(any_project):
    ada, bob, cay = [await any_project.member() for _ in range(3)]
    rex = await any_project.member("REVIEWER")
    (asset_id,) = await any_project.assets()
    await share(any_project, [asset_id], 3)
    for person in (ada, bob, cay):
        await any_project.label(asset_id, by=person)
    await any_project.label(asset_id, by=rex, label_type="REVIEW")
    await any_project.admin.data(SEND_BACK, {"where": {"id": asset_id}})

    async def flags():
        read = await any_project.read_asset(asset_id, "status labels { isSentBackToQueue }")
        return read["status"], [label["isSentBackToQueue"] for label in read["labels"]]

    assert await flags() == ("ONGOING", [True] * 4)
    newest = await any_project.label(asset_id, by=ada)
    assert await flags() == ("ONGOING", [False] * 5)
    # Who has not done theirs again is still served it first.
    await any_project.admin.data(
        UPDATE_ASSETS,
        {"whereArray": [{"id": (await any_project.assets(prefix="urgent"))[0]}], "dataArray": [{"priority": 9}]},
    )
    assert (await bob.client.data(NEXT, {"id": any_project.id}))["id"] == asset_id
    await any_project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": 1}, "where": {"id": any_project.id}})
    assert await flags() == ("LABELED", [False] * 5)
    await any_project.admin.data(DELETE_LABELS, {"ids": [newest]})
    assert await flags() == ("ONGOING", [True] * 4)


# Skips, figures, assignment


async def test_a_review_ends_a_skip_and_skipped_assets_are_not_counted_as_reviewed(any_project):
    reviewed, skipped, labeled = await any_project.assets(3)
    for asset_id in (reviewed, skipped, labeled):
        await any_project.label(asset_id)
    for asset_id in (reviewed, skipped):
        await any_project.label(asset_id, label_type="REVIEW")

    async def figures():
        text = """query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) {
          numberOfReviewedAssets numberOfSkippedAssets } }"""
        (read,) = await any_project.admin.data(text, {"id": any_project.id})
        return read["numberOfReviewedAssets"], read["numberOfSkippedAssets"]

    assert await figures() == (2, 0)
    await any_project.admin.data(SKIP, {"where": {"id": skipped}})
    await any_project.admin.data(SKIP, {"where": {"id": labeled}})
    assert await figures() == (1, 2)
    assert (await any_project.admin.data(REVIEW, {"where": {"id": labeled}}))["succeeded"] == []
    await any_project.label(skipped, label_type="REVIEW")
    assert await figures() == (2, 1)
    assert (await any_project.read_asset(skipped, "skipped status")) == {"skipped": False, "status": "REVIEWED"}


async def test_who_is_assigned_to_review_has_no_say_in_labeling(any_project):
    ada, rex = await any_project.member(), await any_project.member("REVIEWER")
    other = await any_project.member("REVIEWER")
    (asset_id,) = await any_project.assets()
    await any_project.admin.data(ASSIGN, {"where": {"id": asset_id}, "ids": [rex.id]})

    assert (await ada.client.data(NEXT, {"id": any_project.id}))["id"] == asset_id
    text = "mutation ($data: AppendToLabelsData!, $where: AssetWhere!) { data: appendToLabels(data: $data, where: $where) { id } }"
    await ada.client.data(text, {"data": {"jsonResponse": answer(), "labelType": "DEFAULT"}, "where": {"id": asset_id}})
    await any_project.admin.data(REVIEW, {"where": {"id": asset_id}})
    assert await other.client.data(NEXT, {"id": any_project.id}) is None
    assert (await rex.client.data(NEXT, {"id": any_project.id}))["id"] == asset_id


async def test_many_pairs_of_step_and_status_find_what_few_find_and_wait_for_one_another(any_project):
    first, second, third = await any_project.assets(3)
    await any_project.label(second)
    async with any_project.organization.database.transaction() as connection:
        await connection.fetch("update asset set current_step_id = null where id = :id", {"id": third})
    step_id = (await any_project.rows("asset"))[0]["current_step_id"]
    pairs = [{"stepId": str(step_id), "status": "TO_DO"}, {"stepId": "none", "status": "TO_DO"}]
    many = pairs + [{"stepId": f"none-{number}", "status": "TO_DO"} for number in range(1_998)]

    for given in (pairs, many):
        found_in = await found(any_project, stepIdAndStatusIn=given)
        assert found_in == ([] if step_id is None else [first])
        assert await found(any_project, stepIdAndStatusNotIn=given) == [
            asset_id for asset_id in (first, second, third) if asset_id not in found_in
        ]
    for key in ("stepIdAndStatusIn", "stepIdAndStatusNotIn"):
        for given, is_heavy in ((many[:50], False), (many[:51], True)):
            chosen = Filter()
            ASSET_FILTER[key](chosen, given, "t")
            assert chosen.is_heavy is is_heavy
