"""Quality marks of labels, assets, members and projects, as clients read them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from tests.common.documents import DELETE_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.world import Organization, Project, answer

Settled = Callable[[Project], Awaitable[None]]
HONEYPOT = """
mutation ($data: CreateHoneypotData!, $where: AssetWhere!) { data: createHoneypot(data: $data, where: $where) { id isHoneypot } }"""
EDIT = """
mutation ($data: LabelData!, $where: LabelWhere!) { data: updatePropertiesInLabel(data: $data, where: $where) { id } }"""
FORCE = "mutation ($id: ID) { data: forceProjectKpiComputation(projectID: $id) { id } }"
PROJECT_USERS = """
query ($where: ProjectUserWhere!, $first: PageSize!, $skip: Int!) {
  data: projectUsers(where: $where, first: $first, skip: $skip) { consensusMark honeypotMark user { id } }
}"""
PROJECTS = """
query ($where: ProjectWhere!, $first: PageSize!, $skip: Int!) {
  data: projects(where: $where, first: $first, skip: $skip) { consensusMark honeypotMark }
}"""


def boxed(height: float, category: str = "CAR") -> str:
    """One box of the same place and width; the IoU of two is the ratio of their heights."""
    corners = [(0.1, 0.1), (0.6, 0.1), (0.6, 0.1 + height), (0.1, 0.1 + height)]
    mark = {
        "mid": "m",
        "type": "rectangle",
        "categories": [{"name": category}],
        "boundingPoly": [{"normalizedVertices": [{"x": x, "y": y} for x, y in corners]}],
    }
    return orjson.dumps({"PLACE": {"annotations": [mark]}}).decode()


async def update_asset(project: Project, asset_id: str, **data: Any) -> None:
    await project.admin.data(UPDATE_ASSETS, {"dataArray": [data], "whereArray": [{"id": asset_id}]})


@pytest.mark.parametrize("first", ["INFERENCE", "DEFAULT"])
@pytest.mark.parametrize(("said", "mark"), [("SUN", 1), ("RAIN", 0)], ids=["equal", "different"])
async def test_inferences_are_marked_in_both_orders_of_arrival(
    project: Project, settled: Settled, first: str, said: str, mark: float
) -> None:
    asset = await project.asset()
    ids = {}
    for kind in sorted(["INFERENCE", "DEFAULT"], key=lambda kind: kind != first):
        response = answer("SUN") if kind == "INFERENCE" else answer(said)
        model = "model" if kind == "INFERENCE" else None
        ids[kind] = await project.label(asset, label_type=kind, json_response=response, model_name=model)
    await settled(project)
    assert (await project.read_asset(asset, "inferenceMark consensusMark honeypotMark")) == {
        "inferenceMark": mark,
        "consensusMark": None,
        "honeypotMark": None,
    }
    for label_id in ids.values():
        assert (await project.read_label(label_id, "inferenceMark"))["inferenceMark"] == mark


async def test_the_newest_inference_counts_whoever_made_it(project: Project, settled: Settled) -> None:
    asset = await project.asset()
    old = await project.label(asset, label_type="INFERENCE", model_name="a", json_response=answer("RAIN"))
    await project.label(asset, json_response=answer("SUN"))
    new = await project.label(asset, label_type="INFERENCE", model_name="b", json_response=answer("SUN"))
    await settled(project)
    assert (await project.read_asset(asset, "inferenceMark"))["inferenceMark"] == 1
    assert (await project.read_label(old, "inferenceMark"))["inferenceMark"] is None
    await project.admin.data(DELETE_LABELS, {"ids": [new]})
    await settled(project)
    assert (await project.read_asset(asset, "inferenceMark"))["inferenceMark"] == 0
    await project.admin.data(DELETE_LABELS, {"ids": [old]})
    await settled(project)
    assert (await project.read_asset(asset, "inferenceMark"))["inferenceMark"] is None


@pytest.mark.parametrize("iou", [0.16527, 0.20754])
async def test_a_box_on_a_honeypot_scores_its_overlap_with_the_gold(
    project: Project, settled: Settled, iou: float
) -> None:
    asset = await project.asset()
    labeler, other = await project.member(), await project.member()
    gold = await project.admin.data(HONEYPOT, {"data": {"jsonResponse": boxed(0.5)}, "where": {"id": asset}})
    assert gold["isHoneypot"] is True
    label = await project.label(asset, by=labeler, json_response=boxed(0.5 * iou))
    await settled(project)
    assert (await project.read_label(label, "honeypotMark"))["honeypotMark"] == pytest.approx(iou, abs=1e-12)
    assert (await project.read_label(gold["id"], "honeypotMark reviewScore")) == {
        "honeypotMark": None,
        "reviewScore": None,
    }
    await project.label(asset, by=other, json_response=boxed(0.5))
    await settled(project)
    mean = pytest.approx((iou + 1) / 2, abs=1e-12)
    assert (await project.read_asset(asset, "honeypotMark isHoneypot status")) == {
        "honeypotMark": mean,
        "isHoneypot": True,
        "status": "LABELED",
    }
    members = await project.admin.data(
        PROJECT_USERS, {"where": {"project": {"id": project.id}}, "first": 10, "skip": 0}
    )
    marks = {member["user"]["id"]: member["honeypotMark"] for member in members}
    assert marks[labeler.id] == pytest.approx(iou, abs=1e-12)
    assert marks[other.id] == 1
    (shown,) = await project.admin.data(PROJECTS, {"where": {"id": project.id}, "first": 1, "skip": 0})
    assert shown == {"consensusMark": None, "honeypotMark": mean}


async def test_a_review_of_a_honeypot_changes_the_gold(project: Project, settled: Settled) -> None:
    asset = await project.asset()
    await project.admin.data(HONEYPOT, {"data": {"jsonResponse": answer("SUN")}, "where": {"id": asset}})
    label = await project.label(asset, json_response=answer("SUN"))
    await settled(project)
    assert (await project.read_label(label, "honeypotMark"))["honeypotMark"] == 1
    await project.label(asset, label_type="REVIEW", json_response=answer("RAIN"))
    await settled(project)
    assert (await project.read_label(label, "honeypotMark"))["honeypotMark"] == 0
    await update_asset(project, asset, isHoneypot=False)
    await settled(project)
    assert (await project.read_label(label, "honeypotMark"))["honeypotMark"] is None
    assert (await project.read_asset(asset, "honeypotMark"))["honeypotMark"] is None


async def test_two_labelers_agree_by_exactly_the_overlap_of_their_boxes(project: Project, settled: Settled) -> None:
    asset = await project.asset()
    await update_asset(project, asset, isUsedForConsensus=True)
    people = [await project.member(), await project.member()]
    first = await project.label(asset, by=people[0], json_response=boxed(0.5))
    await settled(project)
    assert (await project.read_asset(asset, "consensusMark"))["consensusMark"] is None
    second = await project.label(asset, by=people[1], json_response=boxed(0.5 * 0.65043))
    await settled(project)
    mark = pytest.approx(0.65043, abs=1e-12)
    shown = await project.read_asset(asset, "consensusMark consensusMarkPerCategory isUsedForConsensus")
    assert shown == {
        "consensusMark": mark,
        "consensusMarkPerCategory": {"PLACE": {"CAR": mark}},
        "isUsedForConsensus": True,
    }
    for label_id in (first, second):
        assert (await project.read_label(label_id, "consensusMark"))["consensusMark"] == mark
    members = await project.admin.data(
        PROJECT_USERS, {"where": {"project": {"id": project.id}}, "first": 10, "skip": 0}
    )
    assert sorted((member["consensusMark"] for member in members), key=str) == [mark, mark, None]
    await project.admin.data(EDIT, {"data": {"jsonResponse": boxed(0.5)}, "where": {"id": second}})
    await settled(project)
    assert (await project.read_asset(asset, "consensusMark"))["consensusMark"] == 1
    await project.admin.data(DELETE_LABELS, {"ids": [first]})
    await settled(project)
    assert (await project.read_asset(asset, "consensusMark consensusMarkPerCategory")) == {
        "consensusMark": None,
        "consensusMarkPerCategory": None,
    }


async def test_two_radios_that_differ_make_a_consensus_of_a_half(project: Project, settled: Settled) -> None:
    asset = await project.asset()
    await update_asset(project, asset, isUsedForConsensus=True)
    labels = [
        await project.label(asset, by=await project.member(), json_response=answer(said)) for said in ("SUN", "RAIN")
    ]
    await settled(project)
    assert (await project.read_asset(asset, "consensusMark"))["consensusMark"] == 0.5
    assert [(await project.read_label(label, "consensusMark"))["consensusMark"] for label in labels] == [0, 0]


async def test_a_review_scores_what_it_left_of_the_label_before(project: Project, settled: Settled) -> None:
    asset = await project.asset()
    await project.label(asset, json_response=answer("RAIN"))
    default = await project.label(asset, json_response=boxed(0.5))
    review = await project.label(asset, label_type="REVIEW", json_response=boxed(0.25))
    later = await project.label(asset, json_response=boxed(0.25))
    await settled(project)
    assert (await project.read_label(review, "reviewScore"))["reviewScore"] == pytest.approx(0.5)
    assert (await project.read_label(default, "reviewScore"))["reviewScore"] is None
    assert (await project.read_label(later, "reviewScore"))["reviewScore"] is None
    await project.admin.data(EDIT, {"data": {"jsonResponse": boxed(0.25)}, "where": {"id": default}})
    await settled(project)
    assert (await project.read_label(review, "reviewScore"))["reviewScore"] == 1


@pytest.mark.parametrize(
    ("role", "sees"), [("ADMIN", True), ("TEAM_MANAGER", True), ("REVIEWER", False), ("LABELER", False)]
)
async def test_only_who_manages_a_project_sees_marks(project: Project, settled: Settled, role: str, sees: bool) -> None:
    asset = await project.asset()
    await update_asset(project, asset, isUsedForConsensus=True)
    viewer = await project.member(role)
    label = await project.label(asset, by=viewer, json_response=boxed(0.5))
    await project.label(asset, by=await project.member(), json_response=boxed(0.25))
    await project.label(asset, label_type="INFERENCE", model_name="m", json_response=boxed(0.5))
    await settled(project)
    fields = "consensusMark consensusMarkPerCategory inferenceMark honeypotMark"
    shown = await project.read_asset(asset, fields, client=viewer.client)
    hidden = dict.fromkeys(shown)
    visible = {
        "consensusMark": pytest.approx(0.5),
        "consensusMarkPerCategory": {"PLACE": {"CAR": pytest.approx(0.5)}},
        "inferenceMark": pytest.approx(0.75),
        "honeypotMark": None,
    }
    assert shown == (visible if sees else hidden)
    own = await project.read_label(label, "consensusMark inferenceMark reviewScore", client=viewer.client)
    assert own == (
        {"consensusMark": pytest.approx(0.5), "inferenceMark": 1, "reviewScore": None} if sees else dict.fromkeys(own)
    )


async def test_marks_set_by_hand_stay_until_they_are_computed_anew(project: Project, settled: Settled) -> None:
    asset = await project.asset()
    await project.label(asset)
    await update_asset(project, asset, consensusMark=0.25, honeypotMark=0.75, isUsedForConsensus=True)
    await settled(project)
    assert (await project.read_asset(asset, "consensusMark honeypotMark")) == {
        "consensusMark": 0.25,
        "honeypotMark": 0.75,
    }
    assert await project.admin.data(FORCE, {"id": project.id}) == {"id": project.id}
    await settled(project)
    assert (await project.read_asset(asset, "consensusMark honeypotMark")) == {
        "consensusMark": None,
        "honeypotMark": None,
    }


async def test_a_project_computes_its_marks_anew_when_it_is_told(project: Project, settled: Settled) -> None:
    asset = await project.asset()
    await update_asset(project, asset, isUsedForConsensus=True)
    for height in (0.5, 0.25):
        await project.label(asset, by=await project.member(), json_response=boxed(height))
    await settled(project)
    await update_asset(project, asset, consensusMark=0.9)
    await project.admin.data(
        UPDATE_PROJECT, {"data": {"shouldRelaunchKpiComputation": True}, "where": {"id": project.id}}
    )
    await settled(project)
    assert (await project.read_asset(asset, "consensusMark"))["consensusMark"] == pytest.approx(0.5)
    (row,) = await project.rows("project")
    assert row["should_relaunch_kpi_computation"] is False


async def test_a_stranger_cannot_have_marks_computed(project: Project, other_organization: Organization) -> None:
    refused = await other_organization.admin.client.refused(FORCE, {"id": project.id})
    assert refused.at == ("NOT_FOUND", ["data"])
