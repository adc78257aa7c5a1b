"""Labels of conversations: answers merged by job, or sorted by level and chat item."""

from __future__ import annotations

from typing import Any

from labelyard.domain.document import ROOT, Path
from labelyard.domain.interface.vocabulary import Level, MlTask
from labelyard.domain.number import whole_number
from labelyard.domain.response.comparison import check_chat_item
from labelyard.domain.response.roots import check_root, check_roots
from labelyard.domain.response.validation_state import Answer, ValidationState, kind_of


def check_conversation(state: ValidationState, root: Answer) -> None:
    """Check the label of a conversation in either form."""
    levels = {key for key in root if key in set(Level) and key not in state.jobs}
    check_roots(state, {key: value for key, value in root.items() if key not in levels}, ROOT)
    for key, value in root.items():
        if key not in levels or value is None:
            continue
        path: Path = (ROOT, key)
        if type(value) is not dict:
            state.report("WRONG_SHAPE", path, f"must be an object of job to answers, not {kind_of(value)}")
        else:
            _check_level(state, Level(key), value, path)
    state.check_links()


def _check_level(state: ValidationState, level: Level, answers: Answer, path: Path) -> None:
    for name, answer in answers.items():
        location = (path, name)
        if answer is None:
            continue
        if level is Level.CONVERSATION or name not in state.jobs:
            check_root(state, name, _as_stored(state, name, answer), location)
        elif type(answer) is not dict:
            state.report("WRONG_SHAPE", location, f"must be an object of chat item to answer, not {kind_of(answer)}")
        else:
            for chat_item, value in answer.items():
                if level is Level.COMPLETION or not _is_round(state, chat_item):
                    check_chat_item(state, chat_item, (location, chat_item))
                if value is not None:
                    check_root(state, name, _as_stored(state, name, value), (location, chat_item))


def _is_round(state: ValidationState, key: str) -> bool:
    """Whether a key counts a round, from 0; a round may be named by its message as well."""
    if state.asset.chat_items is None or state.asset.rounds is None:
        return True
    number = whole_number(key)
    return number is not None and number < state.asset.rounds


def _as_stored(state: ValidationState, name: str, answer: Any) -> Any:
    """Return the answer as the merged form writes it: here the choice of a comparison stands bare."""
    job = state.jobs.get(name)
    if job is not None and job.ml_task is MlTask.COMPARISON and type(answer) is dict and "code" in answer:
        return {"choice": answer}
    return answer
