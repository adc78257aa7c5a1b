"""Steps of a workflow: created, changed, ordered, deleted, and what becomes of the assets in them."""

import pytest

from tests.common.documents import UPDATE_PROJECT

FIELDS = """id name type order stepCoverage consensusCoverage numberOfExpectedLabelsForConsensus useHoneypot sendBackStepId
stepGroupId isActivated assignees { id }"""


def document(name, type_name):
    return f"mutation ($input: {type_name}!) {{ data: {name}(input: $input) {{ id steps {{ {FIELDS} }} }} }}"


EDIT = document("editProjectWorkflowSettings", "EditProjectWorkflowSettingsInput")
ADD = document("addReviewStep", "AddReviewStepInput")
LABELING = document("updateLabelingStepProperties", "UpdateLabelingStepPropertiesInput")
REVIEW = document("updateReviewStepProperties", "UpdateReviewStepPropertiesInput")
DELETE = document("deleteStep", "DeleteStepInput")
RENAME = document("renameStep", "RenameStepInput")
SEND_BACK = "mutation ($where: AssetWhere!) { data: sendAssetsBackToQueue(where: $where) { succeeded { assetId } } }"
TO_REVIEW = "mutation ($where: AssetWhere!) { data: addAssetsToReview(where: $where) { succeeded { assetId } } }"


async def read(project, fields=FIELDS):
    text = f"query ($id: ID!) {{ data: projects(where: {{id: $id}}, first: 1, skip: 0) {{ steps {{ {fields} }} }} }}"
    (found,) = await project.admin.data(text, {"id": project.id})
    return found["steps"]


async def change(project, text, **values):
    """Send an edit and answer the steps, which are those that a list shows."""
    answered = await project.admin.data(text, {"input": {"projectId": project.id, **values}})
    assert answered["id"] == project.id
    assert answered["steps"] == await read(project)
    return answered["steps"]


async def edit(project, *, creates=(), updates=(), deletes=(), **values):
    steps = {"creates": list(creates), "updates": list(updates), "deletes": list(deletes)}
    return await change(project, EDIT, steps=steps, **values)


async def refused(project, text, **values):
    """The refusal of an edit, which changes nothing."""
    before = (await project.everything(), await read(project))
    told = await project.admin.refused(text, {"input": {"projectId": project.id, **values}})
    assert (await project.everything(), await read(project)) == before
    return told


def names(steps):
    return [step["name"] for step in steps]


async def test_a_new_project_labels_and_reviews_with_everybody_whose_role_allows_it(project):
    labeler, reviewer = await project.member("LABELER"), await project.member("REVIEWER")
    admin = project.organization.admin.id

    labeling, review = await read(project)

    assert labeling == {
        "id": labeling["id"],
        "name": "Default",
        "type": "DEFAULT",
        "order": 0,
        "stepCoverage": None,
        "consensusCoverage": 0,
        "numberOfExpectedLabelsForConsensus": 1,
        "useHoneypot": False,
        "sendBackStepId": None,
        "stepGroupId": None,
        "isActivated": True,
        "assignees": [{"id": admin}, {"id": labeler.id}, {"id": reviewer.id}],
    }
    assert (review["name"], review["type"], review["stepCoverage"]) == ("Review", "REVIEW", 0)
    assert review["assignees"] == [{"id": admin}, {"id": reviewer.id}]


async def test_one_project_of_the_old_workflow_has_no_steps(v1_project):
    project = await v1_project()

    assert await read(project) == []
    told = await refused(project, ADD, name="Review", assignees=[project.organization.admin.id])
    assert told.at == ("BAD_USER_INPUT", ["data"])


async def test_a_review_step_is_added_at_the_end(project):
    reviewer = await project.member("REVIEWER")
    labeling, _ = await read(project)

    steps = await change(
        project,
        ADD,
        name="Second look",
        assignees=[reviewer.id],
        stepCoverage=30,
        useHoneypot=True,
        sendBackStepId=labeling["id"],
    )

    assert names(steps) == ["Default", "Review", "Second look"]
    assert steps[2] == {
        "id": steps[2]["id"],
        "name": "Second look",
        "type": "REVIEW",
        "order": 2,
        "stepCoverage": 30,
        "consensusCoverage": None,
        "numberOfExpectedLabelsForConsensus": None,
        "useHoneypot": True,
        "sendBackStepId": labeling["id"],
        "stepGroupId": None,
        "isActivated": True,
        "assignees": [{"id": reviewer.id}],
    }


