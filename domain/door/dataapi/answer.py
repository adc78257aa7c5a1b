"""The answers to the output fields, read from the answer of a label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from labelyard.domain.interface.model import Job
from labelyard.domain.text import plain_cell


def answers_of(jobs: Iterable[Job], response: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each field that was answered: a text, the value of an option, or a list of them."""
    found = {job.name: _answer(job, response.get(job.name)) for job in jobs}
    return {name: value for name, value in found.items() if value}


def _answer(job: Job, answer: Any) -> Any:
    if not isinstance(answer, dict):
        return None
    if job.is_transcribing:
        text = answer.get("text")
        return text if isinstance(text, str) else None
    listed = answer.get("categories")
    chosen = [item.get("name") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    known = [name for name in chosen if name in job.categories]
    if job.takes_one_category:
        return known[0] if known else None
    return known


def cell_of(value: Any) -> str:
    """A value in one cell of a table: several options with semicolons between. A spreadsheet takes none for a formula."""
    return plain_cell(";".join(value) if isinstance(value, list) else str(value))
