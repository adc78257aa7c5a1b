"""Groups of steps: what clients read of them, and how assets pass them."""

import pytest

from labelyard.services.workflow.step_group import create_group
from tests.common.documents import (
    APPEND_MANY_LABELS,
    APPEND_TO_LABELS,
    ASSETS,
    DELETE_LABELS,
    UPDATE_ASSETS,
    UPDATE_PROJECT,
)
from tests.common.world import answer

STEPS = "id name type order stepGroupId consensusCoverage sendBackStepId"
WORKFLOW = f"workflowVersion stepGroups {{ id name }} steps {{ {STEPS} }}"
PROJECT = f"query ($id: ID!) {{ data: projects(where: {{id: $id}}, first: 1, skip: 0) {{ {WORKFLOW} }} }}"
EDIT = f"""mutation ($input: EditProjectWorkflowSettingsInput!) {{
  data: editProjectWorkflowSettings(input: $input) {{ {WORKFLOW} }} }}"""
ADD = f"mutation ($input: AddReviewStepInput!) {{ data: addReviewStep(input: $input) {{ {WORKFLOW} }} }}"
DELETE = f"mutation ($input: DeleteStepInput!) {{ data: deleteStep(input: $input) {{ {WORKFLOW} }} }}"
SEND_BACK = "mutation ($where: AssetWhere!) { data: sendAssetsBackToQueue(where: $where) { succeeded { assetId } } }"
MOVE_ON = "mutation ($where: AssetWhere!) { data: addAssetsToReview(where: $where) { succeeded { assetId } } }"
NEXT = "query ($id: ID!) { data: getNextAssetFromProject(projectID: $id) { id } }"
COUNT = "query ($where: AssetWhere!) { data: countAssets(where: $where) }"
PLACE = "status currentStep { stepGroupName stepGroupId name status }"


async def read(project):
    (found,) = await project.admin.data(PROJECT, {"id": project.id})
    return found


async def change(project, text, **values):
    """Send an edit; it answers what is read then."""
    answered = await project.admin.data(text, {"input": {"projectId": project.id, **values}})
    assert answered == await read(project)
    return answered


async def refused(project, text, **values):
    before = (await project.everything(), await read(project))
    told = await project.admin.refused(text, {"input": {"projectId": project.id, **values}})
    assert (await project.everything(), await read(project)) == before
    return told


async def place(project, asset_id):
    asset = await project.read_asset(asset_id, PLACE)
    step = asset["currentStep"]
    return step["stepGroupName"], step["name"], step["status"], asset["status"]


async def reviewing(project):
    """The workflow, with a review step that takes everything at the end of the second group."""
    group = (await read(project))["stepGroups"][1]["id"]
    admin = project.organization.admin.id
    return await change(project, ADD, name="Review", assignees=[admin], stepCoverage=100, stepGroupId=group)


async def submit(client, asset_id):
    return await client.graphql(
        APPEND_TO_LABELS, {"data": {"jsonResponse": answer(), "labelType": "DEFAULT"}, "where": {"id": asset_id}}
    )


# Settings


async def test_a_new_project_has_one_group_with_two_steps(project_of):
    found = await read(await project_of("V3"))

    (group,) = found["stepGroups"]
    assert (found["workflowVersion"], group["name"]) == ("V3", "Default")
    assert [(step["name"], step["order"], step["stepGroupId"]) for step in found["steps"]] == [
        ("Default", 0, group["id"]),
        ("Review", 1, group["id"]),
    ]


