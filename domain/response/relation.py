"""Relations: links between annotations of the same label."""

from __future__ import annotations

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.interface.vocabulary import MlTask
from labelyard.domain.response.annotations import check_annotations, require_category
from labelyard.domain.response.category import Chosen
from labelyard.domain.response.validation_state import Answer, End, ValidationState, kind_of

_ANY = "ANY"


def check_relations(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Check the relations of a job; their ends are looked up once all annotations are known."""
    return check_annotations(state, job, answer, path, is_key, _check_relation)


def _check_relation(
    state: ValidationState, job: Job, annotation: Answer, path: Path, chosen: Chosen, is_key: bool
) -> bool:
    del is_key
    require_category(state, chosen, path)
    suffix = "Entities" if job.ml_task is MlTask.NAMED_ENTITIES_RELATION else "Objects"
    categories = [job.categories[key] for key in chosen.keys]
    starts = _allowed([category.starts for category in categories])
    ends = _allowed([category.ends for category in categories])
    _check_ends(state, annotation, path, f"start{suffix}", starts)
    _check_ends(state, annotation, path, f"end{suffix}", ends)
    return False


def _allowed(lists: list[tuple[str, ...] | None]) -> frozenset[str] | None:
    """Return the categories that may stand at an end, None for all; several categories allow what any of them does."""
    if not lists or any(not listed or _ANY in listed for listed in lists):
        return None
    return frozenset(key for listed in lists for key in listed or ())


def _check_ends(
    state: ValidationState, annotation: Answer, path: Path, key: str, allowed: frozenset[str] | None
) -> None:
    location = (path, key)
    ends = annotation.get(key)
    if type(ends) is not list:
        state.report("RELATION_ENDS", location, f'must be a list of {{"mid": "…"}}, not {kind_of(ends)}')
        return
    if not ends:
        state.report("RELATION_EMPTY", location, "must name at least one annotation")
    for index, end in enumerate(ends):
        mid = end.get("mid") if type(end) is dict else None
        if type(end) is not dict:
            state.report("RELATION_ENDS", (location, index), f'must be {{"mid": "…"}}, not {kind_of(end)}')
        elif type(mid) is not str:
            state.report("RELATION_ENDS", ((location, index), "mid"), f"must be a text, not {kind_of(mid)}")
        else:
            state.link(End(mid, ((location, index), "mid"), allowed))