async def test_steps_are_created_changed_and_deleted_in_one_edit(project):
    reviewer = await project.member("REVIEWER")
    labeling, review = await read(project)

    steps = await edit(
        project,
        enforceStepSeparation=True,
        updates=[
            {
                "id": labeling["id"],
                "name": "Draw",
                "consensusCoverage": 50,
                "numberOfExpectedLabelsForConsensus": 3,
                "assignees": [reviewer.id],
            }
        ],
        creates=[
            {"name": "Review", "type": "REVIEW", "assignees": [reviewer.id], "stepCoverage": 100},
            {"name": "Draw more", "type": "DEFAULT", "assignees": [reviewer.id]},
        ],
        deletes=[review["id"]],
    )

    assert names(steps) == ["Draw", "Draw more", "Review"]
    assert [step["order"] for step in steps] == [0, 1, 2]
    assert steps[2]["id"] != review["id"]
    assert [step["consensusCoverage"] for step in steps] == [50, None, None]
    assert [step["stepCoverage"] for step in steps] == [None, None, 100]
    settings = "consensusTotCoverage minConsensusSize reviewCoverage enforceStepSeparation"
    text = f"query ($id: ID!) {{ data: projects(where: {{id: $id}}, first: 1, skip: 0) {{ {settings} }} }}"
    assert await project.admin.data(text, {"id": project.id}) == [
        {"consensusTotCoverage": 50, "minConsensusSize": 3, "reviewCoverage": 100, "enforceStepSeparation": True}
    ]


async def test_settings_of_the_project_are_those_of_its_steps(project):
    labeling, review = await read(project)
    data = {"reviewCoverage": 20, "consensusTotCoverage": 10, "minConsensusSize": 4, "useHoneyPot": True}
    await change(project, REVIEW, stepId=review["id"], useHoneypot=True)

    await project.admin.data(UPDATE_PROJECT, {"data": data, "where": {"id": project.id}})

    labeling, review = await read(project)
    assert (labeling["consensusCoverage"], labeling["numberOfExpectedLabelsForConsensus"]) == (10, 4)
    assert (labeling["useHoneypot"], review["useHoneypot"], review["stepCoverage"]) == (True, False, 20)

    await change(project, LABELING, stepId=labeling["id"], consensusCoverage=0, useHoneypot=False)
    await change(project, REVIEW, stepId=review["id"], stepCoverage=0)
    (row,) = await project.rows("project")
    assert (row["consensus_tot_coverage"], row["use_honeypot"], row["review_coverage"]) == (0, False, 0)
    assert row["min_consensus_size"] == 4


async def test_null_clears_a_send_back_target_and_consensus_and_leaves_the_rest(project):
    labeling, review = await read(project)
    reviewer = await project.member("REVIEWER")
    await change(project, REVIEW, stepId=review["id"], sendBackStepId=labeling["id"], assignees=[reviewer.id])
    await change(project, LABELING, stepId=labeling["id"], consensusCoverage=9, numberOfExpectedLabelsForConsensus=2)

    steps = await edit(
        project,
        updates=[
            {"id": labeling["id"], "consensusCoverage": None, "numberOfExpectedLabelsForConsensus": None, "name": None},
            {"id": review["id"], "sendBackStepId": None, "assignees": None, "stepCoverage": None},
        ],
    )

    assert (steps[0]["consensusCoverage"], steps[0]["numberOfExpectedLabelsForConsensus"]) == (0, 1)
    assert names(steps) == ["Default", "Review"]
    assert (steps[1]["sendBackStepId"], steps[1]["assignees"]) == (None, [{"id": reviewer.id}])


async def test_steps_are_ordered_with_labeling_first(project):
    _labeling, review = await read(project)
    steps = await edit(
        project,
        creates=[{"name": "Last", "type": "REVIEW", "order": 9}, {"name": "Early", "type": "REVIEW", "order": 0}],
        updates=[{"id": review["id"], "order": 5}],
    )
    assert names(steps) == ["Default", "Early", "Review", "Last"]
    swapped = await edit(project, updates=[{"id": steps[1]["id"], "order": 3}, {"id": steps[3]["id"], "order": 1}])
    assert names(swapped) == ["Default", "Last", "Review", "Early"]


