"""Copies of projects and of labels."""

import json

import pytest

from tests.common.documents import UPDATE_PROJECT
from tests.common.world import WEATHER, Project, answer

COPY = "mutation ($data: CopyProjectData!) { data: copyProject(data: $data) }"
LABELS = "mutation ($data: CopyLabelsInput!) { data: copyLabels(data: $data) }"
TO_REVIEW = "mutation ($where: AssetWhere!) { data: addAssetsToReview(where: $where) { succeeded { assetId } } }"
EDIT = (
    "mutation ($input: EditProjectWorkflowSettingsInput!) { data: editProjectWorkflowSettings(input: $input) { id } }"
)
SETTINGS = """title description inputType jsonInterface instructions minConsensusSize consensusTotCoverage reviewCoverage
useHoneyPot canSkipAsset metadataProperties complianceTags workflowVersion enforceStepSeparation archived
steps { name type order stepCoverage consensusCoverage useHoneypot }"""


async def settings(project):
    text = f"query ($id: ID!) {{ data: projects(where: {{id: $id}}, first: 1, skip: 0) {{ {SETTINGS} }} }}"
    (found,) = await project.admin.data(text, {"id": project.id})
    return found


async def copy(project, *, client=None, **what):
    new = await (client or project.admin).data(COPY, {"data": {"projectId": project.id, **what}})
    return Project(new, project.organization)


async def test_interface_settings_and_steps_are_always_copied(project):
    labeling, review = await project.rows("project_step")
    data = {"minConsensusSize": 3, "canSkipAsset": False, "instructions": "Look", "metadataProperties": {"a": {}}}
    await project.admin.data(UPDATE_PROJECT, {"data": data, "where": {"id": project.id}})
    steps = {
        "updates": [{"id": review["id"], "stepCoverage": 40, "sendBackStepId": labeling["id"]}],
        "creates": [{"name": "Last", "type": "REVIEW", "useHoneypot": None}],
    }
    del steps["creates"][0]["useHoneypot"]
    await project.admin.data(EDIT, {"input": {"projectId": project.id, "enforceStepSeparation": True, "steps": steps}})
    await project.member()
    await project.assets(2)

    new = await copy(project)

    assert await settings(new) == await settings(project)
    assert [row["user_id"] for row in await new.rows("project_user")] == [project.organization.admin.id]
    assert await new.rows("asset") == []
    old_ids = {row["id"] for row in await project.rows("project_step")}
    first, second, _ = await new.rows("project_step")
    assert not old_ids & {first["id"], second["id"]}
    assert second["send_back_step_id"] == first["id"]


async def test_members_keep_their_roles_and_steps(project):
    members = {(await project.member(role)).id: role for role in ("LABELER", "REVIEWER", "TEAM_MANAGER")}
    reviewer = next(user for user, role in members.items() if role == "REVIEWER")
    review = (await project.rows("project_step"))[1]
    update = {"id": review["id"], "assignees": [reviewer]}
    await project.admin.data(EDIT, {"input": {"projectId": project.id, "steps": {"updates": [update]}}})

    new = await copy(project, shouldCopyUsers=True)

    people = {row["user_id"]: row["role"] for row in await new.rows("project_user")}
    assert people == {project.organization.admin.id: "ADMIN", **members}
    text = "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { steps { assignees { id } } } }"
    (found,) = await project.admin.data(text, {"id": new.id})
    assert found["steps"][1] == {"assignees": [{"id": reviewer}]}


async def test_assets_are_copied_to_be_labeled(any_project):
    ids = await any_project.assets(3, jsonMetadataArray=['{"a": 1}'] * 3)
    await any_project.label(ids[0])

    new = await copy(any_project, shouldCopyAssets=True)

    kept = ("external_id", "content", "json_metadata", "priority", "filename")
    copied = await new.rows("asset")
    assert [[row[name] for name in kept] for row in copied] == [
        [row[name] for name in kept] for row in await any_project.rows("asset")
    ]
    assert {row["status"] for row in copied} == {"TODO"}
    assert {row["current_step_id"] for row in copied} == {
        row["id"] for row in (await new.rows("project_step"))[:1]
    } or {row["current_step_id"] for row in copied} == {None}
    await new.label(copied[0]["id"])