async def test_a_project_of_steps_that_gets_a_group_has_its_steps_in_the_first(project, database):
    (asset_id,) = await project.assets()
    await project.label(asset_id)
    before = await read(project)
    assert (before["workflowVersion"], before["stepGroups"]) == ("V2", [])

    async with database.transaction() as connection:
        made = await create_group(connection, project.id, "Check", step_name="Look")

    after = await read(project)
    first, second = after["stepGroups"]
    assert (after["workflowVersion"], first["name"], second) == ("V3", "Default", {"id": made.id, "name": "Check"})
    assert made.was_converted
    assert [(step["name"], step["stepGroupId"]) for step in after["steps"]] == [
        ("Default", first["id"]),
        ("Review", first["id"]),
        ("Look", second["id"]),
    ]
    assert [step["id"] for step in after["steps"][:2]] == [step["id"] for step in before["steps"]]
    assert [step["consensusCoverage"] for step in after["steps"]] == [0, None, None]
    # What had come to its end stays there until it is sent on.
    assert await place(project, asset_id) == ("Default", "Default", "DONE", "LABELED")
    for expected in [("Default", "Review", "TO_DO", "TO_REVIEW"), ("Check", "Look", "TO_DO", "ONGOING")]:
        await project.admin.data(MOVE_ON, {"where": {"id": asset_id}})
        assert await place(project, asset_id) == expected
        if expected[1] == "Review":
            await project.label(asset_id, label_type="REVIEW")


async def test_steps_are_made_in_a_group_or_in_the_last(grouped):
    project = await grouped()
    first, second = [group["id"] for group in (await read(project))["stepGroups"]]
    admin = project.organization.admin.id

    found = await change(project, ADD, name="Again", assignees=[admin], stepGroupId=first)
    assert [step["name"] for step in found["steps"]] == ["Default", "Review", "Again", "Default"]
    found = await change(project, ADD, name="Again", assignees=[admin], sendBackStepId=found["steps"][1]["id"])
    assert [(step["name"], step["stepGroupId"]) for step in found["steps"]] == [
        ("Default", first),
        ("Review", first),
        ("Again", first),
        ("Default", second),
        ("Again", second),
    ]
    assert found["steps"][4]["sendBackStepId"] == found["steps"][1]["id"]
    creates = [{"name": "More", "type": "DEFAULT", "stepGroupId": first}, {"name": "More", "type": "DEFAULT"}]
    updates = [{"id": found["steps"][4]["id"], "name": "Final", "stepGroupId": second}]
    found = await change(project, EDIT, steps={"creates": creates, "updates": updates, "deletes": []})
    names = ["Default", "More", "Review", "Again", "Default", "More", "Final"]
    assert [step["name"] for step in found["steps"]] == names


async def test_what_steps_in_groups_cannot_be(grouped):
    project = await grouped()
    found = await read(project)
    first, second = [group["id"] for group in found["stepGroups"]]
    labeling, review, checking = found["steps"]
    admin = project.organization.admin.id
    new = {"name": "New", "assignees": [admin]}

    def update(step, **values):
        return {"steps": {"updates": [{"id": step["id"], **values}]}}

    cases = [
        (ADD, {**new, "stepGroupId": "nothing"}, "NOT_FOUND", {"stepGroupId": "nothing"}),
        (ADD, {**new, "name": "Default"}, "BAD_USER_INPUT", {"field": "name"}),
        (EDIT, update(review, stepGroupId=second), "BAD_USER_INPUT", {"field": "stepGroupId"}),
        (EDIT, update(review, name="Default"), "BAD_USER_INPUT", {"field": "name"}),
        (EDIT, update(review, sendBackStepId=checking["id"]), "BAD_USER_INPUT", {"field": "sendBackStepId"}),
        (EDIT, update(checking, consensusCoverage=10), "BAD_USER_INPUT", {"field": "consensusCoverage"}),
        (DELETE, {"stepId": checking["id"]}, "BAD_USER_INPUT", {"field": "steps"}),
        (DELETE, {"stepId": labeling["id"]}, "BAD_USER_INPUT", {"field": "steps"}),
    ]
    for text, values, code, context in cases:
        told = await refused(project, text, **values)
        assert (*told.at, told.context) == (code, ["data"], context), values
    assert first != second