async def test_a_step_is_renamed(project):
    _, review = await read(project)
    assert names(await change(project, RENAME, stepId=review["id"], newName="Check")) == ["Default", "Check"]
    assert names(await change(project, RENAME, stepId=review["id"], newName="Check")) == ["Default", "Check"]


async def test_an_assignee_who_leaves_or_becomes_a_labeler_no_longer_counts(project):
    one, other = await project.member("REVIEWER"), await project.member("REVIEWER")
    _, review = await read(project)
    await change(project, REVIEW, stepId=review["id"], assignees=[one.id, other.id])

    await project.join(one, "LABELER")
    assert (await read(project, "assignees { id }"))[1] == {"assignees": [{"id": other.id}]}
    await project.join(other, "LABELER")
    assert (await read(project, "assignees { id }"))[1] == {"assignees": [{"id": project.organization.admin.id}]}


# Refusals


async def test_what_steps_cannot_be(project):
    labeler = await project.member("LABELER")
    admin, stranger = project.organization.admin.id, (await project.organization.person()).id
    labeling, review = await read(project)

    def new(**values):
        return {"steps": {"creates": [{"name": "New", "type": "REVIEW", "assignees": [admin], **values}]}}

    def changed(step, **values):
        return {"steps": {"updates": [{"id": step["id"], **values}]}}

    cases = [
        (new(name="Review"), "BAD_USER_INPUT"),
        (new(name=""), "BAD_USER_INPUT"),
        (new(name=None), "BAD_USER_INPUT"),
        (new(type=None), "BAD_USER_INPUT"),
        (new(assignees=[]), "BAD_USER_INPUT"),
        (new(assignees=[labeler.id]), "BAD_USER_INPUT"),
        (new(assignees=[stranger]), "NOT_FOUND"),
        (new(stepCoverage=101), "BAD_USER_INPUT"),
        (new(stepCoverage=-1), "BAD_USER_INPUT"),
        (new(consensusCoverage=10), "BAD_USER_INPUT"),
        (new(stepGroupId="group"), "BAD_USER_INPUT"),
        (new(sendBackStepId="nothing"), "BAD_USER_INPUT"),
        (new(type="DEFAULT", consensusCoverage=10), "BAD_USER_INPUT"),
        (new(type="DEFAULT", stepCoverage=10), "BAD_USER_INPUT"),
        (new(type="DEFAULT", sendBackStepId=labeling["id"]), "BAD_USER_INPUT"),
        (changed(labeling, name="Review"), "BAD_USER_INPUT"),
        (changed(labeling, type="REVIEW"), "BAD_USER_INPUT"),
        (changed(labeling, numberOfExpectedLabelsForConsensus=11), "BAD_USER_INPUT"),
        (changed(labeling, numberOfExpectedLabelsForConsensus=0), "BAD_USER_INPUT"),
        (changed(review, sendBackStepId=review["id"]), "BAD_USER_INPUT"),
        (changed({"id": "nothing"}, name="x"), "NOT_FOUND"),
        ({"steps": {"deletes": ["nothing"]}}, "NOT_FOUND"),
        ({"steps": {"deletes": [labeling["id"]]}}, "BAD_USER_INPUT"),
        ({"steps": {"deletes": [labeling["id"], review["id"]]}}, "BAD_USER_INPUT"),
        ({"steps": {"updates": [{"id": review["id"], "name": "x"}], "deletes": [review["id"]]}}, "BAD_USER_INPUT"),
        ({"steps": {"updates": [{"id": review["id"], "name": "x"}] * 2}}, "BAD_USER_INPUT"),
    ]
    for values, code in cases:
        told = await refused(project, EDIT, **values)
        assert told.at == (code, ["data"]), values
    assert (await refused(project, LABELING, stepId=review["id"], consensusCoverage=1)).context == {"field": "type"}
    assert (await refused(project, REVIEW, stepId=labeling["id"], stepCoverage=1)).context == {"field": "type"}


async def test_one_step_uses_honeypots(project):
    labeling, review = await read(project)
    await change(project, LABELING, stepId=labeling["id"], useHoneypot=True)

    assert (await refused(project, REVIEW, stepId=review["id"], useHoneypot=True)).context == {"field": "useHoneypot"}
    await change(project, LABELING, stepId=labeling["id"], useHoneypot=False)
    await change(project, REVIEW, stepId=review["id"], useHoneypot=True)


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_only_administrators_edit_steps(project, role):
    member = await project.member(role)
    _, review = await read(project)
    inputs = [
        (EDIT, {}),
        (ADD, {"name": "n", "assignees": [member.id]}),
        (LABELING, {"stepId": review["id"]}),
        (REVIEW, {"stepId": review["id"]}),
        (DELETE, {"stepId": review["id"]}),
        (RENAME, {"stepId": review["id"], "newName": "n"}),
    ]
    before = await project.everything()
    for text, values in inputs:
        told = await member.client.refused(text, {"input": {"projectId": project.id, **values}})
        assert told.at == ("FORBIDDEN", ["data"])
    assert await project.everything() == before


