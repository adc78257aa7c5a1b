"""Words for the state of a task, of which there are more than states of an asset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.workflow import Status

WORDS: Final = (
    "registered",
    "pending",
    "completed",
    "skipped",
    "reviewed",
    "approved",
    "sent_back",
    "declined",
    "customer_declined",
)
EXTERNAL_WORDS: Final = (*WORDS, "in_progress", "delivered", "not_started")
CUSTOM_WORDS: Final = (
    "registered",
    "pending",
    *(f"workflow_{number}_{word}" for number in range(1, 7) for word in ("completed", "declined")),
)
LABELED: Final = frozenset(
    {"completed", "reviewed", "approved", "skipped", "sent_back", "declined", "customer_declined"}
)
"""Words of tasks that people have worked on: what is annotated with them is a person's label, and a prediction before that."""
SENT_BACK: Final = frozenset({"sent_back", "declined", "customer_declined"})


@dataclass(frozen=True, slots=True)
class KeptWord:
    """The word that a status was written with, and the state of the asset right after; it holds as long as that is the same."""

    word: str
    status: str
    skipped: bool
    label_id: str | None

    @property
    def record(self) -> dict[str, Any]:
        """As it is kept with the asset."""
        return {"word": self.word, "status": self.status, "skipped": self.skipped, "label": self.label_id}


def target_of(word: str, *, has_three_steps: bool) -> Status:
    """The state of an asset that a word asks for."""
    match word:
        case "registered" | "pending":
            return Status.TODO
        case "reviewed" if has_three_steps:
            return Status.TO_REVIEW
        case "reviewed" | "approved":
            return Status.REVIEWED
        case "completed":
            return Status.LABELED
        case _:
            return Status.ONGOING
