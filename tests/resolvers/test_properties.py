"""Random labels, edits and deletions by several people: flags, states and counts equal a plain recomputation from the rows.

The model below keeps a list of labels and says everything again from that list after each step, in the words of the rules and
without a thought for speed.
"""

import asyncio
import itertools
from collections import Counter
from dataclasses import dataclass, field

import orjson
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.common.documents import (
    APPEND_MANY_LABELS,
    APPEND_TO_LABELS,
    ASSETS,
    DELETE_LABELS,
    UPDATE_ASSETS,
    UPDATE_PROJECT,
)
from tests.common.world import WEATHER, Project, answer, new_organization

HUMAN = ("DEFAULT", "REVIEW")
MODELS = ("PREDICTION", "INFERENCE")
STEP = {"DEFAULT": "Default", "REVIEW": "Review"}


@dataclass
class Label:
    """A label as the model knows it; `order` is its place in creation order."""

    id: str
    order: int
    asset: int
    author: int
    kind: str
    model: str | None
    cars: int
    seconds: float


@dataclass
class Model:
    """What should be stored: labels, and the state of each asset."""

    is_shared: list[bool]
    wanted_labelers: int
    goes_to_review: bool
    has_steps: bool
    labels: dict[str, Label] = field(default_factory=dict)
    states: list[tuple[str, str]] = field(default_factory=list)

    def of(self, asset, *kinds):
        return [
            label for label in self.labels.values() if label.asset == asset and label.kind in (kinds or (label.kind,))
        ]

    # The state of an asset, as the table of the workflow has it

    def is_complete(self, asset):
        labelers = {label.author for label in self.of(asset, "DEFAULT")}
        return len(labelers) >= (self.wanted_labelers if self.is_shared[asset] else 1)

    def partly(self, asset):
        """The step of an asset that needs more labels: whose draft is there has it open."""
        return "IN_PROGRESS" if self.of(asset, "AUTOSAVE") else "PARTIALLY_DONE"

    def after(self, asset, kind):
        """The state after a label has been added."""
        status, step_status = self.states[asset]
        if kind == "REVIEW":
            return "REVIEWED", "DONE"
        if kind in MODELS or status not in ("TODO", "ONGOING"):
            return status, step_status
        if kind == "AUTOSAVE":
            return "ONGOING", "IN_PROGRESS"
        if not self.is_complete(asset):
            return "ONGOING", self.partly(asset)
        return ("TO_REVIEW", "TO_DO") if self.goes_to_review else ("LABELED", "DONE")

    def after_deletion(self, asset):
        """The state that what is left justifies."""
        if self.of(asset, "REVIEW"):
            return "REVIEWED", "DONE"
        if self.states[asset][0] == "TO_REVIEW" and self.of(asset, "DEFAULT"):
            return "TO_REVIEW", "TO_DO"
        if self.of(asset, "DEFAULT") and self.is_complete(asset):
            return "LABELED", "DONE"
        if self.of(asset, "DEFAULT"):
            return "ONGOING", self.partly(asset)
        return ("ONGOING", "IN_PROGRESS") if self.of(asset, "AUTOSAVE") else ("TODO", "TO_DO")

    # What happens

    def add(self, label):
        if label.kind in (*HUMAN, "AUTOSAVE"):
            for draft in self.of(label.asset, "AUTOSAVE"):
                if draft.author == label.author:
                    del self.labels[draft.id]
        self.labels[label.id] = label
        self.states[label.asset] = self.after(label.asset, label.kind)

    def remove(self, ids):
        assets = {self.labels[label_id].asset for label_id in ids}
        for label_id in ids:
            del self.labels[label_id]
        for asset in assets:
            self.states[asset] = self.after_deletion(asset)

    # What is seen of it

    def flags(self, label):
        """The five flags, each by looking for a newer label of its kind."""

        def is_newest(same):
            return not any(
                other.order > label.order and same(other)
                for other in self.of(label.asset)
                if other.author == label.author
            )

        def alike(other):
            if label.kind in MODELS:
                return other.kind == label.kind and other.model == label.model
            return other.kind in HUMAN if label.kind in HUMAN else other.kind == label.kind

        def same_kind(other):
            return other.kind == label.kind

        return {
            "isLatestLabelForUser": is_newest(alike),
            "isLatestDefaultLabelForUser": label.kind == "DEFAULT" and is_newest(same_kind),
            "isLatestReviewLabelForUser": label.kind == "REVIEW" and is_newest(same_kind),
            "isLatestPredictionLabelForUser": label.kind == "PREDICTION" and is_newest(alike),
            # Without steps, everything that people submit is of the same step.
            "isLastForStep": label.kind in HUMAN and is_newest(same_kind if self.has_steps else alike),
        }

    def asset(self, number):
        labels = sorted(self.of(number), key=lambda label: label.order)
        status, step_status = self.states[number]
        step = {"name": "Review" if status in ("TO_REVIEW", "REVIEWED") else "Default", "status": step_status}
        submitted = [label for label in labels if label.kind in HUMAN]
        last = [label for label in submitted if self.flags(label)["isLastForStep"]]
        if self.has_steps and any(label.kind == "REVIEW" for label in last):
            last = [label for label in last if label.kind == "REVIEW"]
        return {
            "status": status,
            "currentStep": step if self.has_steps else None,
            "labelVersion": len(labels),
            "labels": [
                {
                    "id": label.id,
                    "labelType": label.kind,
                    "numberOfAnnotations": 1 + label.cars,
                    "secondsToLabel": round(label.seconds),
                    "totalSecondsToLabel": self.seconds(label),
                    "assetStep": {"name": STEP[label.kind]} if label.kind in HUMAN and self.has_steps else None,
                    **self.flags(label),
                }
                for label in labels
                if label.kind != "AUTOSAVE"
            ],
            "latestLabel": {"id": submitted[-1].id} if submitted else None,
            "latestLabels": [{"id": label.id} for label in last],
        }

    def seconds(self, label):
        return round(
            sum(
                other.seconds
                for other in self.of(label.asset)
                if other.author == label.author and self.step(other) == self.step(label)
            )
        )

    def step(self, label):
        return STEP.get(label.kind) if self.has_steps else None

    def project(self):
        statuses = Counter(status for status, _ in self.states)
        people = [label for label in self.labels.values() if label.kind in HUMAN]
        remaining = statuses["TODO"] + statuses["ONGOING"]
        return {
            "numberOfAssets": len(self.states),
            "numberOfRemainingAssets": remaining,
            "numberOfReviewedAssets": statuses["REVIEWED"],
            "numberOfLatestLabels": sum(self.flags(label)["isLatestLabelForUser"] for label in people),
            "completionPercentage": float(round(100 * (len(self.states) - remaining) / len(self.states))),
        }

    def member(self, author):
        mine = [label for label in self.labels.values() if label.kind in HUMAN and label.author == author]
        latest = [label for label in mine if self.flags(label)["isLatestLabelForUser"]]
        return {
            "numberOfLabels": len(mine),
            "numberOfLabeledAssets": len({label.asset for label in mine}),
            "numberOfAnnotations": sum(1 + label.cars for label in latest),
            "totalDuration": sum(label.seconds for label in mine),
        }


