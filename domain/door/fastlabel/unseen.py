"""What this door does not show of a label, it does not change."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from labelyard.domain.door.fastlabel.annotation_class import Ontology
from labelyard.domain.door.fastlabel.annotation_read import annotations_of, class_of_annotation
from labelyard.domain.door.fastlabel.file import File
from labelyard.domain.interface.vocabulary import ASSET_LEVEL

Root = dict[str, Any]


def without_shown(root: Any, ontology: Ontology, file: File, *, only_whole_file: bool) -> Root:
    """What is left of a label when all that this door shows of it is taken away.

    `only_whole_file` is for families whose tasks show attributes alone.
    """
    if not isinstance(root, dict):
        return {}
    shown = frozenset[str]() if only_whole_file else ontology.shown_jobs - ontology.whole_file_jobs
    whole = ontology.whole_file_jobs
    if not file.is_video:
        return _hidden(root, ontology, shown, whole)
    if not any(key == ASSET_LEVEL or key.isdecimal() for key in root):
        root = {ASSET_LEVEL: root}
    nothing = frozenset[str]()
    hidden: Root = {}
    for key, answers in root.items():
        # Answers about one frame are not about the whole file.
        jobs = (nothing, whole) if key == ASSET_LEVEL else (shown, nothing)
        hidden[key] = _hidden(answers, ontology, *jobs) if isinstance(answers, dict) else answers
    return {key: answers for key, answers in hidden.items() if answers}


def _hidden(answers: Root, ontology: Ontology, shown: Set[str], whole: Set[str]) -> Root:
    hidden: Root = {}
    for job, answer in answers.items():
        if job in shown:
            kept = [one for one in annotations_of(answer) if class_of_annotation(one, job, ontology) is None]
            if kept:
                hidden[job] = {**answer, "annotations": kept}
        elif job not in whole:
            hidden[job] = answer
    return hidden


def joined(hidden: Root, written: Root) -> Root:
    """A label of what was hidden and what was written."""
    both = dict(hidden)
    for key, value in written.items():
        before = both.get(key)
        if not isinstance(before, dict):
            both[key] = value
        elif "annotations" in before and "annotations" in value:
            both[key] = {**before, "annotations": [*before["annotations"], *value["annotations"]]}
        else:
            both[key] = joined(before, value)
    return both
