"""Between rows and the pure rules of the workflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.error import BadUserInput
from domain.workflow import SUBMITTED, AssetState, LabelType, Status, Step, StepStatus, Workflow
from storage.database import Row


@dataclass(frozen=True, slots=True)
class StepKind:
    """A step that a batch of labels names, by id or by name."""

    id: str | None = None
    name: str | None = None


def workflow_of(row: Row) -> Workflow:
    """The workflow settings of a project row with its `steps` as `id:type:coverage`."""
    steps = []
    for text in row["steps"]:
        identifier, step_type, coverage = text.rsplit(":", 2)
        steps.append(Step(identifier, step_type == "REVIEW", int(coverage)))
    return Workflow(tuple(steps), row["min_consensus_size"], row["review_coverage"])


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
    """The step a label is made in: the one named, else the asset's own if it fits the type, else the first that does.

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
    current = workflow.step(state.step_id)
    if current is not None and current.is_review == is_review:
        return current.id
    fitting = next((step for step in workflow.steps if step.is_review == is_review), None)
    return fitting.id if fitting is not None else None