ASSET_FIELDS = """
status currentStep { name status } labelVersion latestLabel { id } latestLabels { id }
labels {
  id labelType numberOfAnnotations secondsToLabel totalSecondsToLabel assetStep { name } isLatestLabelForUser
  isLatestDefaultLabelForUser isLatestReviewLabelForUser isLatestPredictionLabelForUser isLastForStep
}
"""
COUNTERS = """
query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) {
  numberOfAssets numberOfRemainingAssets numberOfReviewedAssets numberOfLatestLabels completionPercentage
  roles { user { id } numberOfLabels numberOfLabeledAssets numberOfAnnotations totalDuration }
} }"""

people = st.integers(0, 2)
places = st.integers(0, 2)
kinds = st.sampled_from(["DEFAULT", "DEFAULT", "DEFAULT", "REVIEW", "AUTOSAVE", "PREDICTION", "INFERENCE"])
models = st.sampled_from([None, "a", "b"])
cars = st.integers(0, 2)
times = st.sampled_from([0.0, 1.5, 4.0])


def machine(loop, organization, clients):
    """The state machine on an organization; `clients` by workflow."""

    class Labeling(RuleBasedStateMachine):
        def send(self, document, variables):
            answered = loop.run_until_complete(self.project.admin.graphql(document, variables))
            assert "errors" not in answered, answered
            return answered["data"]["data"]

        @initialize(
            version=st.sampled_from(["V1", "V2", "V3"]), wanted=st.integers(2, 3), coverage=st.sampled_from([0, 100])
        )
        def begin(self, version, wanted, coverage):
            document = "mutation ($data: CreateProjectData!) { data: createProject(data: $data) { id } }"
            data = {"title": "p", "inputType": "IMAGE", "jsonInterface": INTERFACE}
            made = loop.run_until_complete(clients[version].data(document, {"data": data}))
            self.project = Project(made["id"], organization)
            chosen = {"minConsensusSize": wanted, "reviewCoverage": coverage}
            self.send(UPDATE_PROJECT, {"data": chosen, "where": {"id": self.project.id}})
            self.authors = [
                loop.run_until_complete(self.project.member(role, firstname=role)).id for role in ("LABELER",) * 3
            ]
            self.assets = loop.run_until_complete(self.project.assets(3))
            self.send(
                UPDATE_ASSETS, {"dataArray": [{"isUsedForConsensus": True}], "whereArray": [{"id": self.assets[0]}]}
            )
            self.order = itertools.count()
            self.model = Model([True, False, False], wanted, coverage == 100, version != "V1")
            self.model.states = [("TODO", "TO_DO")] * 3

        @rule(asset=places, author=people, kind=kinds, number=cars, seconds=times)
        def submit(self, asset, author, kind, number, seconds):
            """One label through the mutation for one."""
            data = {
                "jsonResponse": answer(cars=number),
                "labelType": kind,
                "authorID": self.authors[author],
                "secondsToLabel": seconds,
            }
            made = self.send(APPEND_TO_LABELS, {"data": data, "where": {"id": self.assets[asset]}})
            self.model.add(Label(made["id"], next(self.order), asset, author, kind, None, number, seconds))

        @rule(
            items=st.lists(st.tuples(places, people, models, cars, times), min_size=1, max_size=5),
            kind=kinds,
            overwrite=st.booleans(),
        )
        def submit_batch(self, items, kind, overwrite):
            """Labels through the mutation for many."""
            labels = [
                {
                    "assetID": self.assets[asset],
                    "authorID": self.authors[author],
                    "modelName": model,
                    "jsonResponse": answer(cars=number),
                    "secondsToLabel": seconds,
                }
                for asset, author, model, number, seconds in items
            ]
            data = {"labelType": kind, "overwrite": overwrite, "labelsData": labels}
            made = self.send(APPEND_MANY_LABELS, {"data": data, "where": {"idIn": []}})
            if overwrite and kind in MODELS:
                replaced = {(asset, model) for asset, _, model, _, _ in items}
                for label in list(self.model.labels.values()):
                    if label.kind == kind and (label.asset, label.model) in replaced:
                        del self.model.labels[label.id]
            last = {(asset, author): place for place, (asset, author, *_) in enumerate(items)}
            for place, (item, answered) in enumerate(zip(items, made, strict=True)):
                asset, author, model, number, seconds = item
                if kind == "AUTOSAVE" and last[asset, author] != place:
                    continue  # a draft that a later one of the same batch replaces is not stored at all
                self.model.add(Label(answered["id"], next(self.order), asset, author, kind, model, number, seconds))

        @precondition(lambda self: self.model.labels)
        @rule(data=st.data())
        def delete(self, data):
            ids = data.draw(st.lists(st.sampled_from(list(self.model.labels)), min_size=1, max_size=4, unique=True))
            assert self.send(DELETE_LABELS, {"ids": ids}) == ids
            self.model.remove(ids)

        @precondition(lambda self: self.model.labels)
        @rule(data=st.data(), number=cars, seconds=times)
        def edit(self, data, number, seconds):
            label = self.model.labels[data.draw(st.sampled_from(list(self.model.labels)))]
            document = """
            mutation ($id: ID!, $answer: String!, $seconds: Float!) { data: updatePropertiesInLabel(
              where: {id: $id}, data: {jsonResponse: $answer, secondsToLabel: $seconds}) { id } }"""
            self.send(document, {"id": label.id, "answer": answer(cars=number), "seconds": seconds})
            label.cars, label.seconds = number, seconds

        @invariant()
        def everything_is_as_recomputed(self):
            if not hasattr(self, "model"):
                return
            variables = {"where": {"project": {"id": self.project.id}}, "first": 10, "skip": 0}
            assert self.send(ASSETS % ASSET_FIELDS, variables) == [self.model.asset(number) for number in range(3)]
            (project,) = self.send(COUNTERS, {"id": self.project.id})
            members = {role.pop("user")["id"]: role for role in project.pop("roles")}
            assert project == self.model.project()
            assert [members[author] for author in self.authors] == [self.model.member(number) for number in range(3)]

    return Labeling


