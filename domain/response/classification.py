"""Answers that choose among categories."""

from __future__ import annotations

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.response.category import check_categories
from labelyard.domain.response.children import check_openings
from labelyard.domain.response.validation_state import Answer, ValidationState


def check_classification(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Check `categories`; nested answers stand in each category or, in older labels, beside the list."""
    chosen = check_categories(state, job, answer.get("categories"), (path, "categories"))
    check_openings(state, job, chosen, answer.get("children"), (path, "children"), is_key, at_extra=False)
    if not chosen.length:
        return False
    state.count_choice(job, chosen.keys, is_key)
    return True
