"""The figures of projects, members and organizations: whatever happens to assets and labels, they are what the rows say."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from statistics import fmean
from typing import Any

import orjson
import pytest

from labelyard.storage.tally import rollup
from tests.common.client import Client
from tests.common.counts import check_counts
from tests.common.documents import DELETE_LABELS, UPDATE_ASSETS
from tests.common.world import Organization, Person, Project, answer, new_organization

OF_PROJECT = [
    "numberOfAssets",
    "numberOfSkippedAssets",
    "numberOfAssetsWithSkippedLabels",
    "numberOfRemainingAssets",
    "numberOfReviewedAssets",
    "numberOfLatestLabels",
    "completionPercentage",
    "consensusMark",
    "calculatedConsensusMark",
    "honeypotMark",
    "calculatedHoneypotMark",
    "consensusMarkPerCategory",
]
OF_MEMBER = {
    "numberOfLabels": ["numberOfLabelsCompute"],
    "numberOfLabeledAssets": ["numberOfLabeledAssetsCompute"],
    "numberOfAnnotations": ["numberOfAnnotationsCompute"],
    "totalDuration": ["totalDurationCompute"],
    "durationPerLabel": [],
    "lastLabelingAt": ["lastLabelingAtCompute"],
    "consensusMark": ["consensusMarkCompute", "calculatedConsensusMark"],
    "honeypotMark": ["honeypotMarkCompute", "calculatedHoneypotMark"],
    "consensusMarkPerCategory": [],
}
OF_ORGANIZATION = ["numberOfAnnotations", "numberOfHours", "numberOfLabeledAssets"]
PAGE = {"first": 100, "skip": 0}
PROJECTS = f"""query ($where: ProjectWhere!, $first: PageSize!, $skip: Int!) {{
  data: projects(where: $where, first: $first, skip: $skip) {{ {" ".join(OF_PROJECT)} }} }}"""
MEMBERS = f"""query ($where: ProjectUserWhere!, $first: PageSize!, $skip: Int!) {{
  data: projectUsers(where: $where, first: $first, skip: $skip) {{
    {" ".join([*OF_MEMBER, *(name for others in OF_MEMBER.values() for name in others)])} user {{ id }} }} }}"""
ORGANIZATIONS = f"""query ($where: OrganizationWhere!, $first: PageSize!, $skip: Int!) {{
  data: organizations(where: $where, first: $first, skip: $skip) {{ {" ".join(OF_ORGANIZATION)} }} }}"""
METRICS = f"""query ($where: OrganizationMetricsWhere!) {{
  data: organizationMetrics(where: $where) {{ {" ".join(OF_ORGANIZATION)} }} }}"""
HONEYPOT = """
mutation ($data: CreateHoneypotData!, $where: AssetWhere!) { data: createHoneypot(data: $data, where: $where) { id } }"""
SKIP = 'mutation ($where: AssetWhere!) { data: skipAsset(where: $where, reason: "dark") { id } }'
UNSKIP = "mutation ($project: ID!, $asset: ID!) { data: unskipAsset(projectId: $project, assetId: $asset) }"
SEND_BACK = "mutation ($where: AssetWhere!) { data: sendBackAssetsToQueue(where: $where) { id } }"
DELETE_ASSETS = "mutation ($where: AssetWhere!) { data: deleteAssets(where: $where) { succeeded { assetId } } }"
EDIT = "mutation ($data: LabelData!, $where: LabelWhere!) { data: updatePropertiesInLabel(data: $data, where: $where) { id } }"
COPY_LABELS = "mutation ($data: CopyLabelsInput!) { data: copyLabels(data: $data) }"
COPY_PROJECT = "mutation ($data: CopyProjectData!) { data: copyProject(data: $data) }"
DELETE_PROJECT = "mutation ($where: ProjectWhere!) { data: deleteProject(where: $where) { id } }"

Rows = list[dict[str, Any]]


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=0, abs=1e-12)


def mean(values: list[float]) -> Any:
    return near(fmean(values)) if values else None


def per_category(assets: Rows) -> Any:
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for asset in assets:
        for job, marks in orjson.loads(asset["consensus_mark_per_category"] or "{}").items():
            for category, mark in marks.items():
                found[job][category].append(mark)
    return {job: {key: mean(values) for key, values in marks.items()} for job, marks in found.items()} or None


def figures_of_project(assets: Rows, labels: Rows) -> dict[str, Any]:
    skipped = sum(asset["skipped"] for asset in assets)
    remaining = sum(not asset["skipped"] and asset["status"] in ("TODO", "ONGOING") for asset in assets)
    latest = {
        (label["asset_id"], label["author_id"]) for label in labels if label["label_type"] in ("DEFAULT", "REVIEW")
    }
    consensus = mean([asset["consensus_mark"] for asset in assets if asset["consensus_mark"] is not None])
    honeypot = mean([asset["honeypot_mark"] for asset in assets if asset["honeypot_mark"] is not None])
    done = 100 * (len(assets) - remaining) / len(assets) if assets else 0
    return {
        "numberOfAssets": len(assets),
        "numberOfSkippedAssets": skipped,
        "numberOfAssetsWithSkippedLabels": skipped,
        "numberOfRemainingAssets": remaining,
        "numberOfReviewedAssets": sum(asset["status"] == "REVIEWED" for asset in assets),
        "numberOfLatestLabels": len(latest),
        "completionPercentage": int(done + 0.5),
        "consensusMark": consensus,
        "calculatedConsensusMark": consensus,
        "honeypotMark": honeypot,
        "calculatedHoneypotMark": honeypot,
        "consensusMarkPerCategory": per_category(assets),
    }


def figures_of_member(user_id: str, assets: Rows, labels: Rows) -> dict[str, Any]:
    own = [label for label in labels if label["author_id"] == user_id and label["label_type"] in ("DEFAULT", "REVIEW")]
    latest = {label["asset_id"]: label for label in own}
    defaults = {label["asset_id"]: label for label in own if label["label_type"] == "DEFAULT"}
    agreed = [asset for asset in assets if asset["id"] in defaults and asset["is_used_for_consensus"]]
    seconds = [label["seconds_to_label"] for label in own if label["seconds_to_label"] is not None]
    newest = max((label["created_at"] for label in own), default=None)
    honest = [label["honeypot_mark"] for label in defaults.values() if label["honeypot_mark"] is not None]
    figures = {
        "numberOfLabels": len(own),
        "numberOfLabeledAssets": len(latest),
        "numberOfAnnotations": sum(label["number_of_annotations"] for label in latest.values()),
        "totalDuration": near(sum(seconds)),
        "durationPerLabel": mean(seconds),
        "lastLabelingAt": newest and newest.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "consensusMark": mean([asset["consensus_mark"] for asset in agreed if asset["consensus_mark"] is not None]),
        "honeypotMark": mean(honest),
        "consensusMarkPerCategory": per_category(agreed),
    }
    return figures | {other: figures[name] for name, others in OF_MEMBER.items() for other in others}


def figures_of_organization(labels: Rows) -> dict[str, Any]:
    submitted = {label["asset_id"] for label in labels if label["label_type"] in ("DEFAULT", "REVIEW")}
    return {
        "numberOfAnnotations": sum(label["number_of_annotations"] for label in labels),
        "numberOfHours": near(sum(label["seconds_to_label"] or 0 for label in labels) / 3600),
        "numberOfLabeledAssets": len(submitted),
    }


async def check(project: Project) -> tuple[Rows, Rows]:
    """Compare all figures of a project and its members with its rows, which are answered."""
    assets, labels = await project.rows("asset"), await project.rows("label")
    (seen,) = await project.admin.data(PROJECTS, {"where": {"id": project.id}, **PAGE})
    assert seen == figures_of_project(assets, labels)
    await check_counts(project.admin, project.id)
    for member in await project.admin.data(MEMBERS, {"where": {"project": {"id": project.id}}, **PAGE}):
        user_id = member.pop("user")["id"]
        assert member == figures_of_member(user_id, assets, labels), user_id
    firsts = {}
    for label in labels:
        if label["label_type"] in ("DEFAULT", "REVIEW"):
            firsts.setdefault(label["asset_id"], label["id"])
    assert {label["id"] for label in labels if label["is_first_on_asset"]} == set(firsts.values())
    return assets, labels


async def check_organization(organization: Organization, labels: Rows) -> None:
    admin = organization.admin.client
    (seen,) = await admin.data(ORGANIZATIONS, {"where": {"id": organization.id}, **PAGE})
    assert seen == figures_of_organization(labels)
    whole: dict[str, Any] = {"organizationId": organization.id}
    assert await admin.data(METRICS, {"where": whole}) == seen
    assert await admin.data(METRICS, {"where": {**whole, "startDate": "2020-01-01T12:00:00Z"}}) == seen
    assert await admin.data(METRICS, {"where": {**whole, "endDate": "2120-01-01T12:00:00Z"}}) == seen
    for moment in sorted({label["created_at"] for label in labels})[:: max(1, len(labels) // 4)]:
        until = {**whole, "endDate": moment.isoformat(timespec="milliseconds")}
        before = [label for label in labels if label["created_at"] <= moment]
        assert await admin.data(METRICS, {"where": until}) == figures_of_organization(before)
        since = {**whole, "startDate": moment.isoformat(timespec="milliseconds")}
        after = [label for label in labels if label["created_at"] >= moment]
        assert await admin.data(METRICS, {"where": since}) == figures_of_organization(after)


class Campaign:
    """What may happen in a project, at random."""

    def __init__(self, project: Project, people: list[Person], dice: random.Random) -> None:
        self.project, self.people, self.dice = project, people, dice
        self.sendings: list[Callable[[], Awaitable[Any]]] = [
            self.import_assets,
            *[self.label] * 6,
            self.model,
            self.delete_label,
            self.delete_asset,
            self.skip,
            self.unskip,
            self.send_back,
            self.edit,
            self.consensus,
            self.honeypot,
            self.mark_by_hand,
            self.copy_labels,
        ]

    async def go(self) -> None:
        await self.dice.choice(self.sendings)()

    async def asset(self) -> str:
        return str(self.dice.choice(await self.project.rows("asset"))["id"])

    def said(self) -> str:
        return answer(self.dice.choice(["SUN", "RAIN"]), cars=self.dice.randrange(3))

    async def import_assets(self) -> None:
        await self.project.assets(self.dice.randrange(1, 4), prefix=f"more-{self.dice.random()}")

    async def label(self) -> None:
        kind = self.dice.choice(["DEFAULT", "DEFAULT", "DEFAULT", "REVIEW", "AUTOSAVE"])
        seconds = self.dice.choice([None, 1.5, 0.1, 7])
        author = self.dice.choice(self.people)
        await self.project.label(
            await self.asset(), by=author, label_type=kind, json_response=self.said(), seconds=seconds
        )

    async def model(self) -> None:
        kind = self.dice.choice(["PREDICTION", "INFERENCE"])
        await self.project.label(
            await self.asset(), label_type=kind, model_name="m", json_response=self.said(), seconds=3
        )

    async def delete_label(self) -> None:
        labels = await self.project.rows("label")
        chosen = self.dice.sample(labels, min(len(labels), 2))
        await self.project.admin.data(DELETE_LABELS, {"ids": [label["id"] for label in chosen]})

    async def delete_asset(self) -> None:
        if len(await self.project.rows("asset")) > 5:
            await self.project.admin.data(DELETE_ASSETS, {"where": {"idIn": [await self.asset()]}})

    async def skip(self) -> None:
        await self.project.admin.graphql(SKIP, {"where": {"id": await self.asset()}})  # refused in consensus

    async def unskip(self) -> None:
        await self.project.admin.data(UNSKIP, {"project": self.project.id, "asset": await self.asset()})

    async def send_back(self) -> None:
        await self.project.admin.data(SEND_BACK, {"where": {"idIn": [await self.asset()]}})

    async def edit(self) -> None:
        if labels := await self.project.rows("label"):
            data = {"jsonResponse": self.said(), "secondsToLabel": self.dice.randrange(9)}
            await self.project.admin.data(EDIT, {"data": data, "where": {"id": self.dice.choice(labels)["id"]}})

    async def change(self, **data: Any) -> None:
        await self.project.admin.data(UPDATE_ASSETS, {"dataArray": [data], "whereArray": [{"id": await self.asset()}]})

    async def consensus(self) -> None:
        await self.change(isUsedForConsensus=self.dice.random() < 0.8)

    async def honeypot(self) -> None:
        data = {"jsonResponse": self.said()}
        await self.project.admin.data(HONEYPOT, {"data": data, "where": {"id": await self.asset()}})

    async def mark_by_hand(self) -> None:
        await self.change(consensusMark=self.dice.random(), honeypotMark=self.dice.random())

    async def copy_labels(self) -> None:
        source, target = await self.asset(), await self.asset()
        if source != target:
            data = {"srcAssetId": source, "dstAssetId": target, "projectId": self.project.id}
            await self.project.admin.data(COPY_LABELS, {"data": data})


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_the_figures_are_what_the_rows_say(database, client: Client, seed: int) -> None:
    dice = random.Random(seed)
    organization = await new_organization(database, client)
    project = await organization.project()
    people = [organization.admin, await project.member(), await project.member("REVIEWER")]
    await project.assets(5)
    campaign = Campaign(project, people, dice)
    for _ in range(4):
        for _ in range(14):
            await campaign.go()
        await project.marked()
        await check(project)
        await rollup(database)
        _, labels = await check(project)
    await check_organization(organization, labels)

    copied = Project(
        await project.admin.data(COPY_PROJECT, {"data": {"projectId": project.id, "shouldCopyAssets": True}}),
        organization,
    )
    await copied.marked()
    _, more = await check(copied)
    await check_organization(organization, sorted(labels + more, key=lambda label: label["position"]))
    await project.admin.data(DELETE_PROJECT, {"where": {"id": project.id}})
    await check_organization(organization, more)


async def test_many_who_label_at_once_are_all_counted(database, client: Client) -> None:
    organization = await new_organization(database, client)
    project = await organization.project()
    people = [organization.admin, *[await project.member() for _ in range(3)]]
    assets = await project.assets(40)
    done = asyncio.Event()

    async def folding() -> None:
        while not done.is_set():
            await rollup(database)

    task = asyncio.create_task(folding())
    await asyncio.gather(
        *(project.label(asset, by=person, seconds=0.1) for asset in assets for person in people),
        *(
            project.admin.data(DELETE_ASSETS, {"where": {"idIn": [asset]}})
            for asset in await project.assets(10, prefix="gone")
        ),
    )
    done.set()
    await task

    await check(project)
    await rollup(database)
    _, labels = await check(project)
    assert len(labels) == 160
    async with database.reader() as connection:
        parts = [
            await connection.fetch_value(f"select count(*) from {name} where project_id = :id", {"id": project.id})
            for name in ("asset_tally", "label_tally")
        ]
    assert parts == [1, len({(label["author_id"], label["created_at"].date()) for label in labels})]


async def test_labelers_see_no_marks(project: Project) -> None:
    labeler = await project.member()
    asset = await project.asset(isHoneypotArray=True)
    await project.label(asset, by=labeler)
    await project.admin.data(
        UPDATE_ASSETS,
        {"dataArray": [{"consensusMark": 0.5, "honeypotMark": 0.5}], "whereArray": [{"id": asset}]},
    )

    (seen,) = await labeler.client.data(PROJECTS, {"where": {"id": project.id}, **PAGE})
    (own,) = await labeler.client.data(
        MEMBERS, {"where": {"project": {"id": project.id}, "user": {"id": labeler.id}}, **PAGE}
    )

    assert {name: value for name, value in {**seen, **own}.items() if "Mark" in name} == dict.fromkeys(
        [name for name in {**seen, **own} if "Mark" in name]
    )
