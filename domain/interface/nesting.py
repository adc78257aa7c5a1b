"""Check which jobs open which: every child exists, nothing is nested inside itself, nothing is nested too deep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from labelyard.domain.document import ROOT, Path
from labelyard.domain.interface.problems import Problems, shown

MAX_NESTED_LEVELS = 10


class Opening(NamedTuple):
    """One entry of a `children` list: the job it opens and its path."""

    child: str
    path: Path


def openings_of(name: str, raw: Any, problems: Problems | None = None) -> Iterator[Opening]:
    """Walk the `children` of categories, pose points and options of a job; lists of a wrong form are noted."""
    content = raw.get("content") if isinstance(raw, dict) else None
    if not isinstance(content, dict):
        return
    location: Path = (((ROOT, "jobs"), name), "content")
    for key in ("categories", "options"):
        members = content.get(key)
        for member, item in members.items() if isinstance(members, dict) else ():
            if not isinstance(item, dict):
                continue
            here = ((location, key), member)
            yield from _listed(item, here, problems)
            points = item.get("points")
            for index, point in enumerate(points if isinstance(points, list) else ()):
                if isinstance(point, dict):
                    yield from _listed(point, ((here, "points"), index), problems)


def _listed(item: dict[str, Any], path: Path, problems: Problems | None) -> Iterator[Opening]:
    children = item.get("children")
    # Editors write an empty object or text for "none".
    if children in (None, {}, ""):
        return
    location = (path, "children")
    if not isinstance(children, list):
        if problems:
            problems.add("JI11", location, '"children" must be a list of job names')
        return
    for index, child in enumerate(children):
        if isinstance(child, str):
            yield Opening(child, (location, index))
        elif problems:
            problems.add("JI11", (location, index), f'child job "{shown(child)}" does not exist')


def check_nesting(jobs: Mapping[str, Any], problems: Problems) -> dict[str, tuple[Opening, ...]]:
    """Return what each job opens, leaving out children that do not exist."""
    opened: dict[str, tuple[Opening, ...]] = {}
    for name, raw in jobs.items():
        known: list[Opening] = []
        for opening in openings_of(name, raw, problems):
            if opening.child not in jobs:
                problems.add("JI11", opening.path, f'child job "{shown(opening.child)}" does not exist')
                continue
            known.append(opening)
            child = jobs[opening.child]
            if isinstance(child, dict) and child.get("isChild") in (False, 0) and child.get("isChild") is not None:
                problems.add(
                    "JI12", opening.path, f'job "{opening.child}" is used as a child but declares isChild false'
                )
        opened[name] = tuple(known)
    if not _has_cycle(opened, problems):
        _check_depth(opened, problems)
    return opened


def _has_cycle(opened: Mapping[str, tuple[Opening, ...]], problems: Problems) -> bool:
    """Note each opening that closes a cycle, walking the jobs in order."""
    has_cycle = False
    finished: set[str] = set()
    for first in opened:
        if first in finished:
            continue
        walk: list[tuple[str, Iterator[Opening]]] = [(first, iter(opened[first]))]
        entered = {first}
        while walk:
            name, rest = walk[-1]
            opening = next(rest, None)
            if opening is None:
                walk.pop()
                entered.discard(name)
                finished.add(name)
            elif opening.child in entered:
                has_cycle = True
                problems.add("JI13", opening.path, f'job "{opening.child}" is nested inside itself')
            elif opening.child not in finished:
                walk.append((opening.child, iter(opened[opening.child])))
                entered.add(opening.child)
    return has_cycle


def _check_depth(opened: Mapping[str, tuple[Opening, ...]], problems: Problems) -> None:
    levels: dict[str, int] = {}

    def levels_below(name: str) -> int:
        if name not in levels:
            levels[name] = max((1 + levels_below(opening.child) for opening in opened[name]), default=0)
        return levels[name]

    children = {opening.child for openings in opened.values() for opening in openings}
    for name in opened:
        if name not in children and levels_below(name) > MAX_NESTED_LEVELS:
            problems.add(
                "JI20",
                ((ROOT, "jobs"), name),
                f"the interface is too large: jobs are nested {levels_below(name)} levels deep, "
                f"{MAX_NESTED_LEVELS} are possible",
            )