async def test_labels_are_copied_with_authors_types_dates_and_answers(any_project):
    labeler = await any_project.member()
    first, second, third = await any_project.assets(3)
    await any_project.label(first, by=labeler, json_response=answer("RAIN"))
    await any_project.label(first, label_type="REVIEW", json_response=answer(cars=2), seconds=3)
    await any_project.label(second, label_type="PREDICTION", model_name="m")
    await any_project.label(third, by=labeler)
    new = await copy(any_project, shouldCopyAssets=True, shouldCopyUsers=True)
    targets = [row["id"] for row in await new.rows("asset")]

    for source, target in zip((first, second, third), targets, strict=True):
        data = {"srcAssetId": source, "dstAssetId": target, "projectId": new.id, "skipRebuilds": True}
        assert await any_project.admin.data(LABELS, {"data": data}) is True

    fields = """status labels { labelType author { id } createdAt jsonResponse secondsToLabel modelName numberOfAnnotations
    isLatestLabelForUser isLastForStep assetStep { name } }"""
    for source, target in zip((first, second), targets[:2], strict=True):
        assert await new.read_asset(target, fields) == await any_project.read_asset(source, fields)
    assert (await new.read_asset(targets[2], "status"))["status"] == "LABELED"


async def test_an_asset_that_was_sent_back_stays_so_in_the_copy(any_project):
    (source,) = await any_project.assets()
    await any_project.label(source)
    send_back = (
        "mutation ($where: AssetWhere!) { data: sendAssetsBackToQueue(where: $where) { succeeded { assetId } } }"
    )
    await any_project.admin.data(send_back, {"where": {"id": source}})
    new = await copy(any_project, shouldCopyAssets=True)
    (row,) = await new.rows("asset")
    await any_project.admin.data(LABELS, {"data": {"srcAssetId": source, "dstAssetId": row["id"], "projectId": new.id}})

    fields = "status currentStep { name status } labels { isSentBackToQueue }"
    assert await new.read_asset(row["id"], fields) == await any_project.read_asset(source, fields)
    assert (await new.read_asset(row["id"], "status"))["status"] == "ONGOING"


async def test_what_cannot_be_copied(project, other_organization):
    source, target = await project.assets(2)
    await project.label(source)
    other = await project.organization.project({"jobs": {"OTHER": WEATHER["jobs"]["WEATHER"]}})
    elsewhere = (await other.assets())[0]
    labeler, manager = await project.member(), await project.member("TEAM_MANAGER")
    before = await project.everything(), await other.everything()

    def data(to=target, of=project):
        return {"data": {"srcAssetId": source, "dstAssetId": to, "projectId": of.id}}

    cases = [
        (project.admin, data(to=elsewhere, of=other), "BAD_USER_INPUT"),
        (project.admin, data(to=elsewhere), "NOT_FOUND"),
        (project.admin, data(to="nothing"), "NOT_FOUND"),
        (project.admin, data(to=source), "BAD_USER_INPUT"),
        (other_organization.admin.client, data(), "NOT_FOUND"),
        (labeler.client, data(), "FORBIDDEN"),
        (manager.client, data(), "FORBIDDEN"),
    ]
    for client, variables, code in cases:
        assert (await client.refused(LABELS, variables)).at == (code, ["data"])
    for client, code in [
        (other_organization.admin.client, "NOT_FOUND"),
        (labeler.client, "FORBIDDEN"),
        (manager.client, "FORBIDDEN"),
    ]:
        assert (await client.refused(COPY, {"data": {"projectId": project.id}})).at == (code, ["data"])
    assert (await project.everything(), await other.everything()) == before


@pytest.mark.parametrize("input_type", ["LLM_STATIC", "LLM_RLHF"])
async def test_conversations_are_not_copied(organization, input_type):
    llm = await organization.project(inputType=input_type, jsonInterface=json.dumps({"jobs": {}}))
    assert (await llm.admin.refused(COPY, {"data": {"projectId": llm.id}})).at == ("BAD_USER_INPUT", ["data"])
