"""The steps of a workflow as settings: what may be created, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.number import RANGES, in_range
from labelyard.domain.text import MAX_NAME, within

MAX_STEPS = 50
MAX_GROUPS = 20
# What the first group of a V3 project is called, and the labeling step of a new group.
FIRST_GROUP = LABELING_STEP = "Default"
# Keys that a null clears; elsewhere a null says nothing.
CONSENSUS = frozenset({"consensusCoverage", "numberOfExpectedLabelsForConsensus"})
CLEARED_BY_NULL = CONSENSUS | {"sendBackStepId"}


@dataclass(frozen=True, slots=True)
class StepSettings:
    """One step. `coverage` is the percent of assets that a review step takes, None for labeling steps.

    `consensus_coverage` (percent) and `consensus_size` (labels) are those of the first labeling step, None for others.
    `assignees` are the ids of those who may work on it; None leaves them as they are, which is everybody for a new step.
    `group_id` is None in workflows without groups.
    """

    id: str
    name: str
    is_review: bool
    coverage: int | None = None
    consensus_coverage: int | None = None
    consensus_size: int | None = None
    use_honeypot: bool = False
    send_back_step_id: str | None = None
    assignees: tuple[str, ...] | None = None
    group_id: str | None = None


def changed_steps(
    steps: Sequence[StepSettings],
    *,
    creates: Sequence[tuple[str, Mapping[str, Any]]],
    updates: Sequence[Mapping[str, Any]],
    deletes: Sequence[str],
    groups: Mapping[str, str] | None = None,
) -> tuple[StepSettings, ...]:
    """The steps after a change, in order: labeling steps first. `creates` come with the ids chosen for them.

    `groups` are the names of the groups of steps by id, in order; steps stand in the order of their groups first, and a new one
    that names no group belongs to the last.
    """
    known_groups = groups or {}
    known = {step.id for step in steps}
    named = [*(update.get("id") for update in updates), *deletes]
    for identifier in named:
        if identifier not in known:
            raise NotFound(f"[notFound] The project has no step {identifier!r}.", stepId=identifier)
    changes = {update["id"]: update for update in updates}
    if len(changes) < len(updates) or changes.keys() & set(deletes):
        raise BadUserInput("Name each step once: it is either updated or deleted.", field="steps")
    kept = [_changed(step, changes.get(step.id, {}), known_groups) for step in steps if step.id not in deletes]
    created = [_created(identifier, data, known_groups) for identifier, data in creates]
    order = list(known_groups)
    orders = {identifier: data["order"] for identifier, data in [*changes.items(), *creates] if "order" in data}
    listed = list(enumerate([*kept, *created]))
    listed.sort(
        key=lambda entry: (
            order.index(entry[1].group_id) if entry[1].group_id is not None else 0,
            entry[1].is_review,
            orders.get(entry[1].id, entry[0]),
            entry[0],
        )
    )
    gone = set(deletes)
    ordered = [without_target(step, gone) for _, step in listed]
    with_consensus = {identifier for identifier, data in [*changes.items(), *creates] if not CONSENSUS.isdisjoint(data)}
    return check_steps(
        [
            step if index == 0 or step.id in with_consensus else _without_consensus(step)
            for index, step in enumerate(ordered)
        ],
        known_groups,
    )


def check_steps(steps: Sequence[StepSettings], groups: Mapping[str, str] | None = None) -> tuple[StepSettings, ...]:
    """The steps, if a project with these groups can have them."""
    if not steps or steps[0].is_review:
        raise BadUserInput("A project keeps at least one labeling step.", field="steps")
    if len(steps) > MAX_STEPS:
        raise BadUserInput(f"A project has at most {MAX_STEPS} steps, not {len(steps)}.", limit=MAX_STEPS)
    for group_id, group_name in (groups or {}).items():
        if not any(step.group_id == group_id and not step.is_review for step in steps):
            raise BadUserInput(
                f"Group {group_name!r} keeps at least one labeling step; `labelyard step-group delete` deletes the group.",
                field="steps",
            )
    names = [(step.group_id, step.name) for step in steps]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        where = f" of group {groups[twice[0]]!r}" if groups and twice[0] is not None else ""
        raise BadUserInput(
            f"Two steps{where} cannot both be named {twice[1]!r}; give each step a name of its own.", field="name"
        )
    with_honeypot = [step.name for step in steps if step.use_honeypot]
    if len(with_honeypot) > 1:
        raise BadUserInput(
            f"Only one step of a project uses honeypots, not {' and '.join(with_honeypot)}; turn it off in the others.",
            field="useHoneypot",
        )
    for index, step in enumerate(steps):
        _check_position(step, steps[:index])
    return tuple(steps)


def step_before(steps: Sequence[StepSettings], removed: str, gone: frozenset[str]) -> StepSettings | None:
    """The last step ahead of a removed one that is not removed too."""
    position = next(index for index, step in enumerate(steps) if step.id == removed)
    return next((step for step in reversed(steps[:position]) if step.id not in gone), None)


def _check_position(step: StepSettings, earlier: Sequence[StepSettings]) -> None:
    """What a step may be given where it stands."""
    if step.send_back_step_id is not None and step.send_back_step_id not in {other.id for other in earlier}:
        raise BadUserInput(
            f"Step {step.name!r} sends back to a step of the project that comes before it, not to {step.send_back_step_id!r}.",
            field="sendBackStepId",
        )
    if (step.consensus_coverage is not None or step.consensus_size is not None) and (step.is_review or earlier):
        raise BadUserInput(
            f"Consensus is set on the first labeling step, not on step {step.name!r}.", field="consensusCoverage"
        )
    if step.is_review:
        return
    if step.coverage is not None or step.send_back_step_id is not None:
        field = "stepCoverage" if step.coverage is not None else "sendBackStepId"
        raise BadUserInput(f"{field} is for review steps; {step.name!r} is a labeling step.", field=field)


def _created(identifier: str, data: Mapping[str, Any], groups: Mapping[str, str]) -> StepSettings:
    for key in ("name", "type"):
        if key not in data:
            raise BadUserInput(f"A new step needs a {key}.", field=key)
    is_review = str(data["type"]) == "REVIEW"
    group_id = data.get("stepGroupId") or (list(groups)[-1] if groups else None)
    blank = StepSettings(identifier, "", is_review=is_review, coverage=0 if is_review else None, group_id=group_id)
    return _changed(blank, data, groups)


def _changed(step: StepSettings, data: Mapping[str, Any], groups: Mapping[str, str]) -> StepSettings:
    if data.get("stepGroupId") is not None:
        _check_group(step, data["stepGroupId"], groups)
    if "type" in data and (str(data["type"]) == "REVIEW") != step.is_review:
        kind = "review" if step.is_review else "labeling"
        raise BadUserInput(f"Step {step.name!r} is a {kind} step, and its type cannot change.", field="type")
    values: dict[str, Any] = {}
    if "name" in data:
        values["name"] = within(data["name"], name="The name of a step", limit=MAX_NAME, least=1)
    if "assignees" in data:
        values["assignees"] = tuple(dict.fromkeys(str(user) for user in data["assignees"]))
        if not values["assignees"]:
            raise BadUserInput(f"Step {data.get('name', step.name)!r} keeps at least one assignee.", field="assignees")
    if "useHoneypot" in data:
        values["use_honeypot"] = bool(data["useHoneypot"])
    if "sendBackStepId" in data:
        values["send_back_step_id"] = data["sendBackStepId"]
    for key, name in (
        ("stepCoverage", "coverage"),
        ("consensusCoverage", "consensus_coverage"),
        ("numberOfExpectedLabelsForConsensus", "consensus_size"),
    ):
        if data.get(key) is not None:
            values[name] = int(in_range(data[key], key))
        elif key in data and getattr(step, name) is not None:
            values[name] = int(RANGES[key].least)
    return replace(step, **values)


def _check_group(step: StepSettings, group_id: str, groups: Mapping[str, str]) -> None:
    """A step is in a group of the project, and stays in it."""
    if not groups:
        raise BadUserInput(
            "The workflow of this project has no groups of steps; leave stepGroupId out.", field="stepGroupId"
        )
    if group_id not in groups:
        raise NotFound(
            f"[notFound] The project has no group of steps {group_id!r}; its stepGroups list them.",
            stepGroupId=group_id,
        )
    if group_id != step.group_id:
        raise BadUserInput(
            f"Step {step.name!r} stays in its group; create a step in the other group instead.", field="stepGroupId"
        )


def _without_consensus(step: StepSettings) -> StepSettings:
    return replace(step, consensus_coverage=None, consensus_size=None)


def without_target(step: StepSettings, gone: set[str]) -> StepSettings:
    """The step, sending back to the step before it if the step it names is gone."""
    return replace(step, send_back_step_id=None) if step.send_back_step_id in gone else step
