"""Marks of answers to classifications, straight from the formulas of the specification."""

from __future__ import annotations

from typing import Any

from tests.campaign.model import SUBMITTED, Asset, Kili, Label

Answer = dict[str, frozenset[str]]


def mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def score(one: Answer, other: Answer, jobs: set[str]) -> float | None:
    """Categories of both over categories of either, which for a single choice is one or nothing; all jobs weigh the same."""
    scores: list[float | None] = []
    for job in jobs:
        said = [answer.get(job, frozenset()) for answer in (one, other)]
        if said[0] or said[1]:
            scores.append(len(said[0] & said[1]) / len(said[0] | said[1]))
    return mean(scores)


def consensus(answers: list[Answer], jobs: set[str]) -> float | None:
    if len(answers) < 2:
        return None
    scores: list[float | None] = []
    for job in jobs:
        votes = [answer.get(job, frozenset()) for answer in answers]
        chosen = frozenset[str]().union(*votes)
        if chosen:
            counts = [sum(category in vote for vote in votes) for category in chosen]
            scores.append(sum(counts) / len(answers) / len(chosen))
    return mean(scores)


def marks_of(kili: Kili, asset: Asset, jobs: set[str]) -> dict[str, Any]:
    """The marks of an asset, and of its labels by id."""
    defaults = [label for label in asset.labels if label.kind == "DEFAULT" and (kili.group_of(label.step) == 0)]
    latest = {label.author: label for label in defaults}
    people = [label for label in asset.labels if label.kind in SUBMITTED]
    latest_of_people = {label.author: label for label in people}
    gold = next((label for label in reversed(people) if label.kind == "REVIEW"), None) if asset.is_honeypot else None
    inferences = [label for label in asset.labels if label.kind == "INFERENCE"]
    inference = inferences[-1] if inferences else None

    def with_gold(label: Label) -> float | None:
        return score(label.answer, gold.answer, jobs) if gold else None

    def with_inference(label: Label) -> float | None:
        return score(label.answer, inference.answer, jobs) if inference else None

    labels: dict[str, Any] = {}
    reviewed: Label | None = None
    for label in asset.labels:
        marks: dict[str, float | None] = {"consensus": None, "honeypot": None, "inference": None, "review": None}
        if label in defaults:
            if asset.shared:
                others = [other for author, other in latest.items() if author != label.author]
                marks["consensus"] = mean([score(label.answer, other.answer, jobs) for other in others])
            marks["honeypot"] = with_gold(label)
        if label in people:
            marks["inference"] = with_inference(label)
        if label is inference:
            marks["inference"] = mean([with_inference(other) for other in latest_of_people.values()])
        if label.kind == "DEFAULT":
            reviewed = label
        elif label.kind == "REVIEW" and reviewed and not label.is_gold:
            marks["review"] = score(label.answer, reviewed.answer, jobs)
        labels[label.id] = marks
    answers = [label.answer for label in latest.values()]
    return {
        "consensus": consensus(answers, jobs) if asset.shared else None,
        "honeypot": mean([with_gold(label) for label in latest.values()]),
        "inference": mean([with_inference(label) for label in latest_of_people.values()]) if inference else None,
        "labels": labels,
    }
