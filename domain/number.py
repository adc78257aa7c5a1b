"""The ranges of numbers that come from outside, by the names of the schema, and how seconds are answered.

Every number that a client can send has its range here: `check_numbers` is called with the arguments of every root field. What is
added up is bounded so that sums fit the types they are kept in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from labelyard.domain.error import BadUserInput

_DIGITS = re.compile("[0-9]{1,19}")
LARGEST_INT = 2_147_483_647
"""What GraphQL calls `Int` ends here. Sums that pass it are answered as this number."""

MOST_SECONDS = 10_000_000
"""Nearly four months: no label takes longer."""


class Range(NamedTuple):
    """From the least to the most, both included."""

    least: float
    most: float


MARK = Range(0, 1)
MARK_IN_FILTER = Range(-1_000_000, 1_000_000)
PERCENT = Range(0, 100)
COUNT = Range(0, LARGEST_INT)
SECONDS = Range(0, MOST_SECONDS)
PIXELS = Range(0, 1_000_000_000)
LABELS_OF_CONSENSUS = Range(1, 10)
MARKS = ("consensusMark", "honeypotMark", "inferenceMark")

RANGES: Mapping[str, Range] = {
    "clientVersion": COUNT,
    "completionPercentage": PERCENT,
    "consensusCoverage": PERCENT,
    "consensusMark": MARK,
    "consensusMarks": MARK,
    "consensusTotCoverage": PERCENT,
    "creationActiveStep": COUNT,
    "creationCompleted": COUNT,
    "creationSkipped": COUNT,
    "durationPerLabel": COUNT,
    "height": PIXELS,
    "honeypotMark": MARK,
    "everyLabels": COUNT,
    "issueNumber": COUNT,
    "learningRate": Range(0.000_001, 10),
    "maxWorkerCount": COUNT,
    "minAgreement": COUNT,
    "minConsensusSize": LABELS_OF_CONSENSUS,
    "minutes": Range(0.01, 120),
    "numberOfAnnotations": COUNT,
    "numberOfAssets": COUNT,
    "numberOfAssetsWithEmptyLabels": COUNT,
    "numberOfAssetsWithSkippedLabels": COUNT,
    "numberOfExpectedLabelsForConsensus": LABELS_OF_CONSENSUS,
    "numberOfLabeledAssets": COUNT,
    "numberOfLatestLabels": COUNT,
    "numberOfRemainingAssets": COUNT,
    "numberOfReviewedAssets": COUNT,
    "numberOfSkippedAssets": COUNT,
    "order": COUNT,
    "pageNumber": COUNT,
    "patience": Range(1, 10_000),
    "priority": Range(-1_000_000, 1_000_000),
    "progress": PERCENT,
    "reviewCoverage": PERCENT,
    "rotation": Range(-1_000_000, 1_000_000),
    "secondsToLabel": SECONDS,
    "secondsToLabelBeforeAutoAssign": COUNT,
    "seed": COUNT,
    "size": COUNT,
    "stepCoverage": PERCENT,
    "threshold": PERCENT,
    "totalDuration": COUNT,
    "validationPercent": Range(1, 90),
    "width": PIXELS,
    **{f"{mark}{bound}": MARK_IN_FILTER for mark in MARKS for bound in ("Gt", "Gte", "Lt", "Lte")},
}


def in_range(number: float, name: str) -> float:
    """The number, if it lies in the range of its name; what is no number, or infinite, lies in none."""
    least, most = RANGES[name]
    if not least <= number <= most:
        raise BadUserInput(
            f"{name} lies between {_shown(least)} and {_shown(most)}, not {_shown(number)}.", field=name, given=number
        )
    return number


def check_number(number: float, name: str) -> None:
    """Refuse a number out of the range of its name, if it has one; pages say themselves how large they are."""
    if name in RANGES:
        in_range(number, name)


def whole_number(text: str) -> int | None:
    """The number that a text of digits writes; None for every other text, and for numbers that nothing here counts to.

    Neither `int` nor `str.isdecimal` is asked alone: one refuses texts of thousands of digits, the other takes digits of any script.
    """
    return int(text) if _DIGITS.fullmatch(text) else None


def whole_if_whole(seconds: float) -> float:
    """Seconds as clients that know whole ones only take them: without a fraction where there is none."""
    return int(seconds) if seconds == int(seconds) else seconds


def _shown(number: float) -> str:
    return f"{number:,.0f}" if abs(number) < 1e15 and number == int(number) else f"{number:g}"
