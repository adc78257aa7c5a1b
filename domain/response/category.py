"""Category answers: the list every classification and every annotation carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.response.validation_state import ValidationState, kind_of


@dataclass(slots=True)
class Chosen:
    """The categories of one answer; keys of the interface, with the location of each and what is nested inside."""

    keys: list[str] = field(default_factory=list)
    locations: list[Path] = field(default_factory=list)
    nested: list[tuple[Path, Any]] = field(default_factory=list)
    length: int = 0
    """Entries of the list, understood or not."""

    def opened(self, job: Job) -> frozenset[str] | None:
        """Return the jobs the categories open; None (no say) when some category was not understood."""
        if len(self.keys) < self.length:
            return None
        return frozenset(child for key in self.keys for child in job.categories[key].children)


def check_categories(state: ValidationState, job: Job, raw: Any, path: Path) -> Chosen:
    """Check a `categories` list; what is nested in it is left to `check_openings`."""
    chosen = Chosen()
    if raw is None:
        return chosen
    if type(raw) is not list:
        state.report("WRONG_SHAPE", path, f'"categories" must be a list, not {kind_of(raw)}')
        return chosen
    chosen.length = len(raw)
    for index, item in enumerate(raw):
        _check_category(state, job, item, (path, index), chosen)
    # Answers of several chat items are merged under one job: repetitions are no mistake there.
    if len(raw) > 1 and job.takes_one_category and not state.is_llm:
        state.report("TOO_MANY_CATEGORIES", path, f"{len(raw)} categories in a job that takes one")
    return chosen


def _check_category(state: ValidationState, job: Job, item: Any, location: Path, chosen: Chosen) -> None:
    if type(item) is dict:
        name: Any = item.get("name")
        name_path: Path = (location, "name")
        _check_confidence(state, item, location)
        if item.get("children") is not None:
            chosen.nested.append((location, item["children"]))
    elif type(item) is str and state.is_llm:
        name, name_path = item, location
    else:
        state.report("CATEGORY_NAME", location, f'a category is written {{"name": "KEY"}}, not as {kind_of(item)}')
        return
    if type(name) is not str:
        state.report("CATEGORY_NAME", name_path, f"the name of a category must be a text, not {kind_of(name)}")
        return
    key = key_of(job, name, is_llm=state.is_llm)
    if key is None:
        state.report("UNKNOWN_CATEGORY", name_path, f'the job "{job.name}" has no category "{name}"{_hint(job, name)}')
        return
    if key in chosen.keys and not state.is_llm:
        state.report("DUPLICATE_CATEGORY", name_path, f'the category "{key}" is chosen twice')
    chosen.keys.append(key)
    chosen.locations.append(location)


def key_of(job: Job, name: str, *, is_llm: bool) -> str | None:
    """Return the category key a response quotes; conversations may quote the shown name instead."""
    if name in job.categories:
        return name
    if is_llm:
        return next((key for key, category in job.categories.items() if category.name == name), None)
    return None


def _hint(job: Job, name: str) -> str:
    for key, category in job.categories.items():
        if category.name == name:
            return f'; its key is "{key}"'
    return ""


def _check_confidence(state: ValidationState, item: dict[str, Any], location: Path) -> None:
    if "confidence" not in item:
        return
    confidence = item["confidence"]
    if confidence is None:
        # Older clients cannot read a null here.
        state.null_confidences.append(item)
    elif type(confidence) not in (int, float):
        state.report("CONFIDENCE", (location, "confidence"), f"must be a number, not {kind_of(confidence)}")
