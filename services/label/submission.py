"""Labels as clients send them, and as they are once they have been checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.domain.response import CheckedResponse
from labelyard.domain.workflow import LabelType
from labelyard.services.workflow.state import StepKind
from labelyard.storage.database import Row


@dataclass(frozen=True, slots=True)
class NewLabel:
    """A label as a client sends it."""

    asset_id: str
    json_response: str
    author_id: str | None = None
    model_name: str | None = None
    seconds_to_label: float | None = None
    client_version: int | None = None
    referenced_label_id: str | None = None
    id: str | None = None
    """The id that the label is to have, where a repeated submission must be recognised by it."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Labels of one type for assets of one project."""

    labels: Sequence[NewLabel]
    label_type: LabelType
    overwrite: bool = False
    step: StepKind | None = None
    skipped: bool = False
    is_honeypot: bool = False


@dataclass(slots=True)
class CheckedSubmission:
    """A submission whose labels have been checked; `services.label.append` writes it.

    `assets` are the rows it was checked against. `joining` says that an administrator of the organization labels in a project
    for the first time, and becomes a member of it.
    """

    actor: Actor
    submission: Submission
    project_id: str
    interface_version: int
    assets: Mapping[str, Row]
    ids: list[str]
    answers: list[CheckedResponse]
    authors: list[str]
    joining: bool
    files: list[tuple[str, str]]
    """The files that assets are to hold, as (asset id, file id)."""

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What is odd in the labels and was stored all the same."""
        return [
            {**problem.as_context(), "labelIndex": index, "assetId": self.submission.labels[index].asset_id}
            for index, answer in enumerate(self.answers)
            for problem in answer.warnings
        ]
