"""Which annotations of two labels mean the same: the most similar pairs of one category first, each used once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import shapely

from labelyard.domain.agreement.answer import Drawn, Link
from labelyard.domain.agreement.areas import areas_of, best_pairs
from labelyard.domain.agreement.shape import REACH, frame, similarity

# Up to this many pairs the index that finds touching shapes costs more than it spares.
_FEW_PAIRS = 64


class Match(NamedTuple):
    """A pair by its indexes in the two lists, and how alike the two are."""

    left: int
    right: int
    similarity: float


class Matching(NamedTuple):
    """The matched pairs; how many annotations there are in pairs and alone."""

    pairs: tuple[Match, ...]
    weight: int


def matched_items(left: Sequence[Drawn], right: Sequence[Drawn], *, scale: float) -> Matching:
    """Match objects or entities by category and shape."""
    if len(left) * len(right) > _FEW_PAIRS:
        ours, theirs = areas_of([item.shape for item in left]), areas_of([item.shape for item in right])
        if ours is not None and theirs is not None:
            kinds: dict[frozenset[str], int] = {}
            numbers = [kinds.setdefault(item.categories, len(kinds)) for item in (*left, *right)]
            pairs = best_pairs(ours, theirs, numbers[: len(left)], numbers[len(left) :])
            taken = tuple(Match(i, j, similar) for i, j, similar in pairs)
            return Matching(taken, len(left) + len(right) - len(taken))
    return _matched(
        len(left),
        len(right),
        (
            Match(i, j, similarity(left[i].shape, right[j].shape, scale=scale))
            for i, j in _candidates(left, right, scale)
            if left[i].categories == right[j].categories
        ),
    )


def matched_links(left: Sequence[Link], right: Sequence[Link], counterparts: dict[str, str]) -> Matching:
    """Match relations: category and both ends agree. `counterparts` are the mids on the right that match mids on the left."""
    wanted = defaultdict(list)
    for j, link in enumerate(right):
        wanted[link.categories, link.starts, link.ends].append(j)
    pairs: list[Match] = []
    for i, link in enumerate(left):
        starts = frozenset(counterparts.get(mid, "") for mid in link.starts)
        ends = frozenset(counterparts.get(mid, "") for mid in link.ends)
        if "" not in starts and "" not in ends:
            pairs.extend(Match(i, j, 1.0) for j in wanted[link.categories, starts, ends])
    return _matched(len(left), len(right), pairs)


def _matched(left: int, right: int, matches: Iterable[Match]) -> Matching:
    taken: list[Match] = []
    used_left: set[int] = set()
    used_right: set[int] = set()
    for match in sorted((match for match in matches if match.similarity > 0), key=_best_first):
        if match.left not in used_left and match.right not in used_right:
            taken.append(match)
            used_left.add(match.left)
            used_right.add(match.right)
    return Matching(tuple(taken), left + right - len(taken))


def _best_first(match: Match) -> tuple[float, int, int]:
    return -match.similarity, match.left, match.right


def _candidates(left: Sequence[Drawn], right: Sequence[Drawn], scale: float) -> Iterator[tuple[int, int]]:
    """Pairs that may be alike: those whose frames touch, where all have one."""
    frames = [frame(item.shape, margin=REACH * scale) for item in (*left, *right)]
    if len(left) * len(right) <= _FEW_PAIRS or None in frames:
        yield from ((i, j) for i in range(len(left)) for j in range(len(right)))
        return
    tree = shapely.STRtree(frames[len(left) :])
    for i, left_frame in enumerate(frames[: len(left)]):
        yield from ((i, int(j)) for j in tree.query(left_frame))