async def test_a_copy_has_the_same_groups(grouped):
    project = await grouped()
    await change(project, EDIT, steps={"updates": [{"id": (await read(project))["steps"][0]["id"], "name": "Draw"}]})
    await project.assets()
    text = "mutation ($data: CopyProjectData!) { data: copyProject(data: $data) }"

    made = await project.admin.data(text, {"data": {"projectId": project.id, "shouldCopyAssets": True}})

    copy = type(project)(made, project.organization)
    before, after = await read(project), await read(copy)
    assert [group["name"] for group in after["stepGroups"]] == ["Default", "Check"]
    assert {group["id"] for group in after["stepGroups"]}.isdisjoint(group["id"] for group in before["stepGroups"])
    groups = {group["id"]: group["name"] for group in after["stepGroups"]}
    assert [(step["name"], groups[step["stepGroupId"]]) for step in after["steps"]] == [
        ("Draw", "Default"),
        ("Review", "Default"),
        ("Default", "Check"),
    ]
    (asset,) = await copy.rows("asset")
    assert await place(copy, asset["id"]) == ("Default", "Draw", "TO_DO", "TODO")


# The way of assets


async def test_assets_pass_the_groups_in_their_order(grouped):
    project = await grouped("Final")
    await project.admin.data(UPDATE_PROJECT, {"data": {"reviewCoverage": 100}, "where": {"id": project.id}})
    (asset_id,) = await project.assets()
    seen = [await place(project, asset_id)]
    for label_type in ("DEFAULT", "REVIEW", "AUTOSAVE", "DEFAULT", "DEFAULT"):
        await project.label(asset_id, label_type=label_type)
        seen.append(await place(project, asset_id))

    assert seen == [
        ("Default", "Default", "TO_DO", "TODO"),
        ("Default", "Review", "TO_DO", "TO_REVIEW"),
        ("Check", "Default", "TO_DO", "ONGOING"),
        ("Check", "Default", "IN_PROGRESS", "ONGOING"),
        ("Final", "Default", "TO_DO", "ONGOING"),
        ("Final", "Default", "DONE", "LABELED"),
    ]
    labels = await project.read_asset(asset_id, "labels { assetStep { stepGroupName name } isLastForStep }")
    assert labels["labels"] == [
        {"assetStep": {"stepGroupName": group, "name": name}, "isLastForStep": True}
        for group, name in [("Default", "Default"), ("Default", "Review"), ("Check", "Default"), ("Final", "Default")]
    ]
    latest = await project.read_asset(asset_id, "latestLabels { assetStep { stepGroupName } }")
    assert latest["latestLabels"] == [{"assetStep": {"stepGroupName": "Final"}}]


async def test_labels_are_imported_into_a_step_that_they_name(grouped):
    project = await grouped("Final")
    found = (await read(project))["steps"]
    ids = await project.assets(3)

    async def add(asset_id, step, label_type="DEFAULT", **named):
        data = {"labelType": label_type, "labelsData": [{"assetID": asset_id, "jsonResponse": answer()}]}
        named = named or {"stepId": step["id"]}
        return await project.admin.graphql(APPEND_MANY_LABELS, {"data": {**data, **named}, "where": {"id": asset_id}})

    labeling, review, checking, final = found
    for asset_id, step in zip(ids, (labeling, checking, final), strict=True):
        await add(asset_id, step)
    assert [await place(project, asset_id) for asset_id in ids] == [
        ("Check", "Default", "TO_DO", "ONGOING"),
        ("Final", "Default", "TO_DO", "ONGOING"),
        ("Final", "Default", "DONE", "LABELED"),
    ]
    # A label of an earlier step is kept, and moves nothing.
    await add(ids[2], review, "REVIEW")
    await add(ids[2], labeling)
    assert await place(project, ids[2]) == ("Final", "Default", "DONE", "LABELED")
    rows = [row for row in await project.rows("label") if row["asset_id"] == ids[2]]
    assert [row["step_id"] for row in rows] == [final["id"], review["id"], labeling["id"]]
    for named, code in [
        ({"stepId": review["id"]}, "BAD_USER_INPUT"),
        ({"stepName": "Default"}, "BAD_USER_INPUT"),  # several groups have one
        ({"stepName": "Nothing"}, "BAD_USER_INPUT"),
    ]:
        (error,) = (await add(ids[0], None, **named))["errors"]
        assert error["extensions"]["code"] == code


