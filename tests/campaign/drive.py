"""Random campaigns: people and scripts at work on a project, through two servers, beside the model of the same.

After each step everything that the API says of the project is compared with what the model says.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from labelyard.services.workflow.step_group import create_group
from labelyard.storage.database import Database
from tests.campaign.marks import marks_of
from tests.campaign.model import MODELS, SUBMITTED, Asset, Kili, Person, Step
from tests.common.client import Client
from tests.common.documents import (
    APPEND_MANY_ASSETS,
    APPEND_MANY_LABELS,
    APPEND_TO_LABELS,
    ASSETS,
    COUNT_ASSETS,
    CREATE_PROJECT,
    DELETE_LABELS,
    UPDATE_ASSETS,
    UPDATE_PROJECT,
)
from tests.common.world import Organization, Project

SKY, THINGS = ("SUN", "RAIN", "SNOW"), ("CAR", "TREE", "DOG")
STATUSES = ("TODO", "ONGOING", "LABELED", "TO_REVIEW", "REVIEWED")
STEP_STATUSES = ("TO_DO", "IN_PROGRESS", "PARTIALLY_DONE", "REWORK", "DONE", "SKIPPED")
OUTCOME = "{ succeeded { assetId } declined { assetId } failed { assetId } }"
REVIEW = f"mutation ($where: AssetWhere!) {{ data: addAssetsToReview(where: $where) {OUTCOME} }}"
SEND_BACK = f"mutation ($where: AssetWhere!) {{ data: sendAssetsBackToQueue(where: $where) {OUTCOME} }}"
OLD_SEND_BACK = "mutation ($where: AssetWhere!) { data: sendBackAssetsToQueue(where: $where) { id } }"
PRIORITY = f"""
mutation ($where: AssetWhere!, $priority: Int!) {{ data: setAssetsPriority(where: $where, priority: $priority) {OUTCOME} }}"""
ASSIGN = f"""
mutation ($where: AssetWhere!, $userIds: [String!]!) {{ data: assignAssets(where: $where, userIds: $userIds) {OUTCOME} }}"""
SKIP = 'mutation ($where: AssetWhere!) { data: skipAsset(where: $where, reason: "dark") { id } }'
UNSKIP = "mutation ($project: ID!, $asset: ID!) { data: unskipAsset(projectId: $project, assetId: $asset) }"
SETTLE = "mutation ($asset: ID!) { data: forceUpdateStatus(assetID: $asset) { id } }"
SHARE = """
mutation ($project: ID!, $asset: ID!, $shared: Boolean!) {
  data: setAssetConsensus(projectId: $project, assetId: $asset, isConsensus: $shared)
}"""
GOLD = """
mutation ($asset: ID!, $answer: String!) { data: createHoneypot(data: {jsonResponse: $answer}, where: {id: $asset}) { id } }"""
UNLOCK = "mutation ($asset: ID!) { data: deleteLocks(assetID: $asset) { id } }"
NEXT = (
    "query ($id: ID!, $inReview: Boolean) { data: getNextAssetFromProject(projectID: $id, inReview: $inReview) { id } }"
)
AFTER = "query ($ids: [ID!]) { data: getNextAssetFromLabel(labelAssetIDs: $ids) { id } }"
EDIT = (
    "mutation ($input: EditProjectWorkflowSettingsInput!) { data: editProjectWorkflowSettings(input: $input) { id } }"
)
LABELING = (
    "mutation ($input: UpdateLabelingStepPropertiesInput!) { data: updateLabelingStepProperties(input: $input) { id } }"
)
REVIEWING = (
    "mutation ($input: UpdateReviewStepPropertiesInput!) { data: updateReviewStepProperties(input: $input) { id } }"
)
STEPS = """
query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) {
  steps { id name type stepGroupId } stepGroups { id name }
} }"""
FIGURES = """
query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) {
  numberOfAssets numberOfRemainingAssets numberOfReviewedAssets numberOfSkippedAssets
  roles { user { id } numberOfLabels numberOfLabeledAssets }
} }"""
FIELDS = """
id status skipped isToReview priority isUsedForConsensus isHoneypot numberOfValidLocks currentStep { id status }
toBeLabeledBy { user { id } } sentBackTo { user { id } }
labels {
  id labelType author { id } assetStep { id status } isHoneypot isSentBackToQueue isLastForStep isLatestLabelForUser
  isLatestDefaultLabelForUser isLatestReviewLabelForUser isLatestPredictionLabelForUser
}"""
MARKS = """
id consensusMark honeypotMark inferenceMark labels { id labelType consensusMark honeypotMark inferenceMark reviewScore }"""


def interface(*, things: bool = True) -> str:
    """Two classifications; the second may be taken out."""
    jobs: dict[str, Any] = {}
    for name, kind, categories in (("SKY", "radio", SKY), ("THINGS", "checkbox", THINGS)):
        if name == "SKY" or things:
            jobs[name] = {
                "mlTask": "CLASSIFICATION",
                "required": 0,
                "isChild": False,
                "content": {
                    "input": kind,
                    "categories": {key: {"name": key.title(), "children": []} for key in categories},
                },
            }
    return json.dumps({"jobs": jobs})


class Difference(AssertionError):
    """The server and the model say different things."""


@dataclass
class Report:
    """What a campaign compared."""

    seed: int
    version: str
    steps: int = 0
    figures: int = 0
    refusals: int = 0


class Campaign:
    """One campaign. `servers` answer at random; `database` is for what has no operation: making people, and time."""

    def __init__(
        self, seed: int, version: str, organization: Organization, servers: list[Client], database: Database
    ) -> None:
        self.seed, self.version = seed, version
        self.random = random.Random(f"{seed} {version}")
        self.organization, self.servers, self.database = organization, servers, database
        self.report = Report(seed, version)
        self.keys: dict[str, str] = {}
        self.people: list[Person] = []
        self.has_things = True
        self.log: list[str] = []

    # Asking

    def as_(self, user: str | None = None) -> Client:
        """One of the servers, asked by a person, or by the administrator."""
        return self.random.choice(self.servers).as_(self.keys[user or self.admin])

    @property
    def admin(self) -> str:
        return self.organization.admin.id

    def same(self, what: str, found: Any, expected: Any) -> None:
        self.report.figures += 1
        if found != expected:
            last = "\n  ".join(self.log[-12:])
            raise Difference(
                f"campaign {self.seed} of {self.version}, step {self.report.steps}: {what}\n"
                f"  server: {found}\n  model:  {expected}\nlast steps:\n  {last}"
            )

    async def begin(self, assets: int) -> None:
        """Make the project, its people, steps and assets."""
        self.keys[self.admin] = self.organization.admin.key
        server = self.servers[0 if self.version == "V1" else 1]  # the first makes projects of V1
        data = {"title": f"{self.seed}", "inputType": "IMAGE", "jsonInterface": interface()}
        made = await server.as_(self.keys[self.admin]).data(CREATE_PROJECT, {"data": data})
        self.project = Project(made["id"], self.organization)
        for role in ("LABELER",) * 3 + ("REVIEWER",) * 2:
            person = await self.project.member(role)
            self.keys[person.id] = person.key
            self.people.append(Person(person.id, role))
        everybody = {person.id: person for person in self.people} | {self.admin: Person(self.admin, "ADMIN")}
        self.kili = Kili(self.version, everybody)
        if self.version != "V1":
            await self._make_steps()
        if self.version != "V1" and self.random.random() < 0.3:
            self.kili.keeps_steps_apart = True
            await self.edit(enforceStepSeparation=True)
        settings = {"useHoneyPot": self.random.random() < 0.5, "shouldAutoAssign": self.random.random() < 0.2}
        self.kili.use_honeypot, self.kili.assigns = settings.values()
        await self.as_().data(UPDATE_PROJECT, {"data": settings, "where": {"id": self.project.id}})
        await self.set_consensus_coverage(self.random.choice([0, 30, 60]))
        await self.set_size(self.random.choice([1, 2, 3]))
        await self.set_review_coverage()
        await self.add_assets(assets)
        await self.compare()

    async def _make_steps(self) -> None:
        rank = self.random.random
        if self.version == "V3":
            async with self.database.transaction() as connection:
                for name in ("Check", "Final")[: self.random.choice([1, 2])]:
                    await create_group(connection, self.project.id, name, step_name="Look")
        (read,) = await self.as_().data(STEPS, {"id": self.project.id})
        groups = [group["id"] for group in read["stepGroups"] or []] or [None]
        creates: list[dict[str, Any]] = []
        reviewers = [person.id for person in self.people if person.reviews]
        for number, group in enumerate(groups):
            if rank() < 0.6:
                assignees = reviewers if rank() < 0.5 else reviewers[:1]
                create = {"name": f"Second {number}", "type": "REVIEW", "stepCoverage": 0, "assignees": assignees}
                creates.append(create | ({"stepGroupId": group} if group else {}))
        if creates:
            await self.edit(steps={"creates": creates})
        (read,) = await self.as_().data(STEPS, {"id": self.project.id})
        assigned = {create["name"]: set(create["assignees"]) for create in creates}
        for step in read["steps"]:
            group = groups.index(step["stepGroupId"])
            made = Step(step["id"], step["name"], step["type"] == "REVIEW", group)
            made.assignees = assigned.get(step["name"], set())
            self.kili.steps.append(made)
        for place, step in enumerate(self.kili.steps):
            if step.is_review and rank() < 0.3:
                step.send_back_to = self.random.choice(self.kili.steps[:place]).id
                await self.edit(
                    steps={"updates": [{"id": step.id, "type": "REVIEW", "sendBackStepId": step.send_back_to}]}
                )

    async def edit(self, **changes: Any) -> None:
        await self.as_().data(EDIT, {"input": {"projectId": self.project.id, **changes}})

    # Comparing

    async def compare(self) -> None:
        """Compare all assets with their labels, the figures of the project, and one list by a random filter."""
        kili = self.kili
        where = {"project": {"id": self.project.id}}
        page = {"where": where, "first": 500, "skip": 0}
        read = await self.as_().data(ASSETS % FIELDS, page)
        self.same("assets", [asset["id"] for asset in read], list(kili.assets))
        for found, asset in zip(read, kili.assets.values(), strict=True):
            self.compare_asset(found, asset)
        await self.compare_figures()
        await self.compare_filter()

    def compare_asset(self, found: dict[str, Any], asset: Asset) -> None:
        kili, name = self.kili, f"asset {asset.place}"
        status, in_step = kili.shown(asset)
        in_steps = self.version != "V1"
        self.same(
            f"{name}, where it stands",
            (found["status"], found["skipped"], found["currentStep"] or {}),
            (status, asset.skipped, {"id": asset.step, "status": in_step} if in_steps else {}),
        )
        self.same(f"{name}, isToReview", found["isToReview"], not in_steps and status == "TO_REVIEW")
        self.same(
            f"{name}, priority, consensus, honeypot",
            (found["priority"], found["isUsedForConsensus"], found["isHoneypot"]),
            (asset.priority, asset.shared, asset.is_honeypot),
        )
        self.same(f"{name}, locks", found["numberOfValidLocks"], len(kili.valid_locks(asset)))
        for key, people in (("toBeLabeledBy", asset.assignees), ("sentBackTo", kili.awaits(asset, "DEFAULT"))):
            self.same(f"{name}, {key}", {user["user"]["id"] for user in found[key]}, people)
        labels = [label for label in asset.labels if label.kind != "AUTOSAVE"]
        self.same(f"{name}, labels", [label["id"] for label in found["labels"]], [label.id for label in labels])
        for seen, label in zip(found["labels"], labels, strict=True):
            same_kind = SUBMITTED if label.kind in SUBMITTED else (label.kind,)
            step = None
            if label.step is not None:
                step = {"id": label.step, "status": in_step if label.step == asset.step else None}
            self.same(
                f"{name}, label {label.id} ({label.kind})",
                seen,
                {
                    "id": label.id,
                    "labelType": label.kind,
                    "author": {"id": label.author},
                    "assetStep": step,
                    "isHoneypot": label.is_gold,
                    "isSentBackToQueue": label.is_sent_back,
                    "isLastForStep": label.kind in SUBMITTED and kili.newest(asset, label, *SUBMITTED, same_step=True),
                    "isLatestLabelForUser": kili.newest(asset, label, *same_kind),
                    "isLatestDefaultLabelForUser": kili.newest(asset, label, "DEFAULT"),
                    "isLatestReviewLabelForUser": kili.newest(asset, label, "REVIEW"),
                    "isLatestPredictionLabelForUser": kili.newest(asset, label, "PREDICTION"),
                },
            )

    async def compare_figures(self) -> None:
        assets = list(self.kili.assets.values())
        (read,) = await self.as_().data(FIGURES, {"id": self.project.id})
        roles = {role["user"]["id"]: role for role in read.pop("roles")}
        unskipped = [asset for asset in assets if not asset.skipped]
        self.same(
            "figures of the project",
            read,
            {
                "numberOfAssets": len(assets),
                "numberOfRemainingAssets": sum(asset.status in ("TODO", "ONGOING") for asset in unskipped),
                "numberOfReviewedAssets": sum(asset.status == "REVIEWED" for asset in unskipped),
                "numberOfSkippedAssets": len(assets) - len(unskipped),
            },
        )
        for user, role in roles.items():
            mine = [
                label for asset in assets for label in asset.labels if label.author == user and label.kind in SUBMITTED
            ]
            touched = sum(
                any(label.author == user and label.kind in SUBMITTED for label in asset.labels) for asset in assets
            )
            self.same(
                "figures of a member", (role["numberOfLabels"], role["numberOfLabeledAssets"]), (len(mine), touched)
            )

    async def compare_filter(self) -> None:
        kili = self.kili
        shown = {asset.id: kili.shown(asset) for asset in kili.assets.values()}
        where: dict[str, Any] = {"project": {"id": self.project.id}}
        if self.version == "V1" or self.random.random() < 0.5:
            wanted = self.random.sample(STATUSES, self.random.choice([1, 1, 2, 3]))
            where["statusIn"] = wanted
            expected = [name for name, (status, _) in shown.items() if status in wanted]
        elif self.random.random() < 0.5:
            wanted = self.random.sample(STEP_STATUSES, self.random.choice([1, 1, 2, 3, 4]))
            is_not = self.random.random() < 0.4
            where["stepStatusNotIn" if is_not else "stepStatusIn"] = wanted
            expected = [name for name, (_, status) in shown.items() if (status in wanted) != is_not]
        else:
            pairs = [(self.random.choice(kili.steps).id, self.random.choice(STEP_STATUSES)) for _ in range(3)]
            is_not = self.random.random() < 0.4
            key = "stepIdAndStatusNotIn" if is_not else "stepIdAndStatusIn"
            where[key] = [{"stepId": step, "status": status} for step, status in pairs]
            expected = [
                name for name, (_, status) in shown.items() if ((kili.assets[name].step, status) in pairs) != is_not
            ]
        found = await self.as_().data(ASSETS % "id", {"where": where, "first": 500, "skip": 0})
        self.same(f"list of {where}", [asset["id"] for asset in found], expected)
        self.same(f"count of {where}", await self.as_().data(COUNT_ASSETS, {"where": where}), len(expected))

    async def compare_marks(self) -> None:
        """Compare the marks of all assets and labels, once they are computed."""
        await self.project.marked()
        page = {"where": {"project": {"id": self.project.id}}, "first": 500, "skip": 0}
        jobs = {"SKY", "THINGS"} if self.has_things else {"SKY"}
        for found in await self.as_().data(ASSETS % MARKS, page):
            asset = self.kili.assets[found["id"]]
            expected = marks_of(self.kili, asset, jobs)
            for name in ("consensus", "honeypot", "inference"):
                self.close(f"asset {asset.place}, {name}Mark", found[f"{name}Mark"], expected[name])
            for label in found["labels"]:
                marks = expected["labels"][label["id"]]
                for name in ("consensus", "honeypot", "inference"):
                    what = f"asset {asset.place}, label {label['id']}, {name}Mark"
                    self.close(what, label[f"{name}Mark"], marks[name])
                self.close(
                    f"asset {asset.place}, label {label['id']}, reviewScore", label["reviewScore"], marks["review"]
                )

    def close(self, what: str, found: float | None, expected: float | None) -> None:
        is_close = found is not None and expected is not None and math.isclose(found, expected, abs_tol=1e-9)
        self.same(what, expected if is_close else found, expected)

    # Steps of a campaign

    async def run(self, steps: int, *, assets: int = 40) -> Report:
        await self.begin(assets)
        actions: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (40, self.work),
            (14, self.import_labels),
            (6, self.work_at_once),
            (6, self.intrude),
            (6, self.delete_labels),
            (4, self.undo),
            (5, self.add_to_review),
            (5, self.send_back),
            (4, self.prioritize),
            (4, self.assign),
            (4, self.skip_or_unskip),
            (3, self.change_size),
            (2, self.change_consensus_coverage),
            (3, self.set_review_coverage),
            (3, self.share),
            (2, self.give_gold),
            (2, self.toggle_honeypot),
            (2, self.settle),
            (2, self.pass_time),
            (2, self.unlock),
            (1, self.edit_interface),
            (1, self.import_assets),
        ]
        chosen = self.random.choices([action for _, action in actions], [weight for weight, _ in actions], k=steps)
        for action in chosen:
            self.report.steps += 1
            self.kili.at += 1
            self.log.append(action.__name__)
            await action()
            await self.compare()
        await self.compare_marks()
        return self.report

    def say(self, what: str) -> None:
        self.log[-1] += f" {what}"

    def some(self, most: int) -> list[str]:
        """Some assets, rather the first ones: a campaign that is spread thin meets nothing twice."""
        names = list(self.kili.assets)
        size = self.random.randint(1, most)
        weights = [4 if place < len(names) // 2 else 1 for place in range(len(names))]
        return list(dict.fromkeys(self.random.choices(names, weights, k=size)))

    def answer(self) -> tuple[str, dict[str, frozenset[str]]]:
        """An answer, as sent and as the model keeps it."""
        said: dict[str, frozenset[str]] = {}
        if self.random.random() < 0.9:
            said["SKY"] = frozenset(self.random.choices(SKY, [6, 3, 1]))
        if self.has_things and self.random.random() < 0.7:
            said["THINGS"] = frozenset(self.random.sample(THINGS, self.random.choice([1, 2, 2, 3])))
        sent = {
            job: {"categories": [{"name": name, "confidence": 100} for name in sorted(categories)]}
            for job, categories in said.items()
        }
        return json.dumps(sent), said

    async def work(self) -> None:
        """Somebody asks for the next asset, and does something with it."""
        person = self.random.choice(self.people)
        in_review = self.random.choice([None, True, False]) if person.reviews else None
        await (
            self.project.marked()
        )  # the queue passes over what is just being written to, as marks are in the background
        expected = self.kili.next_for(person, in_review, set())
        found = await self.as_(person.id).data(NEXT, {"id": self.project.id, "inReview": in_review})
        asset_id = found and found["id"]
        self.say(f"{person.role} gets {self.kili.assets[asset_id].place if asset_id else None}")
        self.expect_among("next asset", asset_id, expected)
        if asset_id is None:
            return
        self.kili.take(person, asset_id)
        await self.compare()
        deed = self.random.choices(["label", "draft", "leave", "skip", "pass"], [65, 10, 13, 4, 8])[0]
        self.say(deed)
        if deed == "label":
            await self.submit(person, asset_id)
        elif deed == "draft":
            await self.submit(person, asset_id, "AUTOSAVE")
        elif deed == "skip" and not self.kili.assets[asset_id].shared:
            await self.as_(person.id).data(SKIP, {"where": {"id": asset_id}})
            self.kili.skip(asset_id)
        elif deed == "pass":
            self.kili.assets[asset_id].locks.pop(person.id)
            expected = self.kili.next_for(person, None, {asset_id})
            await self.project.marked()
            found = await self.as_(person.id).data(AFTER, {"ids": [asset_id]})
            following = found and found["id"]
            self.same(
                "asset after", following if following in expected else (following, self.places(expected)), following
            )
            if following is not None:
                self.kili.take(person, following)

    def expect_among(self, what: str, found: str | None, expected: set[str | None]) -> None:
        """Any of several may come: the server chose by chance."""
        if found not in expected:
            self.same(what, found and self.kili.assets[found], [name and self.kili.assets[name] for name in expected])
        self.report.figures += 1

    async def submit(self, person: Person, asset_id: str, kind: str | None = None) -> None:
        """A person submits a label on what the queue has given them."""
        kind = kind or self.kind_for(asset_id)
        sent, said = self.answer()
        variables = {"data": {"jsonResponse": sent, "labelType": kind}, "where": {"id": asset_id}}
        made = await self.as_(person.id).data(APPEND_TO_LABELS, variables)
        self.kili.add_label(asset_id, person.id, kind, made["id"], said, None)

    async def work_at_once(self) -> None:
        """Everybody asks at the same moment, and those who got something of their own label it at the same moment."""
        before = {
            person.id: {asset.id for asset in self.kili.assets.values() if self.kili.may_take(person, asset, None)}
            for person in self.people
        }
        clients = {person.id: self.as_(person.id) for person in self.people}
        await self.project.marked()
        ask = {"id": self.project.id}
        given = await asyncio.gather(*(clients[person.id].data(NEXT, ask) for person in self.people))
        taken = [(person, found["id"]) for person, found in zip(self.people, given, strict=True) if found]
        for person, asset_id in taken:
            self.same("somebody may have what they are given", asset_id in before[person.id], True)
        for person, asset_id in taken:
            self.same("nobody is given what others fill", self.kili.has_room(person, self.kili.assets[asset_id]), True)
            self.kili.take(person, asset_id)
        for person, found in zip(self.people, given, strict=True):
            if found is None and self.kili.next_for(person, None, set()) != {None}:
                self.same(
                    "somebody is given nothing though there is something",
                    self.kili.next_for(person, None, set()),
                    {None},
                )
        await self.compare()
        self.kili.at += 1
        kinds = {asset_id: self.kind_for(asset_id) for _, asset_id in taken}
        sent = [(person, asset_id, kinds[asset_id], *self.answer()) for person, asset_id in taken]

        async def submit(person: Person, asset_id: str, kind: str, text: str) -> Any:
            variables = {"data": {"jsonResponse": text, "labelType": kind}, "where": {"id": asset_id}}
            return await clients[person.id].graphql(APPEND_TO_LABELS, variables)

        answers = await asyncio.gather(*(submit(*label[:4]) for label in sent))
        page = {"where": {"project": {"id": self.project.id}}, "first": 500, "skip": 0}
        read = await self.as_().data(ASSETS % "labels { id }", page)
        order = {label["id"]: place for place, label in enumerate(label for asset in read for label in asset["labels"])}
        made = [(answered, *label) for answered, label in zip(answers, sent, strict=True) if "errors" not in answered]
        # Which of them came first shows in their order.
        for answered, person, asset_id, kind, _, said in sorted(
            made, key=lambda one: order[one[0]["data"]["data"]["id"]]
        ):
            self.kili.add_label(asset_id, person.id, kind, answered["data"]["data"]["id"], said, None)
        for answered, (person, asset_id, kind, *_) in zip(answers, sent, strict=True):
            if "errors" in answered:
                reason = answered["errors"][0]["extensions"]["context"].get("reason")
                self.same("refused at once", reason, self.kili.told(person, self.kili.assets[asset_id], kind))

    async def intrude(self) -> None:
        """Somebody submits a label on an asset that nobody has given them."""
        (asset_id,) = self.some(1)
        asset, person = self.kili.assets[asset_id], self.random.choice(self.people)
        kind = self.random.choice(["DEFAULT", "AUTOSAVE", *["REVIEW"] * person.reviews])
        self.say(f"{person.role} {kind} on {asset.place}")
        sent, said = self.answer()
        variables = {"data": {"jsonResponse": sent, "labelType": kind}, "where": {"id": asset_id}}
        expected = self.kili.obstacle(person, asset, kind)
        if expected is None:
            made = await self.as_(person.id).data(APPEND_TO_LABELS, variables)
            self.kili.add_label(asset_id, person.id, kind, made["id"], said, None)
        else:
            refused = await self.as_(person.id).refused(APPEND_TO_LABELS, variables)
            told = self.kili.told(person, asset, kind)
            self.same(f"why {person.role} may not", refused.context.get("reason"), told)
            self.same("code", refused.code == "NOT_FOUND", told is None)
            self.report.refusals += 1

    def kind_for(self, asset_id: str) -> str:
        return "REVIEW" if self.kili.assets[asset_id].status == "TO_REVIEW" else "DEFAULT"

    async def import_labels(self) -> None:
        """A script adds labels in the name of others."""
        kind = self.random.choices(["DEFAULT", "REVIEW", "AUTOSAVE", *MODELS], [8, 4, 2, 2, 2])[0]
        chosen = self.some(5)
        if kind == "DEFAULT" and self.random.random() < 0.3:
            chosen += chosen[:1]
        named = None
        if kind in SUBMITTED and self.version != "V1" and self.random.random() < 0.15:
            named = self.random.choice([step.id for step in self.kili.steps if step.is_review == (kind == "REVIEW")])
        authors = [person.id for person in self.people if kind != "REVIEW" or person.reviews]
        sent = []
        for asset_id in chosen:
            author = self.admin if kind in MODELS else self.random.choice(authors)
            text, said = self.answer()
            sent.append((asset_id, author, text, said))
        overwrite = kind in MODELS and self.random.random() < 0.5
        labels = [
            {
                "assetID": asset_id,
                "authorID": author,
                "jsonResponse": text,
                "modelName": "model" if kind in MODELS else None,
            }
            for asset_id, author, text, _ in sent
        ]
        data = {"labelType": kind, "overwrite": overwrite, "labelsData": labels, "stepId": named}
        self.say(f"{kind} on {[self.kili.assets[name].place for name in chosen]} in {named}")
        where = {"idIn": list(dict.fromkeys(chosen)), "project": {"id": self.project.id}}
        made = await self.as_().data(APPEND_MANY_LABELS, {"data": data, "where": where})
        if overwrite:
            for asset_id in chosen:
                self.kili.drop_models(asset_id, kind)
        for (asset_id, author, _, said), label in zip(sent, made, strict=True):
            self.kili.add_label(asset_id, author, kind, label["id"], said, named)

    async def delete_labels(self) -> None:
        labels = [label.id for asset in self.kili.assets.values() for label in asset.labels]
        if labels:
            ids = self.random.sample(labels, min(len(labels), self.random.randint(1, 3)))
            kinds = [label.kind for asset in self.kili.assets.values() for label in asset.labels if label.id in ids]
            self.say(f"{kinds}")
            self.same("deleted", sorted(await self.as_().data(DELETE_LABELS, {"ids": ids})), sorted(ids))
            self.kili.delete_labels(set(ids))

    async def undo(self) -> None:
        """A review, or what a model says, comes and goes: in the end it makes no difference to the status."""
        (asset_id,) = self.some(1)
        asset = self.kili.assets[asset_id]
        reviewer = next(person.id for person in self.people if person.reviews)
        kind = self.random.choice(["REVIEW", *MODELS])
        if kind == "REVIEW" and (asset.skipped or self.version == "V3" or asset.has("AUTOSAVE")):
            return
        self.say(f"{kind} on {asset.place}")
        before = self.kili.shown(asset)[0] if kind != "REVIEW" else asset.status
        text, said = self.answer()
        label = {"assetID": asset_id, "authorID": reviewer, "jsonResponse": text, "modelName": "model"}
        if kind == "REVIEW":
            del label["modelName"]
        data = {"labelType": kind, "overwrite": False, "labelsData": [label]}
        (made,) = await self.as_().data(APPEND_MANY_LABELS, {"data": data, "where": {"idIn": [asset_id]}})
        self.kili.add_label(asset_id, reviewer, kind, made["id"], said, None)
        await self.compare()
        self.kili.at += 1
        await self.as_().data(DELETE_LABELS, {"ids": [made["id"]]})
        self.kili.delete_labels({made["id"]})
        after = self.kili.shown(asset)[0] if kind != "REVIEW" else asset.status
        self.same("status after a label came and went", after, before)

    async def act(self, document: str, ids: list[str], rule: Callable[[str], bool], **more: Any) -> None:
        self.say(f"{[self.kili.assets[name].place for name in ids]} {more or ''}")
        outcome = await self.as_().data(document, {"where": {"idIn": ids}, **more})
        done = [asset_id for asset_id in ids if rule(asset_id)]
        self.same("succeeded", [asset["assetId"] for asset in outcome["succeeded"]], done)
        declined = [asset_id for asset_id in ids if asset_id not in done]
        self.same("declined", [asset["assetId"] for asset in outcome["declined"]], declined)

    async def add_to_review(self) -> None:
        await self.act(REVIEW, self.some(6), self.kili.add_to_review)

    async def send_back(self) -> None:
        ids = self.some(5)
        if self.random.random() < 0.6:
            await self.act(SEND_BACK, ids, lambda name: self.kili.send_back(name, to_labeling=False))
            return
        self.say(f"to labeling {[self.kili.assets[name].place for name in ids]}")
        answered = await self.as_().data(OLD_SEND_BACK, {"where": {"idIn": ids}})
        done = [name for name in ids if self.kili.send_back(name, to_labeling=True)]
        self.same("project of what is sent back", answered, {"id": self.project.id} if done else None)

    async def prioritize(self) -> None:
        priority = self.random.choice([-1, 0, 1, 5])
        await self.act(PRIORITY, self.some(6), lambda name: self.kili.prioritize(name, priority), priority=priority)

    async def assign(self) -> None:
        users = self.random.sample([person.id for person in self.people], self.random.choice([0, 1, 1, 2]))

        def rule(asset_id: str) -> bool:
            self.kili.assign(asset_id, set(users))
            return True

        await self.act(ASSIGN, self.some(4), rule, userIds=users)

    async def skip_or_unskip(self) -> None:
        skipped = [asset.id for asset in self.kili.assets.values() if asset.skipped]
        if skipped and self.random.random() < 0.5:
            asset_id = self.random.choice(skipped)
            self.say(f"un {self.kili.assets[asset_id].place}")
            done = await self.as_().data(UNSKIP, {"project": self.project.id, "asset": asset_id})
            self.same("unskipped", done, self.kili.unskip(asset_id))
            return
        (asset_id,) = self.some(1)
        self.say(str(self.kili.assets[asset_id].place))
        if self.kili.assets[asset_id].shared:
            refused = await self.as_().refused(SKIP, {"where": {"id": asset_id}})
            self.same("skip of a consensus asset", refused.code, "BAD_USER_INPUT")
            self.report.refusals += 1
        else:
            await self.as_().data(SKIP, {"where": {"id": asset_id}})
            self.kili.skip(asset_id)

    async def change_size(self) -> None:
        await self.set_size(self.random.choice([1, 2, 3]))

    async def set_size(self, size: int) -> None:
        await self._set_labeling("minConsensusSize", "numberOfExpectedLabelsForConsensus", size)
        self.kili.set_size(size)

    async def change_consensus_coverage(self) -> None:
        await self.set_consensus_coverage(self.random.choice([0, 30, 60]))

    async def set_consensus_coverage(self, coverage: int) -> None:
        await self._set_labeling("consensusTotCoverage", "consensusCoverage", coverage)
        self.kili.set_consensus_coverage(coverage)

    async def _set_labeling(self, of_project: str, of_step: str, value: int) -> None:
        """Change a setting of the first labeling step, by any of the operations that can."""
        ways = ["project"] + ["step", "workflow"] * (self.version != "V1")
        way = self.random.choice(ways)
        if self.log:
            self.say(f"{value} by {way}")
        if way == "project":
            variables = {"data": {of_project: value}, "where": {"id": self.project.id}}
            await self.as_().data(UPDATE_PROJECT, variables)
            return
        step = self.kili.steps[0].id
        if way == "step":
            await self.as_().data(LABELING, {"input": {"projectId": self.project.id, "stepId": step, of_step: value}})
        else:
            await self.edit(steps={"updates": [{"id": step, "type": "DEFAULT", of_step: value}]})

    async def set_review_coverage(self) -> None:
        coverage = self.random.choice([0, 30, 60, 100])
        reviews = [step for step in self.kili.steps if step.is_review]
        if not reviews or self.random.random() < 0.4:
            variables = {"data": {"reviewCoverage": coverage}, "where": {"id": self.project.id}}
            await self.as_().data(UPDATE_PROJECT, variables)
            self.kili.review_coverage = coverage
            for step in reviews[:1]:
                step.coverage = coverage
            return
        step = self.random.choice(reviews)
        given = {"projectId": self.project.id, "stepId": step.id, "stepCoverage": coverage}
        await self.as_().data(REVIEWING, {"input": given})
        step.coverage = coverage

    async def share(self) -> None:
        shared = self.random.random() < 0.7
        ids = self.some(5)
        self.say(f"{shared} {[self.kili.assets[name].place for name in ids]}")
        if self.random.random() < 0.5:
            for asset_id in ids[:2]:
                await self.as_().data(SHARE, {"project": self.project.id, "asset": asset_id, "shared": shared})
                self.kili.share(asset_id, shared)
            return
        data = [{"isUsedForConsensus": shared}] * len(ids)
        await self.as_().data(UPDATE_ASSETS, {"whereArray": [{"id": name} for name in ids], "dataArray": data})
        for asset_id in ids:
            self.kili.share(asset_id, shared)

    async def give_gold(self) -> None:
        (asset_id,) = self.some(1)
        self.say(str(self.kili.assets[asset_id].place))
        sent, said = self.answer()
        made = await self.as_().data(GOLD, {"asset": asset_id, "answer": sent})
        self.kili.add_gold(asset_id, self.admin, made["id"], said)

    async def toggle_honeypot(self) -> None:
        ids = self.some(3)
        wanted = self.random.random() < 0.5
        data = [{"isHoneypot": wanted}] * len(ids)
        await self.as_().data(UPDATE_ASSETS, {"whereArray": [{"id": name} for name in ids], "dataArray": data})
        for asset_id in ids:
            self.kili.assets[asset_id].is_honeypot = wanted

    async def settle(self) -> None:
        (asset_id,) = self.some(1)
        self.say(str(self.kili.assets[asset_id].place))
        await self.as_().data(SETTLE, {"asset": asset_id})
        self.kili.settle(self.kili.assets[asset_id])

    async def pass_time(self) -> None:
        """Half an hour passes, as far as locks can tell."""
        async with self.database.transaction() as connection:
            await connection.fetch(
                "update asset_lock set renewed_at = renewed_at - interval '31 minutes' where project_id = :id",
                {"id": self.project.id},
            )
        self.kili.pass_time()

    async def unlock(self) -> None:
        opened = [asset for asset in self.kili.assets.values() if asset.locks]
        if opened:
            asset = self.random.choice(opened)
            await self.as_().data(UNLOCK, {"asset": asset.id})
            asset.locks.clear()

    async def edit_interface(self) -> None:
        """A job is taken out, or put back; labels keep their answers."""
        self.has_things = not self.has_things
        variables = {"data": {"jsonInterface": interface(things=self.has_things)}, "where": {"id": self.project.id}}
        await self.as_().graphql(UPDATE_PROJECT, variables)

    async def import_assets(self) -> None:
        await self.add_assets(self.random.randint(1, 3))

    async def add_assets(self, count: int) -> None:
        start = len(self.kili.assets)
        names = [f"asset-{number}" for number in range(start, start + count)]
        data = {"contentArray": [f"https://files.example/{name}.png" for name in names], "externalIDArray": names}
        for made in await self.as_().data(APPEND_MANY_ASSETS, {"data": data, "where": {"id": self.project.id}}):
            self.kili.new_asset(made["id"])
