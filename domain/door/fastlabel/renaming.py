"""Giving a category another key in answers that are stored."""

from __future__ import annotations

from typing import Any


def renamed(root: Any, job: str, before: str, after: str) -> Any:
    """An answer in which a category of a job has another key, wherever the job is answered; all else as it was."""
    if isinstance(root, list):
        return [renamed(item, job, before, after) for item in root]
    if not isinstance(root, dict):
        return root
    return {
        key: _in_answer(value, job, before, after) if key == job else renamed(value, job, before, after)
        for key, value in root.items()
    }


def _in_answer(answer: Any, job: str, before: str, after: str) -> Any:
    if not isinstance(answer, dict):
        return answer
    changed = renamed(answer, job, before, after)
    _rename(changed, before, after)
    annotations = changed.get("annotations")
    for annotation in annotations if isinstance(annotations, list) else ():
        if isinstance(annotation, dict):
            _rename(annotation, before, after)
    return changed


def _rename(holder: dict[str, Any], before: str, after: str) -> None:
    categories = holder.get("categories")
    for category in categories if isinstance(categories, list) else ():
        if isinstance(category, dict) and category.get("name") == before:
            category["name"] = after
