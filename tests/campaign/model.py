"""A Kili in memory, as plain as can be: what the specification says of assets, labels, steps, locks and the queue.

It shares no code with the product, reads nothing of it, and computes everything anew from lists of what has happened.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

SUBMITTED = ("DEFAULT", "REVIEW")
MODELS = ("PREDICTION", "INFERENCE")
QUEUED = ("TO_DO", "PARTIALLY_DONE", "REWORK")


def drawn(asset_id: str, name: str, coverage: int) -> bool:
    """The draw by which assets go to review, or are labeled several times."""
    number = int(hashlib.sha256(f"{asset_id}:{name}".encode()).hexdigest()[:8], 16)
    return number % 100 < coverage


@dataclass
class Person:
    id: str
    role: str

    @property
    def reviews(self) -> bool:
        return self.role != "LABELER"


@dataclass
class Step:
    id: str
    name: str
    is_review: bool
    group: int = 0
    coverage: int = 0
    send_back_to: str | None = None
    assignees: set[str] = field(default_factory=set)


@dataclass
class Label:
    id: str
    author: str
    kind: str
    step: str | None
    at: int
    answer: dict[str, frozenset[str]]
    number: int
    is_gold: bool = False
    is_sent_back: bool = False


@dataclass
class Lock:
    kind: str
    is_valid: bool = True


@dataclass
class Asset:
    id: str
    place: int
    status: str = "TODO"
    step: str | None = None
    in_step: str | None = None
    skipped: bool = False
    sent_to_review: bool = False
    shared: bool = False
    is_honeypot: bool = False
    priority: int = 0
    assignees: set[str] = field(default_factory=set)
    labels: list[Label] = field(default_factory=list)
    locks: dict[str, Lock] = field(default_factory=dict)
    back_at: int | None = None
    back_to: str | None = None

    def has(self, *kinds: str) -> bool:
        return any(label.kind in kinds for label in self.labels)


class Kili:
    """A project. `at` counts what has happened, in place of a clock."""

    def __init__(self, version: str, people: dict[str, Person]) -> None:
        self.version = version
        self.people = people
        self.steps: list[Step] = []
        self.assets: dict[str, Asset] = {}
        self.size = 1
        self.review_coverage = 0
        self.consensus_coverage = 0
        self.use_honeypot = False
        self.keeps_steps_apart = False
        self.assigns = False
        self.at = 0
        self.made = 0

    # Steps

    @property
    def in_steps(self) -> bool:
        return self.version != "V1"

    def step(self, step_id: str | None) -> Step | None:
        for step in self.steps:
            if step.id == step_id:
                return step
        return None

    def rank(self, step_id: str | None) -> int | None:
        for rank, step in enumerate(self.steps):
            if step.id == step_id:
                return rank
        return None

    def group_of(self, step_id: str | None) -> int:
        step = self.step(step_id)
        return step.group if step else 0

    def reviews_behind(self, step: Step) -> list[Step]:
        rank = self.steps.index(step)
        return [other for other in self.steps[rank + 1 :] if other.is_review and other.group == step.group]

    def labeling_of(self, group: int) -> Step:
        return next(step for step in self.steps if step.group == group and not step.is_review)

    def next_group(self, step: Step) -> Step | None:
        for other in self.steps:
            if other.group > step.group and not other.is_review:
                return other
        return None

    def needed(self, asset: Asset, group: int = 0) -> int:
        return self.size if asset.shared and group == 0 else 1

    def place(self, asset: Asset, step: Step, in_step: str) -> None:
        """Put an asset somewhere; its status follows."""
        asset.step, asset.in_step = step.id, in_step
        if in_step == "SKIPPED":
            return
        if step.is_review:
            asset.status = "REVIEWED" if in_step == "DONE" else "TO_REVIEW"
        elif in_step == "DONE":
            asset.status = "LABELED"
        else:
            asset.status = "TODO" if in_step == "TO_DO" and step.group == 0 else "ONGOING"

    def leave(self, asset: Asset, step: Step) -> None:
        """A step is done: on to the next that takes the asset."""
        for review in self.reviews_behind(step):
            if drawn(asset.id, review.id, review.coverage):
                asset.sent_to_review = True
                self.place(asset, review, "TO_DO")
                return
        following = self.next_group(step)
        if following:
            asset.sent_to_review = False
            self.place(asset, following, "TO_DO")
        else:
            self.place(asset, step, "DONE")

    # What is shown

    def is_opened(self, asset: Asset) -> bool:
        """Whether a labeler has it open, which counts in workflows with steps."""
        return (
            self.in_steps
            and asset.status in ("TODO", "ONGOING")
            and asset.in_step in QUEUED
            and any(lock.is_valid and lock.kind == "DEFAULT" for lock in asset.locks.values())
        )

    def shown(self, asset: Asset) -> tuple[str, str | None]:
        """Status, and the status in the step."""
        if self.is_opened(asset):
            return "ONGOING", "IN_PROGRESS"
        return asset.status, asset.in_step

    def valid_locks(self, asset: Asset) -> dict[str, Lock]:
        return {user: lock for user, lock in asset.locks.items() if lock.is_valid}

    # Imports

    def new_asset(self, asset_id: str) -> None:
        asset = Asset(asset_id, len(self.assets))
        asset.shared = drawn(asset_id, "consensus", self.consensus_coverage)
        if self.in_steps:
            self.place(asset, self.steps[0], "TO_DO")
        self.assets[asset_id] = asset

    # Labels

    def step_for(self, asset: Asset, kind: str) -> Step | None:
        """The step of a label that names none."""
        current = self.step(asset.step)
        if kind not in SUBMITTED or current is None:
            return None
        if current.is_review == (kind == "REVIEW"):
            return current
        if kind == "REVIEW":
            behind = self.reviews_behind(current)
            return behind[0] if behind else None
        return self.labeling_of(current.group)

    def is_since(self, asset: Asset, label: Label) -> bool:
        """Whether a label counts after the last send-back: it is newer, or was made in a group that need not be passed again."""
        if asset.back_at is None or label.at > asset.back_at:
            return True
        mine, back = self.rank(label.step), self.rank(asset.back_to)
        if mine is None or back is None:
            return False
        return mine < back and self.steps[mine].group != self.steps[back].group

    def labelers(self, asset: Asset, group: int = 0) -> set[str]:
        return {
            label.author
            for label in asset.labels
            if label.kind == "DEFAULT" and self.group_of(label.step) == group and self.is_since(asset, label)
        }

    def is_done_again(self, asset: Asset) -> bool:
        if not self.in_steps:
            return asset.status not in ("TODO", "ONGOING")
        return asset.in_step == "DONE" or asset.back_to not in (None, asset.step)

    def add_label(
        self, asset_id: str, author: str, kind: str, label_id: str, answer: dict[str, frozenset[str]], named: str | None
    ) -> None:
        asset = self.assets[asset_id]
        step = self.step(named) if named else self.step_for(asset, kind)
        if kind in SUBMITTED or kind == "AUTOSAVE":
            asset.labels = [old for old in asset.labels if not (old.kind == "AUTOSAVE" and old.author == author)]
        if kind in SUBMITTED:
            asset.locks.pop(author, None)
        elif kind == "AUTOSAVE":
            others = [user for user in self.valid_locks(asset) if user != author]
            if asset.shared or not others:
                asset.locks.setdefault(author, Lock("DEFAULT")).is_valid = True
        self._keep(asset, label_id, author, kind, step, answer)
        if kind in MODELS:
            return
        if kind == "AUTOSAVE":
            self._draft(asset)
            return
        if asset.skipped:
            asset.skipped = False
            if asset.in_step == "SKIPPED":
                asset.in_step = "TO_DO"
        if self.in_steps:
            self._submitted(asset, kind, step)
        else:
            self._submitted_v1(asset, kind)
        if asset.back_at is not None and (kind == "DEFAULT" or self.is_done_again(asset)):
            for label in asset.labels:
                label.is_sent_back = False

    def _keep(
        self, asset: Asset, label_id: str, author: str, kind: str, step: Step | None, answer: dict[str, frozenset[str]]
    ) -> Label:
        self.made += 1
        asset.labels.append(Label(label_id, author, kind, step.id if step else None, self.at, answer, self.made))
        return asset.labels[-1]

    def _draft(self, asset: Asset) -> None:
        if asset.skipped:
            return
        if not self.in_steps:
            if asset.status == "TODO":
                asset.status = "ONGOING"
            return
        current = self.step(asset.step)
        assert current
        if not current.is_review and asset.in_step != "DONE":
            self.place(asset, current, "IN_PROGRESS")

    def _submitted_v1(self, asset: Asset, kind: str) -> None:
        if kind == "REVIEW":
            asset.status = "REVIEWED"
        elif asset.status in ("TODO", "ONGOING"):
            if len(self.labelers(asset)) < self.needed(asset):
                asset.status = "ONGOING"
            elif drawn(asset.id, "review", self.review_coverage):
                asset.status, asset.sent_to_review = "TO_REVIEW", True
            else:
                asset.status = "LABELED"

    def _submitted(self, asset: Asset, kind: str, step: Step | None) -> None:
        current = self.step(asset.step)
        assert current
        self.place(asset, current, asset.in_step or "TO_DO")
        step = step or current
        if self.steps.index(step) < self.steps.index(current):
            return  # of a step that is behind the asset
        if kind == "DEFAULT":
            if step is current and asset.in_step == "DONE":
                return  # a correction
            if step.group == 0 and asset.shared and len(self.labelers(asset)) < self.size:
                asset.sent_to_review = False
                self.place(asset, step, "PARTIALLY_DONE")
                return
        if step is not current:
            asset.sent_to_review = False
        self.leave(asset, step)

    def add_gold(self, asset_id: str, author: str, label_id: str, answer: dict[str, frozenset[str]]) -> None:
        asset = self.assets[asset_id]
        step = self.step_for(asset, "REVIEW")
        asset.labels = [old for old in asset.labels if not (old.kind == "AUTOSAVE" and old.author == author)]
        asset.locks.pop(author, None)
        self._keep(asset, label_id, author, "REVIEW", step, answer).is_gold = True
        asset.is_honeypot = True

    def drop_models(self, asset_id: str, kind: str) -> None:
        asset = self.assets[asset_id]
        asset.labels = [label for label in asset.labels if label.kind != kind]

    def delete_labels(self, ids: set[str]) -> None:
        for asset in self.assets.values():
            gone = [label for label in asset.labels if label.id in ids]
            asset.labels = [label for label in asset.labels if label.id not in ids]
            for label in gone:
                if label.kind == "AUTOSAVE":
                    asset.locks.pop(label.author, None)
            if any(label.kind not in MODELS for label in gone):
                self.settle(asset)

    def newest(self, asset: Asset, label: Label, *kinds: str, same_step: bool = False) -> bool:
        """Whether a label is the newest of its author among kinds."""
        rivals = [
            other
            for other in asset.labels
            if other.author == label.author and other.kind in kinds and (not same_step or other.step == label.step)
        ]
        return bool(rivals) and rivals[-1] is label

    # What the labels justify

    def settle(self, asset: Asset) -> None:
        """The state that follows from the labels alone."""
        current = self.step(asset.step)
        groups = sorted({step.group for step in self.steps}) or [0]
        back_group = self.group_of(asset.back_to) if asset.back_at is not None else None
        people = [label for label in asset.labels if label.kind in SUBMITTED]

        def of(group: int) -> list[Label]:
            return [label for label in people if self.group_of(label.step) == group]

        def reviews(group: int) -> set[str | None]:
            return {
                label.step
                for label in of(group)
                if label.kind == "REVIEW" and not label.is_gold and self.is_since(asset, label)
            }

        def begun(group: int) -> bool:
            for label in of(group):
                mine, back = self.rank(label.step), self.rank(asset.back_to)
                is_later = mine is not None and back is not None and mine > back and group != back_group
                if not label.is_gold and (self.is_since(asset, label) or not is_later):
                    return True
            return asset.has("AUTOSAVE")

        def answered(group: int) -> bool:
            return any(label.kind == "DEFAULT" for label in of(group))

        def passed(group: int) -> bool:
            return bool(reviews(group)) or len(self.labelers(asset, group)) >= self.needed(asset, group)

        here = current.group if current else 0
        is_reviewed = current.id in reviews(here) if current and current.is_review else bool(reviews(here))
        is_asked = (asset.sent_to_review and (current is None or current.is_review)) or asset.status == "TO_REVIEW"
        waits = is_asked and not is_reviewed and (answered(here) or bool(reviews(here)))

        group = 0
        if len(groups) > 1:
            through = [number for number in groups if passed(number)]
            if waits:
                group = here
            elif through:
                group = through[-1]
                if not (here == group and asset.in_step == "DONE"):
                    group = next((number for number in groups if number > group), group)
        if waits:
            status = "TO_REVIEW"
        elif reviews(group):
            status = "REVIEWED"
        elif len(self.labelers(asset, group)) >= self.needed(asset, group):
            status = "LABELED"
        elif begun(group):
            status = "ONGOING"
        else:
            status = "TODO"
        asset.sent_to_review = waits or (asset.sent_to_review and status == "REVIEWED")
        if not self.in_steps:
            asset.status = status
        else:
            self._place_settled(asset, group, status, reviews(group), back_group)
            if asset.skipped:
                asset.in_step = "SKIPPED"
        if asset.back_at is not None and not self.is_done_again(asset):
            self.flag(asset)

    def _place_settled(
        self, asset: Asset, group: int, status: str, done: set[str | None], back_group: int | None
    ) -> None:
        labeling = self.labeling_of(group)
        reviews = [step for step in self.steps if step.group == group and step.is_review]
        if status == "REVIEWED" and reviews:
            with_label = [step for step in reviews if step.id in done]
            mine = [step for step in reviews if step.id == asset.step]
            self.place(asset, (with_label or mine or reviews[:1])[-1], "DONE")
        elif status == "TO_REVIEW" and reviews:
            mine = [step for step in reviews if step.id == asset.step]
            step = (mine or reviews)[0]
            if not (mine and asset.in_step not in ("DONE", "SKIPPED")):
                asset.in_step = "REWORK" if asset.back_to == step.id else "TO_DO"
            self.place(asset, step, asset.in_step or "TO_DO")
        elif status == "ONGOING":
            if self.labelers(asset, group):
                self.place(asset, labeling, "PARTIALLY_DONE")
            else:
                self.place(asset, labeling, "REWORK" if back_group == group else "IN_PROGRESS")
        else:
            self.place(asset, labeling, "TO_DO" if status == "TODO" else "DONE")

    def flag(self, asset: Asset) -> None:
        """Flag what is to be done again, unless somebody has begun to."""
        assert asset.back_at is not None
        if any(label.kind == "DEFAULT" and label.at > asset.back_at for label in asset.labels):
            return
        for label in asset.labels:
            is_newest = self.newest(asset, label, *SUBMITTED) or self.newest(asset, label, "DEFAULT")
            if label.kind in SUBMITTED and is_newest and self.must_redo(asset, label):
                label.is_sent_back = True

    def must_redo(self, asset: Asset, label: Label) -> bool:
        if label.is_gold or asset.back_at is None or label.at > asset.back_at:
            return False
        mine, here = self.rank(label.step), self.rank(asset.step)
        if mine is None or here is None or mine >= here:
            return True
        return not self.steps[here].is_review and self.steps[mine].group == self.steps[here].group

    def awaits(self, asset: Asset, kind: str) -> set[str]:
        """Who has still to do again what they had made of a kind."""
        if asset.back_at is None or self.is_done_again(asset):
            return set()
        return {
            label.author
            for label in asset.labels
            if label.kind == kind
            and self.must_redo(asset, label)
            and not any(
                newer.author == label.author
                and newer.kind == kind
                and newer.step == label.step
                and newer.at > asset.back_at
                for newer in asset.labels
            )
        }

    # Settings

    def set_size(self, size: int) -> None:
        if size == self.size:
            return
        self.size = size
        for asset in self.assets.values():
            if asset.shared:
                self._follow_consensus(asset)

    def set_consensus_coverage(self, coverage: int) -> None:
        if coverage == self.consensus_coverage:
            return
        self.consensus_coverage = coverage
        for asset in self.assets.values():
            if asset.status == "TODO":
                asset.shared = drawn(asset.id, "consensus", coverage)

    def share(self, asset_id: str, shared: bool) -> None:
        asset = self.assets[asset_id]
        if asset.shared != shared:
            asset.shared = shared
            self._follow_consensus(asset)

    def _follow_consensus(self, asset: Asset) -> None:
        if asset.status in ("ONGOING", "LABELED") and not asset.skipped and self.group_of(asset.step) == 0:
            self.settle(asset)

    # Actions

    def add_to_review(self, asset_id: str) -> bool:
        asset = self.assets[asset_id]
        if not asset.has(*SUBMITTED) or self.valid_locks(asset) or asset.skipped:
            return False
        if not self.in_steps:
            if asset.status != "LABELED":
                return False
            asset.status, asset.sent_to_review = "TO_REVIEW", True
            return True
        current = self.step(asset.step)
        assert current
        if asset.in_step != "DONE":
            return False
        behind = self.reviews_behind(current)
        following = behind[0] if behind else self.next_group(current)
        if following is None:
            return False
        asset.sent_to_review = following.is_review
        self.place(asset, following, "TO_DO")
        return True

    def send_back(self, asset_id: str, *, to_labeling: bool) -> bool:
        asset = self.assets[asset_id]
        if not self.in_steps:
            if asset.status in ("TODO", "ONGOING"):
                return False
            asset.status, asset.skipped, asset.sent_to_review = "ONGOING", False, False
        else:
            current = self.step(asset.step)
            assert current
            if asset.in_step == "SKIPPED" or (not current.is_review and asset.in_step != "DONE"):
                return False
            target = current
            if current.is_review:
                before = self.steps[: self.steps.index(current)]
                if to_labeling:
                    before = [step for step in before if not step.is_review]
                chosen = [step for step in before if step.id == current.send_back_to]
                target = chosen[0] if chosen else before[-1]
            asset.sent_to_review = target.is_review
            self.place(asset, target, "REWORK")
        asset.back_at, asset.back_to = self.at, asset.step
        asset.locks.clear()
        self.flag(asset)
        return True

    def prioritize(self, asset_id: str, priority: int) -> bool:
        asset = self.assets[asset_id]
        if asset.skipped or self.valid_locks(asset):
            return False
        if self.in_steps:
            waits = asset.in_step in QUEUED
        else:
            waits = asset.status in ("TODO", "TO_REVIEW") or (asset.status == "ONGOING" and asset.has("DEFAULT"))
        if waits:
            asset.priority = priority
        return waits

    def assign(self, asset_id: str, users: set[str]) -> None:
        asset = self.assets[asset_id]
        drafting = {label.author for label in asset.labels if label.kind == "AUTOSAVE"}
        asset.assignees = users | (asset.assignees & drafting)

    def skip(self, asset_id: str) -> None:
        asset = self.assets[asset_id]
        if not asset.skipped:
            asset.skipped = True
            if self.in_steps:
                asset.in_step = "SKIPPED"
            asset.locks.clear()

    def unskip(self, asset_id: str) -> bool:
        asset = self.assets[asset_id]
        if not asset.skipped:
            return False
        asset.skipped = False
        current = self.step(asset.step)
        if current:
            is_back = any(label.is_sent_back for label in asset.labels)
            self.place(asset, current, "REWORK" if is_back else "TO_DO")
        return True

    def pass_time(self) -> None:
        """Half an hour: all locks end."""
        for asset in self.assets.values():
            for lock in asset.locks.values():
                lock.is_valid = False

    # The queue

    def works_on(self, person: Person, step: Step) -> bool:
        if step.is_review and not person.reviews:
            return False
        able = {user for user in step.assignees if not step.is_review or self.people[user].reviews}
        return person.id in able or not able

    def is_shared_now(self, asset: Asset) -> bool:
        return asset.shared and asset.status in ("TODO", "ONGOING") and self.group_of(asset.step) == 0

    def may_take(self, person: Person, asset: Asset, in_review: bool | None) -> bool:
        """Whether the queue may give an asset to a person."""
        if asset.skipped:
            return False
        current = self.step(asset.step)
        if current is None:
            wanted = [] if in_review else ["TODO", "ONGOING"]
            if in_review is not False and person.reviews:
                wanted.append("TO_REVIEW")
            if asset.status not in wanted:
                return False
        else:
            if in_review is not None and current.is_review != in_review:
                return False
            if asset.in_step not in (*QUEUED, "IN_PROGRESS") or not self.works_on(person, current):
                return False
        is_review = asset.status == "TO_REVIEW"
        left_out = "LABELER" if is_review else "REVIEWER"
        given = {user for user in asset.assignees if self.people[user].role != left_out}
        if given and person.id not in given:
            return False
        kind = "REVIEW" if is_review else "DEFAULT"
        for label in asset.labels:
            if label.author != person.id:
                continue
            is_new = asset.back_at is None or label.at > asset.back_at
            if label.kind == kind and not label.is_gold and label.step == asset.step and is_new:
                return False
            if (
                self.keeps_steps_apart
                and label.kind in SUBMITTED
                and label.step is not None
                and label.step != asset.step
            ):
                return False
        return self.has_room(person, asset)

    def has_room(self, person: Person, asset: Asset) -> bool:
        is_open = asset.status in ("TODO", "ONGOING") and self.group_of(asset.step) == 0
        if asset.is_honeypot and is_open:
            return True
        at_it = {user for user in self.valid_locks(asset) if user != person.id}
        if not self.is_shared_now(asset):
            return not at_it
        since = [label for label in asset.labels if asset.back_at is None or label.at > asset.back_at]
        labeled = {label.author for label in since if label.kind == "DEFAULT" and label.author != person.id}
        return len(at_it) + len(labeled) < self.size

    def obstacle(self, person: Person, asset: Asset, kind: str) -> str | None:
        """Why a labeler or reviewer may not submit a label that the queue has not given them."""
        current = self.step(asset.step)
        step = current if kind == "AUTOSAVE" else None
        if current and kind != "AUTOSAVE":
            fitting = [
                other for other in self.steps if other.group == current.group and other.is_review == (kind == "REVIEW")
            ]
            step = current if current in fitting else next(iter(fitting), None)
        holds = person.id in self.valid_locks(asset)
        is_review = asset.status == "TO_REVIEW"
        own_kind = "REVIEW" if is_review else "DEFAULT"
        mine = [label for label in asset.labels if label.author == person.id and label.kind in SUBMITTED]
        has_own = any(
            label.kind == own_kind
            and not label.is_gold
            and label.step == asset.step
            and (asset.back_at is None or label.at > asset.back_at)
            for label in mine
        )
        is_done = asset.status in ("TO_REVIEW", "REVIEWED") or (asset.status == "LABELED" and not has_own)
        if is_done and person.role == "LABELER" and kind != "REVIEW" and not (asset.is_honeypot and holds):
            return "AssetInDoneStepStatus"
        if step and not self.works_on(person, step):
            return "NotInStepAssignees"
        if self.keeps_steps_apart:
            for label in mine:
                if label.step is None or step is None:
                    if (label.kind == "REVIEW") != (kind == "REVIEW"):
                        return "BlockedByEnforceStepSeparation"
                elif label.step != step.id:
                    return "BlockedByEnforceStepSeparation"
        left_out = "LABELER" if (is_review if kind == "AUTOSAVE" else kind == "REVIEW") else "REVIEWER"
        given = {user for user in asset.assignees if self.people[user].role != left_out}
        if given and person.id not in given:
            return "AssetAlreadyAssigned"
        is_shared = self.is_shared_now(asset)
        if is_shared and has_own and kind == "DEFAULT":
            return "AlreadyHaveLabelOnCurrentStep"
        is_open = asset.is_honeypot and asset.status in ("TODO", "ONGOING") and self.group_of(asset.step) == 0
        others = [user for user in self.valid_locks(asset) if user != person.id]
        if kind != "AUTOSAVE" and not is_open and not is_shared and others and not holds:
            return "AssetAlreadyLocked"
        return None

    def told(self, person: Person, asset: Asset, kind: str) -> str | None:
        """The reason that a person reads; None where the asset does not exist for them."""
        reason = self.obstacle(person, asset, kind)
        is_seen = (
            person.role != "LABELER"
            or person.id in asset.assignees
            or person.id in asset.locks
            or any(label.author == person.id for label in asset.labels)
        )
        return reason if is_seen or reason not in ("AssetInDoneStepStatus", "AssetAlreadyAssigned") else None

    def next_for(self, person: Person, in_review: bool | None, seen: set[str]) -> set[str | None]:
        """The assets that may come next: honeypots are mixed in by chance."""
        able = [
            asset for asset in self.assets.values() if asset.id not in seen and self.may_take(person, asset, in_review)
        ]
        if not able:
            return {None}
        back = [
            asset
            for asset in able
            if person.id in self.awaits(asset, "REVIEW" if asset.status == "TO_REVIEW" else "DEFAULT")
        ]
        able = back or able
        wishes = {False}
        if self.use_honeypot and not self.had_honeypot(person):
            wishes.add(True)

        def order(asset: Asset, wish: bool) -> tuple[int, bool, bool, int]:
            is_incomplete = self.is_shared_now(asset) and asset.status == "ONGOING"
            return -asset.priority, not is_incomplete, asset.is_honeypot != wish, asset.place

        return {min(able, key=lambda asset: order(asset, wish)).id for wish in wishes}

    def had_honeypot(self, person: Person) -> bool:
        mine = [
            (label.number, asset.is_honeypot)
            for asset in self.assets.values()
            for label in asset.labels
            if label.author == person.id and label.kind == "DEFAULT"
        ]
        return any(is_honeypot for _, is_honeypot in sorted(mine)[-4:])

    def take(self, person: Person, asset_id: str) -> None:
        asset = self.assets[asset_id]
        asset.locks[person.id] = Lock("REVIEW" if asset.status in ("TO_REVIEW", "REVIEWED") else "DEFAULT")
        if self.assigns:
            asset.assignees.add(person.id)
