"""The agreement of several people who labeled the same asset."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from labelyard.domain.agreement.answer import Answer, Answers, Choice, Drawing, LabelAnswers, Link, Links, Location
from labelyard.domain.agreement.pair import job_scores, scale_of
from labelyard.domain.agreement.score import Score, weighted_mean, with_nested


@dataclass(frozen=True, slots=True)
class Consensus:
    """How far people agree, in [0, 1] (None when nobody answers), and the same by job and category."""

    mark: float | None
    per_category: Mapping[str, Mapping[str, float]]


def consensus(labels: Sequence[LabelAnswers]) -> Consensus | None:
    """The consensus of the latest label of each person; None for fewer than two. Their order does not matter."""
    if len(labels) < 2:
        return None
    scales = {pair: scale_of(labels[pair[0]], labels[pair[1]]) for pair in combinations(range(len(labels)), 2)}
    jobs = [label.jobs for label in labels]
    scores = _consensus_scores(jobs, scales)
    return Consensus(weighted_mean(scores.values()), _per_category(jobs, scales))


_Pair = tuple[int, int]


def _consensus_scores(labels: Sequence[Answers], scales: Mapping[_Pair, float]) -> dict[str, Score]:
    """The score of every job that anybody answered."""
    names = list(dict.fromkeys(name for label in labels for name in label))
    voted = {name for name in names if _is_voted(name, labels)}
    by_pair = {
        pair: job_scores(_without(labels[pair[0]], voted), _without(labels[pair[1]], voted), scale=scale)
        for pair, scale in scales.items()
    }
    scores = {}
    for name in names:
        if name in voted:
            scores[name] = Score(_voted_score([label.get(name, {}) for label in labels], scales), 1)
            continue
        scores_of_job = [by_job[name] for by_job in by_pair.values() if name in by_job]
        weight = math.fsum(score.weight for score in scores_of_job) / len(by_pair) if _is_drawn(name, labels) else 1.0
        scores[name] = Score(_mean(score.value for score in scores_of_job), weight)
    return scores


def _voted_score(labels: Sequence[Mapping[Location, Answer]], scales: Mapping[_Pair, float]) -> float:
    """The mean over all locations where anybody chose something."""
    locations = list(dict.fromkeys(location for label in labels for location in label))
    return _mean(_votes_score([label.get(location) for label in labels], scales) for location in locations)


def _votes_score(choices: Sequence[Answer | None], scales: Mapping[_Pair, float]) -> float:
    """The mean share of votes of the categories that anybody chose, each with what is nested under it."""
    voters: dict[str, list[int]] = {}
    for index, choice in enumerate(choices):
        for key in choice.categories if isinstance(choice, Choice) else ():
            voters.setdefault(key, []).append(index)
    return _mean(
        with_nested(len(people) / len(choices), _nested_score(key, people, choices, scales))
        for key, people in voters.items()
    )


def _nested_score(
    key: str, people: Sequence[int], choices: Sequence[Answer | None], scales: Mapping[_Pair, float]
) -> float | None:
    """How far those who chose a category agree below it."""
    nested = [choice.categories[key] for index in people if isinstance(choice := choices[index], Choice)]
    if len(nested) < 2 or not any(nested):
        return None
    between = {(i, j): scales[people[i], people[j]] for i, j in combinations(range(len(people)), 2)}
    return weighted_mean(_consensus_scores(nested, between).values())


def _per_category(labels: Sequence[Answers], scales: Mapping[_Pair, float]) -> dict[str, dict[str, float]]:
    """Shares of votes for classifications, the score of one category alone for annotations."""
    answer: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(name for label in labels for name in label):
        marks: dict[str, float] = {}
        for category in sorted(_categories(name, labels)):
            only = [_only(label, name, category) for label in labels]
            if _is_voted(name, labels):
                locations = {location for label in labels for location in label.get(name, {})}
                chosen = [_share(only, name, location) for location in sorted(locations, key=str)]
                marks[category] = _mean(share for share in chosen if share > 0)
            else:
                marks[category] = _consensus_scores(only, scales)[name].value
        if marks:
            answer[name] = marks
    return answer


def _categories(name: str, labels: Sequence[Answers]) -> set[str]:
    categories: set[str] = set()
    for label in labels:
        for answer in label.get(name, {}).values():
            match answer:
                case Choice():
                    categories.update(answer.categories)
                case Drawing():
                    categories.update(key for item in answer.items for key in item.categories)
                case Links():
                    categories.update(key for link in answer.links for key in link.categories)
    return categories


def _only(label: Answers, name: str, category: str) -> Answers:
    """A label with nothing of a job but one category; relations keep what they link."""
    locations: dict[Location, Answer] = {}
    for location, answer in label.get(name, {}).items():
        match answer:
            case Choice() if category in answer.categories:
                locations[location] = answer
            case Drawing(items) if kept := tuple(item for item in items if category in item.categories):
                locations[location] = Drawing(kept)
            case Links(links) if kept_links := _links_of(links, category):
                locations[location] = Links(kept_links)
    is_linked = any(isinstance(answer, Links) for answer in locations.values())
    linked = {other: answers for other, answers in label.items() if is_linked and other != name}
    return {**linked, name: locations} if locations else linked


def _links_of(links: Sequence[Link], category: str) -> tuple[Link, ...]:
    return tuple(link for link in links if category in link.categories)


def _share(labels: Sequence[Answers], name: str, location: Location) -> float:
    return sum(location in label.get(name, {}) for label in labels) / len(labels)


def _is_voted(name: str, labels: Sequence[Answers]) -> bool:
    return any(isinstance(answer, Choice) for label in labels for answer in label.get(name, {}).values())


def _is_drawn(name: str, labels: Sequence[Answers]) -> bool:
    return any(isinstance(answer, Drawing | Links) for label in labels for answer in label.get(name, {}).values())


def _without(label: Answers, names: set[str]) -> Answers:
    return {name: locations for name, locations in label.items() if name not in names}


def _mean(values: Iterable[float]) -> float:
    kept = list(values)
    return min(1.0, math.fsum(kept) / len(kept)) if kept else 0.0
