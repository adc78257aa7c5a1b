"""Between rows and the pure rules of the workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from labelyard.domain.error import BadUserInput
from labelyard.domain.workflow import SUBMITTED, AssetState, LabelHistory, LabelType, Status, Step, StepStatus, Workflow
from labelyard.storage.database import Row

KNOWN_WORKFLOWS: Final = 256


@dataclass(frozen=True, slots=True)
class StepKind:
    """A step that a batch of labels names, by id or by name."""

    id: str | None = None
    name: str | None = None


def workflow_of(row: Row) -> Workflow:
    """The workflow settings of a project row with its `steps` as `id:type:coverage:group`."""
    return _known_workflow(tuple(row["steps"]), row["min_consensus_size"], row["review_coverage"])


@lru_cache(maxsize=KNOWN_WORKFLOWS)
def _known_workflow(texts: tuple[str, ...], min_consensus_size: int, review_coverage: int) -> Workflow:
    """The workflow that settings make: every label asks for that of its project."""
    steps = []
    for text in texts:
        identifier, step_type, coverage, group_id = text.rsplit(":", 3)
        steps.append((identifier, step_type == "REVIEW", int(coverage), None, group_id or None))
    return _workflow({"min_consensus_size": min_consensus_size, "review_coverage": review_coverage}, steps)


def workflow_with_steps(settings: Row, rows: Sequence[Row]) -> Workflow:
    """The workflow of a project from its settings and the rows of its steps, which stand in the order of their groups."""
    steps = [
        (row["id"], row["type"] == "REVIEW", row["step_coverage"] or 0, row["send_back_step_id"], row["step_group_id"])
        for row in rows
    ]
    return _workflow(settings, steps)


def _workflow(settings: Row | Mapping[str, int], steps: Sequence[tuple[Any, ...]]) -> Workflow:
    """From the fields of `Step` in order, with the id of the group instead of its order."""
    groups = _group_orders(fields[-1] for fields in steps)
    return Workflow(
        tuple(
            Step(step_id, is_review, coverage, target, groups[group_id])
            for step_id, is_review, coverage, target, group_id in steps
        ),
        settings["min_consensus_size"],
        settings["review_coverage"],
    )


def histories_of(settings: Row, rows: Sequence[Row]) -> dict[str, dict[int, LabelHistory]]:
    """The histories of labels, by asset and order of the group.

    `rows` are those of `storage.label.label_histories`, `settings` as for `workflow_of`. Labels of steps that are gone, or of none,
    count for the first group.
    """
    groups = _group_orders(text.rsplit(":", 1)[1] or None for text in settings["steps"])
    of_assets: dict[str, dict[int, list[Row]]] = {}
    for row in rows:
        of_assets.setdefault(row["id"], {}).setdefault(groups.get(row["step_group_id"], 0), []).append(row)
    histories: dict[str, dict[int, LabelHistory]] = {}
    for asset_id, of_groups in of_assets.items():
        every = [row for parts in of_groups.values() for row in parts]
        has_draft = any(row["has_draft"] for row in every)
        sent_back_to = groups.get(every[0]["sent_back_group_id"], 0) if every[0]["was_sent_back"] else None
        histories[asset_id] = {
            group_order: _history(
                of_groups.get(group_order, ()),
                has_draft=has_draft,
                was_sent_back=group_order == sent_back_to,
                sent_back_step_id=every[0]["sent_back_step_id"] if group_order == sent_back_to else None,
            )
            for group_order in {0, *groups.values()}
        }
    return histories


def _history(
    rows: Iterable[Row], *, has_draft: bool, was_sent_back: bool, sent_back_step_id: str | None
) -> LabelHistory:
    parts = list(rows)
    return LabelHistory(
        reviewed_since_send_back=frozenset(step for row in parts for step in row["reviewed_since_send_back"]),
        labelers_since_send_back=len({author for row in parts for author in row["labelers_since_send_back"]}),
        has_submitted_or_draft=has_draft or any(row["has_submitted"] for row in parts),
        has_default=any(row["has_default"] for row in parts),
        was_sent_back=was_sent_back,
        sent_back_step_id=sent_back_step_id,
    )


def _group_orders(group_ids: Iterable[str | None]) -> dict[str | None, int]:
    return {group_id: group_order for group_order, group_id in enumerate(dict.fromkeys(group_ids))}


def state_of(row: Row) -> AssetState:
    """The state of an asset row."""
    return AssetState(
        asset_id=row["id"],
        status=Status(row["status"]),
        skipped=row["skipped"],
        step_id=row["current_step_id"],
        step_status=StepStatus(row["step_status"]) if row["step_status"] else None,
        is_to_review=row["is_to_review"],
        is_used_for_consensus=row["is_used_for_consensus"],
    )


def moved_values(states: Sequence[AssetState]) -> dict[str, Any]:
    """The parameters of a statement that writes states."""
    return {
        "moved_ids": [state.asset_id for state in states],
        "moved_statuses": [state.status.value for state in states],
        "moved_skipped": [state.skipped for state in states],
        "moved_steps": [state.step_id for state in states],
        "moved_step_statuses": [state.step_status.value if state.step_status else None for state in states],
        "moved_to_review": [state.is_to_review for state in states],
    }


def step_of(state: AssetState, label_type: LabelType, workflow: Workflow, wanted: StepKind | None) -> str | None:
    """The step a label is made in: the one named, else the asset's own if it fits the type, else one of its group.

    That is the first labeling step of the group, or the first review step behind the asset's; a group without reviews has none.
    DEFAULT labels belong to labeling steps and REVIEW labels to review steps; what models make belongs to none.
    """
    if label_type not in SUBMITTED or not workflow.steps:
        return None
    is_review = label_type is LabelType.REVIEW
    if wanted is not None and wanted.id is not None:
        step = workflow.step(wanted.id)
        if step is None or step.is_review != is_review:
            kind = "a review step" if is_review else "a labeling step"
            raise BadUserInput(f"Step {wanted.id!r} is not {kind} of the project.", stepId=wanted.id)
        return step.id
    current = workflow.step(state.step_id) or workflow.steps[0]
    if current.is_review == is_review:
        return current.id
    fitting = workflow.review_steps_after(current) if is_review else workflow.in_group(current.group)
    return fitting[0].id if fitting else None