NOTHING_REQUIRED = {name: {**job, "required": 0} for name, job in WEATHER["jobs"].items()}
INTERFACE = orjson.dumps({"jobs": NOTHING_REQUIRED}).decode()


@pytest.fixture
async def loop():
    """The loop that the database lives on, for a test that drives it step by step."""
    return asyncio.get_running_loop()


@pytest.fixture
async def ground(database, client, app_with):
    organization = await new_organization(database, client)
    key = organization.admin.key
    return organization, {version: app_with(workflow_version=version).as_(key) for version in ("V1", "V2", "V3")}


def test_flags_states_and_counts_are_those_of_the_labels_that_are_there(loop, ground):
    run_state_machine_as_test(
        machine(loop, *ground),
        settings=settings(
            max_examples=20,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each try goes over HTTP: to shrink takes minutes
        ),
    )


async def test_labels_at_once_leave_what_labels_one_after_the_other_would(project, organization):
    members = [await project.member("ADMIN") for _ in range(4)]  # whom nobody's lock stops
    ids = await project.assets(3)
    kinds_sent = ["DEFAULT", "DEFAULT", "REVIEW", "AUTOSAVE"]
    sent = [(asset, person, kind) for asset in range(3) for person in range(4) for kind in kinds_sent]

    async def send(asset, person, kind):
        variables = {"data": {"jsonResponse": answer(), "labelType": kind}, "where": {"id": ids[asset]}}
        return await members[person].client.data(APPEND_TO_LABELS, variables)

    made = await asyncio.gather(*(send(*label) for label in sent))

    rows = await project.rows("label")
    by_id = {label["id"]: label_sent for label, label_sent in zip(made, sent, strict=True)}
    assert {row["id"] for row in rows if row["label_type"] != "AUTOSAVE"} == {
        label_id for label_id, (_, _, kind) in by_id.items() if kind != "AUTOSAVE"
    }
    model = Model([False] * 3, 1, False, True, states=[("REVIEWED", "DONE")] * 3)
    for order, row in enumerate(rows):
        asset, person, kind = by_id[row["id"]]
        assert (row["asset_id"], row["author_id"], row["label_type"]) == (ids[asset], members[person].id, kind)
        model.labels[row["id"]] = Label(row["id"], order, asset, person, kind, None, 0, 0)
    columns = {
        "isLatestLabelForUser": "is_latest_label_for_user",
        "isLatestDefaultLabelForUser": "is_latest_default_label_for_user",
        "isLatestReviewLabelForUser": "is_latest_review_label_for_user",
        "isLastForStep": "is_last_for_step",
    }
    for row in rows:
        flags = model.flags(model.labels[row["id"]])
        assert {name: row[column] for name, column in columns.items()} == {name: flags[name] for name in columns}
    drafts = Counter((row["asset_id"], row["author_id"]) for row in rows if row["label_type"] == "AUTOSAVE")
    assert set(drafts.values()) <= {1}
    assert {row["status"] for row in await project.rows("asset")} == {"REVIEWED"}
