"""An asset on its way through the steps, with a plain memory of its labels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from labelyard.domain.workflow import LabelHistory, LabelType, Step, Workflow, after_label, first_state, recomputed
from labelyard.domain.workflow_action import sent_back


class Made(NamedTuple):
    """A label as the journey remembers it; `step` is None for a review where nobody reviews."""

    author: str
    label_type: LabelType
    step: Step | None
    moment: int

    @property
    def group(self) -> int:
        return self.step.group if self.step is not None else 0


class Journey:
    """An asset on its way, with all its labels."""

    def __init__(self, workflow: Workflow, *, is_used_for_consensus: bool = False) -> None:
        self.workflow = workflow
        self.state = replace(first_state("a", workflow), is_used_for_consensus=is_used_for_consensus)
        self.labels: list[Made] = []
        self.now = 0
        self.sent_back_at = 0
        self.sent_back_to: Step | None = None

    @property
    def place(self) -> tuple[str | None, str, str]:
        """Step, status in it, and status."""
        assert self.state.step_status is not None
        return self.state.step_id, self.state.step_status.value, self.state.status.value

    @property
    def step(self) -> Step:
        """Where the asset is."""
        found = self.workflow.step(self.state.step_id)
        assert found is not None
        return found

    def step_of(self, label_type: LabelType) -> Step | None:
        """Where a label of a type is made that names no step."""
        if self.step.is_review == (label_type is LabelType.REVIEW):
            return self.step
        if label_type is LabelType.REVIEW:
            return next(iter(self.workflow.review_steps_after(self.step)), None)
        return self.workflow.in_group(self.step.group)[0]

    def label(self, author: str, label_type: LabelType, step_id: str | None = None) -> None:
        """Submit a label."""
        step = self.workflow.step(step_id) if step_id is not None else self.step_of(label_type)
        self.now += 1
        self.labels.append(Made(author, label_type, step, self.now))
        self.state = after_label(
            self.state,
            label_type,
            self.workflow,
            labelers=self.histories()[0].labelers_since_send_back,
            in_step=step.id if step else None,
        )

    def send_back(self) -> None:
        """Send the asset back, if that is possible."""
        after = sent_back(self.state, self.workflow)
        if after is not None:
            self.state = after
            self.now += 1
            self.sent_back_at, self.sent_back_to = self.now, self.step

    def delete(self, places: Collection[int]) -> None:
        """Delete labels by their places."""
        self.labels = [label for place, label in enumerate(self.labels) if place not in places]
        self.recompute()

    def recompute(self) -> None:
        """Take the state that the labels justify."""
        self.state = recomputed(self.state, self.histories(), self.workflow)

    def histories(self) -> dict[int, LabelHistory]:
        """Plainly, what the labels say of each group."""
        histories = {}
        back_to = self.sent_back_to.group if self.sent_back_to is not None else None
        for group in self.workflow.groups:
            own = [label for label in self.labels if label.group == group]
            since = [label for label in own if back_to is None or group < back_to or label.moment > self.sent_back_at]
            counted = since if back_to is not None and group > back_to else own
            reviews = [label for label in since if label.label_type is LabelType.REVIEW]
            histories[group] = LabelHistory(
                reviewed_since_send_back=frozenset(label.step.id if label.step else "" for label in reviews),
                labelers_since_send_back=len(
                    {label.author for label in since if label.label_type is LabelType.DEFAULT}
                ),
                has_submitted_or_draft=bool(counted),
                has_default=any(label.label_type is LabelType.DEFAULT for label in own),
                was_sent_back=group == back_to,
            )
        return histories
