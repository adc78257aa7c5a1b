"""Which assets are labeled several times, and how their state follows."""

from __future__ import annotations

from typing import Any

import pytest

from labelyard.domain.workflow import CONSENSUS, is_drawn
from tests.common.documents import UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.world import Organization, Project

SET = """
mutation ($assetId: ID, $externalId: String, $projectId: ID!, $isConsensus: Boolean!) {
  data: setAssetConsensus(assetId: $assetId, externalId: $externalId, projectId: $projectId, isConsensus: $isConsensus)
}"""


async def configure(project: Project, **data: Any) -> None:
    await project.admin.data(UPDATE_PROJECT, {"data": data, "where": {"id": project.id}})


async def in_consensus(project: Project) -> set[str]:
    return {row["id"] for row in await project.rows("asset") if row["is_used_for_consensus"]}


async def test_an_asset_is_named_by_its_id_or_external_id(project: Project) -> None:
    first, second = await project.assets(2)
    assert await project.admin.data(SET, {"projectId": project.id, "assetId": first, "isConsensus": True}) is True
    assert (
        await project.admin.data(SET, {"projectId": project.id, "externalId": "asset-1", "isConsensus": True}) is True
    )
    assert await in_consensus(project) == {first, second}
    assert await project.admin.data(SET, {"projectId": project.id, "assetId": first, "isConsensus": False}) is False
    assert await in_consensus(project) == {second}


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({}, "BAD_USER_INPUT"),
        ({"assetId": "a", "externalId": "b"}, "BAD_USER_INPUT"),
        ({"assetId": "unknown"}, "NOT_FOUND"),
        ({"externalId": "unknown"}, "NOT_FOUND"),
    ],
    ids=["no name", "two names", "unknown id", "unknown external id"],
)
async def test_an_asset_that_is_not_named_is_refused(project: Project, named: dict[str, str], code: str) -> None:
    before = await project.everything()
    refused = await project.admin.refused(SET, {"projectId": project.id, "isConsensus": True, **named})
    assert refused.at == (code, ["data"])
    assert await project.everything() == before


async def test_the_asset_of_another_project_is_not_found(organization: Organization, project: Project) -> None:
    foreign = await (await organization.project()).asset()
    refused = await project.admin.refused(SET, {"projectId": project.id, "assetId": foreign, "isConsensus": True})
    assert refused.at == ("NOT_FOUND", ["data"])


@pytest.mark.parametrize(("role", "may"), [("TEAM_MANAGER", True), ("REVIEWER", False), ("LABELER", False)])
async def test_who_distributes_work_may_set_it(project: Project, role: str, may: bool) -> None:
    asset = await project.asset()
    person = await project.member(role)
    variables = {"projectId": project.id, "assetId": asset, "isConsensus": True}
    if may:
        assert await person.client.data(SET, variables) is True
    else:
        assert (await person.client.refused(SET, variables)).at == ("FORBIDDEN", ["data"])
    assert await in_consensus(project) == ({asset} if may else set())


async def test_a_labeled_asset_goes_back_to_the_others_and_is_done_without_them(project: Project) -> None:
    asset = await project.asset()
    await project.label(asset, by=await project.member())
    await configure(project, minConsensusSize=2)
    fields = "status currentStep { status }"
    assert (await project.read_asset(asset, fields)) == {"status": "LABELED", "currentStep": {"status": "DONE"}}
    variables = {"projectId": project.id, "assetId": asset}
    await project.admin.data(SET, {**variables, "isConsensus": True})
    assert (await project.read_asset(asset, fields)) == {
        "status": "ONGOING",
        "currentStep": {"status": "PARTIALLY_DONE"},
    }
    await project.admin.data(SET, {**variables, "isConsensus": False})
    assert (await project.read_asset(asset, fields)) == {"status": "LABELED", "currentStep": {"status": "DONE"}}


async def test_assets_follow_the_number_of_labels_they_need(project: Project) -> None:
    asset, other = await project.assets(2)
    data = [{"isUsedForConsensus": True}]
    await project.admin.data(UPDATE_ASSETS, {"dataArray": data, "whereArray": [{"id": asset}]})
    await configure(project, minConsensusSize=2)
    statuses = []
    for _ in range(2):
        await project.label(asset, by=await project.member())
        statuses.append((await project.read_asset(asset, "status"))["status"])
    await project.label(other)
    for size in (3, 2):
        await configure(project, minConsensusSize=size)
        statuses.append((await project.read_asset(asset, "status"))["status"])
    assert statuses == ["ONGOING", "LABELED", "ONGOING", "LABELED"]
    assert (await project.read_asset(other, "status"))["status"] == "LABELED"


async def test_the_share_of_assets_is_drawn_by_a_stable_hash(project: Project) -> None:
    ids = await project.assets(40)
    await project.label(ids[0])
    await configure(project, consensusTotCoverage=30)
    assert await in_consensus(project) == {asset for asset in ids[1:] if is_drawn(asset, CONSENSUS, 30)}
    added = await project.assets(20, prefix="more")
    assert await in_consensus(project) == {asset for asset in (*ids[1:], *added) if is_drawn(asset, CONSENSUS, 30)}
    await configure(project, consensusTotCoverage=100)
    assert await in_consensus(project) == {*ids[1:], *added}
    await configure(project, consensusTotCoverage=0)
    assert await in_consensus(project) == set()


async def test_a_setting_that_stays_draws_nothing_anew(project: Project) -> None:
    first, _ = await project.assets(2)
    await configure(project, consensusTotCoverage=0, minConsensusSize=3)
    await project.admin.data(SET, {"projectId": project.id, "assetId": first, "isConsensus": True})
    await configure(project, consensusTotCoverage=0, minConsensusSize=3, title="Other")
    assert await in_consensus(project) == {first}