async def test_consensus_is_a_matter_of_the_first_group(grouped):
    project = await grouped()
    people = [await project.member("LABELER") for _ in range(3)]
    await project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": 2}, "where": {"id": project.id}})
    (asset_id,) = await project.assets()
    chosen = {"dataArray": [{"isUsedForConsensus": True}], "whereArray": [{"id": asset_id}]}
    await project.admin.data(UPDATE_ASSETS, chosen)
    seen, given = [], []
    for person, category in zip([*people[:2], people[2]], ["SUN", "SUN", "RAIN"], strict=True):
        # Two at a time have it open in the first group, one in the second.
        given.append([(await other.client.data(NEXT, {"id": project.id})) is not None for other in people])
        await project.label(asset_id, by=person, json_response=answer(category))
        seen.append(await place(project, asset_id))

    assert seen == [
        ("Default", "Default", "IN_PROGRESS", "ONGOING"),  # the other one has it open
        ("Check", "Default", "TO_DO", "ONGOING"),
        ("Check", "Default", "DONE", "LABELED"),
    ]
    assert [sum(row) for row in given] == [2, 1, 1]
    await project.marked()
    # The label of the second group agrees with nobody, and is asked by nobody.
    assert (await project.read_asset(asset_id, "consensusMark"))["consensusMark"] == 1.0
    # What has left the first group is done with its consensus, whatever it needs from now on.
    await project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": 3}, "where": {"id": project.id}})
    assert (await place(project, asset_id))[0] == "Check"


async def test_a_review_sends_back_to_an_earlier_group_and_all_is_done_again(grouped):
    project = await grouped()
    ada, bob = await project.member("LABELER", firstname="ada"), await project.member("LABELER", firstname="bob")
    steps = (await reviewing(project))["steps"]
    labeling, review = steps[0], steps[3]
    (asset_id,) = await project.assets()
    first = await project.label(asset_id, by=ada)
    second = await project.label(asset_id, by=bob)
    assert await place(project, asset_id) == ("Check", "Review", "TO_DO", "TO_REVIEW")

    async def back():
        await project.admin.data(SEND_BACK, {"where": {"id": asset_id}})
        sent = await project.read_asset(asset_id, "sentBackTo { user { firstname } } labels { isSentBackToQueue }")
        names = [user["user"]["firstname"] for user in sent["sentBackTo"]]
        return await place(project, asset_id), names, [label["isSentBackToQueue"] for label in sent["labels"]]

    # By default to the step before, which is bob's.
    assert await back() == (("Check", "Default", "REWORK", "ONGOING"), ["bob"], [False, True])
    third = await project.label(asset_id, by=bob)
    assert await place(project, asset_id) == ("Check", "Review", "TO_DO", "TO_REVIEW")
    update = {"id": review["id"], "sendBackStepId": labeling["id"]}
    await change(project, EDIT, steps={"updates": [update]})
    assert await back() == (("Default", "Default", "REWORK", "ONGOING"), ["ada", "bob"], [True, False, True])
    # Deleting what is worth nothing any more changes nothing.
    await project.admin.data(DELETE_LABELS, {"ids": [second]})
    assert await place(project, asset_id) == ("Default", "Default", "REWORK", "ONGOING")
    await project.label(asset_id, by=ada)
    assert await place(project, asset_id) == ("Check", "Default", "TO_DO", "ONGOING")
    flags = await project.read_asset(asset_id, "labels { isSentBackToQueue }")
    assert flags["labels"] == [{"isSentBackToQueue": False}] * 3
    assert {first, third} <= {row["id"] for row in await project.rows("label")}


async def test_a_deletion_leaves_the_asset_in_the_group_that_its_labels_pass(grouped):
    project = await grouped("Final")
    (asset_id,) = await project.assets()
    labels = [await project.label(asset_id) for _ in range(3)]
    prediction = await project.label(asset_id, label_type="PREDICTION", model_name="m")
    seen = []
    for label_id in (prediction, labels[0], labels[2], labels[1]):
        await project.admin.data(DELETE_LABELS, {"ids": [label_id]})
        seen.append(await place(project, asset_id))

    assert seen == [
        ("Final", "Default", "DONE", "LABELED"),
        ("Final", "Default", "DONE", "LABELED"),
        ("Final", "Default", "TO_DO", "ONGOING"),
        ("Default", "Default", "TO_DO", "TODO"),
    ]


