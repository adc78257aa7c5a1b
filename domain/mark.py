"""The quality marks of an asset and its labels, from its current labels."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from labelyard.domain.agreement import Consensus, LabelAnswers, agreement, consensus
from labelyard.domain.mark_part import ALL_PARTS, MarkPart
from labelyard.domain.workflow import SUBMITTED, LabelType

# Drafts and predictions are compared with nothing.
MARKED = frozenset({LabelType.DEFAULT, LabelType.REVIEW, LabelType.INFERENCE})


@dataclass(frozen=True, slots=True)
class MarkedLabel:
    """What marks need of a label; `is_gold` says that it was submitted as the right answer and reviewed nothing.

    `is_of_later_group` says that it was made behind the first group of steps, which alone has consensus and honeypots.
    """

    id: str
    author_id: str
    label_type: LabelType
    is_gold: bool
    answers: LabelAnswers
    is_of_later_group: bool = False


@dataclass(frozen=True, slots=True)
class LabelMarks:
    """The marks of one label; None is not computed. `asset_consensus` is the asset's, on the latest answer of each labeler."""

    consensus: float | None = None
    asset_consensus: float | None = None
    honeypot: float | None = None
    inference: float | None = None
    review: float | None = None


@dataclass(frozen=True, slots=True)
class AssetMarks:
    """The marks of an asset, and those of its labels by id."""

    consensus: Consensus | None
    honeypot: float | None
    inference: float | None
    labels: Mapping[str, LabelMarks]


# The labels that a part needs to see.
TYPES_OF_PART: Mapping[MarkPart, frozenset[LabelType]] = {
    MarkPart.CONSENSUS: frozenset({LabelType.DEFAULT}),
    MarkPart.HONEYPOT: frozenset({LabelType.DEFAULT, LabelType.REVIEW}),
    MarkPart.INFERENCE: MARKED,
    MarkPart.REVIEW: frozenset({LabelType.DEFAULT, LabelType.REVIEW}),
}


def marks_of(
    labels: Sequence[MarkedLabel],
    *,
    is_used_for_consensus: bool,
    is_honeypot: bool,
    parts: Collection[MarkPart] = ALL_PARTS,
) -> AssetMarks:
    """The marks of an asset whose labels are given in their order; those of parts that are left out are None."""
    is_used_for_consensus = is_used_for_consensus and MarkPart.CONSENSUS in parts
    is_honeypot = is_honeypot and MarkPart.HONEYPOT in parts
    defaults = [label for label in labels if label.label_type is LabelType.DEFAULT and not label.is_of_later_group]
    latest_defaults = _latest_by_author(defaults)
    agreed = consensus([label.answers for label in latest_defaults.values()]) if is_used_for_consensus else None
    consensus_marks = _consensus_marks(defaults, latest_defaults) if is_used_for_consensus else {}
    honeypot_marks = _honeypot_marks(labels, defaults) if is_honeypot else {}
    inference_marks, inference = _inference_marks(labels) if MarkPart.INFERENCE in parts else ({}, None)
    review_scores = _review_scores(labels) if MarkPart.REVIEW in parts else {}
    counted = {label.id for label in latest_defaults.values()}
    return AssetMarks(
        consensus=agreed,
        honeypot=_mean([honeypot_marks.get(label.id) for label in latest_defaults.values()]),
        inference=inference,
        labels={
            label.id: LabelMarks(
                consensus=consensus_marks.get(label.id),
                asset_consensus=agreed.mark if agreed is not None and label.id in counted else None,
                honeypot=honeypot_marks.get(label.id),
                inference=inference_marks.get(label.id),
                review=review_scores.get(label.id),
            )
            for label in labels
        },
    )


def _consensus_marks(defaults: Sequence[MarkedLabel], latest: Mapping[str, MarkedLabel]) -> dict[str, float | None]:
    """Of each label the mean agreement with the latest label of each other labeler."""
    return {
        label.id: _mean(
            [agreement(label.answers, other.answers) for author, other in latest.items() if author != label.author_id]
        )
        for label in defaults
    }


def _honeypot_marks(labels: Sequence[MarkedLabel], defaults: Sequence[MarkedLabel]) -> dict[str, float | None]:
    """Of each label its agreement with the gold, which is the newest review."""
    gold = _newest(labels, LabelType.REVIEW)
    return {label.id: agreement(label.answers, gold.answers) for label in defaults} if gold is not None else {}


def _inference_marks(labels: Sequence[MarkedLabel]) -> tuple[dict[str, float | None], float | None]:
    """Of each human label its agreement with the newest inference, which itself has the mark of the asset."""
    inference = _newest(labels, LabelType.INFERENCE)
    if inference is None:
        return {}, None
    people = [label for label in labels if label.label_type in SUBMITTED]
    marks = {label.id: agreement(label.answers, inference.answers) for label in people}
    mark = _mean([marks[label.id] for label in _latest_by_author(people).values()])
    return {**marks, inference.id: mark}, mark


def _review_scores(labels: Sequence[MarkedLabel]) -> dict[str, float | None]:
    """Of each review its agreement with the newest label before it."""
    scores: dict[str, float | None] = {}
    reviewed: MarkedLabel | None = None
    for label in labels:
        if label.label_type is LabelType.DEFAULT:
            reviewed = label
        elif label.label_type is LabelType.REVIEW and reviewed is not None and not label.is_gold:
            scores[label.id] = agreement(label.answers, reviewed.answers)
    return scores


def _latest_by_author(labels: Sequence[MarkedLabel]) -> dict[str, MarkedLabel]:
    return {label.author_id: label for label in labels}


def _newest(labels: Sequence[MarkedLabel], label_type: LabelType) -> MarkedLabel | None:
    return next((label for label in reversed(labels) if label.label_type is label_type), None)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return min(1.0, math.fsum(known) / len(known)) if known else None
