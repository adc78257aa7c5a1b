"""The agreement of two labels: a score and a weight for each job answered in either, and their mean."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from rapidfuzz.distance import Levenshtein

from labelyard.domain.agreement.answer import (
    Answer,
    Answers,
    Choice,
    Drawing,
    Drawn,
    LabelAnswers,
    Link,
    Links,
    Location,
    Preference,
    Ranking,
    Written,
)
from labelyard.domain.agreement.matching import Matching, matched_items, matched_links
from labelyard.domain.agreement.score import Score, weighted_mean, with_nested
from labelyard.domain.interface.vocabulary import Input

OTHER_CODE = 0.5
"""What a comparison scores that prefers the same message to another degree."""

LONGEST_TEXT = 50_000
"""In characters. Distances of longer texts take minutes; they are compared by the words they share, in any order."""


def agreement(left: LabelAnswers, right: LabelAnswers) -> float | None:
    """How far two labels agree, in [0, 1]; None when neither answers anything that can be compared."""
    return weighted_mean(job_scores(left.jobs, right.jobs, scale=scale_of(left, right)).values())


def scale_of(left: LabelAnswers, right: LabelAnswers) -> float:
    """What distances are divided by: the larger side of the box around both labels, 1 for fractions."""
    extents = [label.extent for label in (left, right) if label.extent is not None]
    if not extents:
        return 1.0
    across = max(box[2] for box in extents) - min(box[0] for box in extents)
    down = max(box[3] for box in extents) - min(box[1] for box in extents)
    return max(across, down) or 1.0


def job_scores(left: Answers, right: Answers, *, scale: float) -> dict[str, Score]:
    """The score of every job answered in either."""
    counterparts = _Counterparts(left, right, scale)
    return {
        name: _job_score(left.get(name, {}), right.get(name, {}), counterparts)
        for name in dict.fromkeys([*left, *right])
    }


def drawing_score(left: Sequence[Drawn], right: Sequence[Drawn], *, scale: float) -> Score:
    """The score of objects or entities at one location."""
    matching = matched_items(left, right, scale=scale)
    return _matching_score(matching, left, right, scale)


class _Counterparts:
    """Which annotations of two labels match: computed once for each location, for relations need it too."""

    def __init__(self, left: Answers, right: Answers, scale: float) -> None:
        self.scale = scale
        self._left = left
        self._right = right
        self._mids: dict[Location, dict[str, str]] = {}

    def mids(self, location: Location) -> dict[str, str]:
        """The mids on the right by the matching mids on the left."""
        if location not in self._mids:
            self._mids[location] = dict(self._pairs(location))
        return self._mids[location]

    def _pairs(self, location: Location) -> list[tuple[str, str]]:
        pairs = []
        for name, locations in self._left.items():
            ours, theirs = locations.get(location), self._right.get(name, {}).get(location)
            if isinstance(ours, Drawing) and isinstance(theirs, Drawing):
                for match in matched_items(ours.items, theirs.items, scale=self.scale).pairs:
                    mids = ours.items[match.left].mid, theirs.items[match.right].mid
                    if mids[0] is not None and mids[1] is not None:
                        pairs.append((mids[0], mids[1]))
        return pairs


def _job_score(left: Mapping[Location, Answer], right: Mapping[Location, Answer], counterparts: _Counterparts) -> Score:
    """Locations are pooled by weight for annotations, and averaged to a weight of 1 for everything else."""
    scores = [
        _answer_score(left.get(location), right.get(location), location, counterparts)
        for location in dict.fromkeys([*left, *right])
    ]
    value = weighted_mean(scores) or 0.0
    answers = [*left.values(), *right.values()]
    is_counted = isinstance(answers[0], Drawing | Links)
    return Score(value, math.fsum(score.weight for score in scores) if is_counted else 1.0)


def _answer_score(left: Answer | None, right: Answer | None, location: Location, counterparts: _Counterparts) -> Score:
    match left, right:
        case Drawing() | None, Drawing() | None:
            return drawing_score(left.items if left else (), right.items if right else (), scale=counterparts.scale)
        case Links() | None, Links() | None:
            return _links_score(left, right, location, counterparts)
        case Choice(), Choice():
            return Score(_choice_value(left, right, counterparts.scale), 1)
        case Written(), Written():
            return Score(_text_value(left, right), 1)
        case Preference(), Preference():
            return Score(_preference_value(left, right, counterparts.scale), 1)
        case Ranking(), Ranking():
            return Score(_ranking_value(left, right), 1)
        case _:
            return Score(0, 1)


def _links_score(left: Links | None, right: Links | None, location: Location, counterparts: _Counterparts) -> Score:
    ours, theirs = left.links if left else (), right.links if right else ()
    matching = matched_links(ours, theirs, counterparts.mids(location))
    return _matching_score(matching, ours, theirs, counterparts.scale)


def _matching_score(
    matching: Matching, left: Sequence[Drawn | Link], right: Sequence[Drawn | Link], scale: float
) -> Score:
    if not matching.weight:
        return Score(0, 0)
    total = math.fsum(
        with_nested(match.similarity, _nested_value(left[match.left].nested, right[match.right].nested, scale))
        for match in matching.pairs
    )
    return Score(total / matching.weight, matching.weight)


def _nested_value(left: Answers, right: Answers, scale: float) -> float | None:
    return weighted_mean(job_scores(left, right, scale=scale).values()) if left or right else None


def _choice_value(left: Choice, right: Choice, scale: float) -> float:
    """One category: the same or not; several: overlap over union. What is nested counts where both chose the category."""
    both = left.categories.keys() & right.categories.keys()
    shared = math.fsum(
        with_nested(1.0, _nested_value(left.categories[key], right.categories[key], scale)) for key in both
    )
    return shared / len(left.categories.keys() | right.categories.keys())


def _text_value(left: Written, right: Written) -> float:
    if left.text == right.text:
        return 1.0
    match left.input:
        case Input.NUMBER:
            return float(_are_equal_numbers(left.text, right.text))
        case Input.DATE:
            return 0.0
        case _ if max(len(left.text), len(right.text)) > LONGEST_TEXT:
            return _share_of_words(left.text, right.text)
        case _:
            return float(Levenshtein.normalized_similarity(left.text, right.text))


def _share_of_words(left: str, right: str) -> float:
    ours, theirs = Counter(left.split()), Counter(right.split())
    return (ours & theirs).total() / max(ours.total(), theirs.total(), 1)


def _are_equal_numbers(left: str, right: str) -> bool:
    try:
        return float(left) == float(right)
    except ValueError:
        return False


def _preference_value(left: Preference, right: Preference, scale: float) -> float:
    if left.winner != right.winner:
        return 0.0
    if left.code != right.code:
        return OTHER_CODE if left.winner is not None else 0.0
    return with_nested(1.0, _nested_value(left.nested, right.nested, scale))


def _ranking_value(left: Ranking, right: Ranking) -> float:
    """The share of pairs in the same order; a pair that one side does not rank is not."""
    elements = sorted(left.ranks.keys() | right.ranks.keys())
    pairs = list(combinations(elements, 2))
    if not pairs:
        return float(left.ranks.keys() == right.ranks.keys())
    same = sum(_order(left, pair) == _order(right, pair) is not None for pair in pairs)
    return same / len(pairs)


def _order(ranking: Ranking, pair: tuple[str, str]) -> int | None:
    first, second = ranking.ranks.get(pair[0]), ranking.ranks.get(pair[1])
    return None if first is None or second is None else (first > second) - (first < second)