async def test_groups_are_filtered_by_name(grouped, project):
    own = await grouped()
    first, second, third = await own.assets(3)
    await own.label(second)
    await own.label(third)
    await own.label(third)
    checking = (await read(own))["steps"][2]["id"]
    await project.assets(1)

    async def chosen(where, of=own):
        where = {"project": {"id": of.id}, **where}
        found = [asset["id"] for asset in await of.admin.data(ASSETS % "id", {"where": where, "first": 9, "skip": 0})]
        assert await of.admin.data(COUNT, {"where": where}) == len(found)
        return found

    assert await chosen({"groupNameIn": ["Default"]}) == [first]
    assert await chosen({"groupNameIn": ["Check"]}) == [second, third]
    assert await chosen({"groupNameIn": ["Check", "Default"]}) == [first, second, third]
    assert await chosen({"groupNameIn": ["Nothing"]}) == []
    assert await chosen({"groupNameNotIn": ["Check"]}) == [first]
    assert await chosen({"groupNameIn": ["Check"], "stepStatusIn": ["DONE"]}) == [third]
    assert await chosen({"groupNameNotIn": ["Default"], "stepIdIn": [checking], "stepStatusNotIn": ["DONE"]}) == [
        second
    ]
    assert await chosen({"groupNameIn": ["Default"], "stepIdIn": [checking]}) == []
    assert await chosen({"groupNameIn": ["Default"]}, project) == []
    assert len(await chosen({"groupNameNotIn": ["Default"]}, project)) == 1


# People


@pytest.mark.parametrize("separated", [False, True])
async def test_the_queue_gives_out_the_assets_of_ones_steps(grouped, separated):
    project = await grouped()
    ada, bob = await project.member("LABELER"), await project.member("LABELER")
    labeling, _, checking = (await read(project))["steps"]
    updates = [
        {"id": labeling["id"], "assignees": [ada.id]},
        {"id": checking["id"], "assignees": [ada.id, bob.id]},
    ]
    await change(project, EDIT, steps={"updates": updates}, enforceStepSeparation=separated)
    first, second = await project.assets(2)

    assert await bob.client.data(NEXT, {"id": project.id}) is None
    assert await ada.client.data(NEXT, {"id": project.id}) == {"id": first}
    refused = await submit(bob.client, second)
    assert refused["errors"][0]["extensions"]["context"]["reason"] == "NotInStepAssignees"
    await submit(ada.client, first)
    assert await place(project, first) == ("Check", "Default", "TO_DO", "ONGOING")
    # Who named the step of another group would leap over what comes between.
    data = {"labelType": "DEFAULT", "stepId": checking["id"]}
    labels = [{"assetID": second, "jsonResponse": answer()}]
    leap = {"data": {**data, "labelsData": labels}, "where": {"id": second}}
    told = (await bob.client.graphql(APPEND_MANY_LABELS, leap))["errors"][0]["extensions"]
    assert (told["code"], told["context"]["reason"]) == ("CONFLICT", "LabelNotEditable")

    again = await submit(ada.client, first)
    if separated:
        assert again["errors"][0]["extensions"]["context"]["reason"] == "BlockedByEnforceStepSeparation"
        await project.marked()  # an asset whose marks are just being written is passed over
        assert await ada.client.data(NEXT, {"id": project.id}) == {"id": second}
        assert await bob.client.data(NEXT, {"id": project.id}) == {"id": first}
    else:
        assert await place(project, first) == ("Check", "Default", "DONE", "LABELED")


async def test_a_skipped_asset_comes_back_in_its_group(grouped):
    project = await grouped()
    (asset_id,) = await project.assets()
    await project.label(asset_id)
    skip = 'mutation ($where: AssetWhere!) { data: skipAsset(where: $where, reason: "dark") { id } }'
    unskip = "mutation ($p: ID!, $a: ID!) { data: unskipAsset(projectId: $p, assetId: $a) }"

    await project.admin.data(skip, {"where": {"id": asset_id}})
    assert await place(project, asset_id) == ("Check", "Default", "SKIPPED", "ONGOING")
    await project.admin.data(unskip, {"p": project.id, "a": asset_id})

    assert await place(project, asset_id) == ("Check", "Default", "TO_DO", "ONGOING")
