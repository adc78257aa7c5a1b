"""Answers that choose among categories."""

from __future__ import annotations

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.response.category import check_categories
from labelyard.domain.response.children import check_openings
from labelyard.domain.response.reading import Answer, Reading


def check_classification(reading: Reading, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Check `categories`; nested answers stand in each category or, in older labels, beside the list."""
    chosen = check_categories(reading, job, answer.get("categories"), (path, "categories"))
    check_openings(reading, job, chosen, answer.get("children"), (path, "children"), is_key, at_extra=False)
    if not chosen.length:
        return False
    reading.count_choice(job, chosen.keys, is_key)
    return True