async def test_steps_of_strangers_do_not_exist(project, other_organization):
    own = await other_organization.project()
    _, review = await read(project)

    told = await other_organization.admin.client.refused(
        RENAME, {"input": {"projectId": project.id, "stepId": review["id"], "newName": "n"}}
    )
    assert told.at == ("NOT_FOUND", ["data"])
    assert (await refused(own, RENAME, stepId=review["id"], newName="n")).at == ("NOT_FOUND", ["data"])
    await project.admin.data(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": project.id}})
    assert (await refused(project, RENAME, stepId=review["id"], newName="n")).at == ("FORBIDDEN", ["data"])


# Assets on their way through the steps


async def places(project, ids):
    seen = [await project.read_asset(asset_id, "status skipped currentStep { name status }") for asset_id in ids]
    return [(a["status"], a["currentStep"]["name"], a["currentStep"]["status"]) for a in seen]


async def test_assets_go_from_step_to_step_and_back_where_the_step_says(project):
    labeling, _review = await read(project)
    admin = project.organization.admin.id
    await change(project, ADD, name="Last", assignees=[admin], sendBackStepId=labeling["id"])
    (asset_id,) = await project.assets()
    await project.label(asset_id)
    seen = []
    for text in (TO_REVIEW, None, TO_REVIEW, SEND_BACK):
        if text is None:
            await project.label(asset_id, label_type="REVIEW")
        else:
            await project.admin.data(text, {"where": {"id": asset_id}})
        seen += await places(project, [asset_id])

    assert seen == [
        ("TO_REVIEW", "Review", "TO_DO"),
        ("REVIEWED", "Review", "DONE"),
        ("TO_REVIEW", "Last", "TO_DO"),
        ("ONGOING", "Default", "REWORK"),
    ]


async def test_assets_of_a_deleted_step_move_to_the_step_before(project):
    admin = project.organization.admin.id
    _, review = await read(project)
    last = (await change(project, ADD, name="Last", assignees=[admin]))[2]
    ids = await project.assets(5)
    for asset_id in ids[1:]:
        await project.label(asset_id)
    await project.admin.data(TO_REVIEW, {"where": {"idIn": ids[2:]}})
    await project.label(ids[3], label_type="REVIEW")
    skip = 'mutation ($where: AssetWhere!) { data: skipAsset(where: $where, reason: "dark") { id } }'
    await project.admin.data(skip, {"where": {"id": ids[4]}})
    moved = ids[3]
    await project.admin.data(TO_REVIEW, {"where": {"id": moved}})
    assert await places(project, [moved]) == [("TO_REVIEW", "Last", "TO_DO")]

    assert names(await change(project, DELETE, stepId=last["id"])) == ["Default", "Review"]
    assert await places(project, [moved]) == [("TO_REVIEW", "Review", "TO_DO")]

    assert names(await change(project, DELETE, stepId=review["id"])) == ["Default"]
    assert await places(project, ids) == [
        ("TODO", "Default", "TO_DO"),
        ("LABELED", "Default", "DONE"),
        ("LABELED", "Default", "DONE"),
        ("LABELED", "Default", "DONE"),
        ("TO_REVIEW", "Default", "SKIPPED"),
    ]


async def test_assets_of_the_first_step_go_on_in_the_next_labeling_step(project):
    labeling, _ = await read(project)
    steps = await edit(project, creates=[{"name": "Other", "type": "DEFAULT"}])
    assert names(steps) == ["Default", "Other", "Review"]
    first, second = await project.assets(2)
    await project.label(second)

    assert names(await change(project, DELETE, stepId=labeling["id"])) == ["Other", "Review"]
    assert await places(project, [first, second]) == [("TODO", "Other", "TO_DO"), ("LABELED", "Other", "DONE")]
    await project.label(first)
    assert await places(project, [first]) == [("LABELED", "Other", "DONE")]
