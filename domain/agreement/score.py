"""Scores with weights, and their mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class Score(NamedTuple):
    """How far answers agree, in [0, 1], and how much that counts."""

    value: float
    weight: float


def weighted_mean(scores: Iterable[Score]) -> float | None:
    """The mean by weight, whatever the order; None without any weight."""
    kept = [score for score in scores if score.weight > 0]
    if not kept:
        return None
    total = math.fsum(score.weight for score in kept)
    return min(1.0, math.fsum(score.value * score.weight for score in kept) / total)


def with_nested(value: float, nested: float | None) -> float:
    """A value with what is answered below it, by geometric mean; without nested answers the value itself."""
    return value if nested is None else math.sqrt(value * nested)
