"""Check the categories, pose points and comparison options of a job."""

from __future__ import annotations

from typing import Any

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Category, Option, PosePoint
from labelyard.domain.interface.problems import Problems, shown


def read_categories(
    raw: Any, path: Path, problems: Problems, *, is_needed: bool, has_points: bool
) -> dict[str, Category]:
    """Return the categories by key, in order; those without a name are noted and left out."""
    if raw is not None and not isinstance(raw, dict):
        problems.add("JI07", path, '"categories" must be an object of category key to category')
        return {}
    if not raw:
        if is_needed:
            problems.add("JI07", path, "this task needs at least one category in content.categories")
        return {}
    categories: dict[str, Category] = {}
    for key, item in raw.items():
        location = (path, key)
        if not isinstance(item, dict):
            problems.add("JI08", location, 'a category needs a "name"')
            continue
        if not isinstance(item.get("name"), str) or not item["name"]:
            problems.add("JI08", (location, "name"), 'a category needs a "name"')
        categories[key] = Category(
            key=key,
            name=shown(item.get("name")),
            children=read_children(item),
            points=_read_points(item.get("points"), (location, "points"), problems) if has_points else _points_of(item),
            starts=_read_ends(item, "startEntities", "startObjects"),
            ends=_read_ends(item, "endEntities", "endObjects"),
        )
    return categories


def read_children(raw: dict[str, Any]) -> tuple[str, ...]:
    """Return the job names listed in `children`; `nesting` checks whether they exist."""
    children = raw.get("children")
    return tuple(child for child in children if isinstance(child, str)) if isinstance(children, list) else ()


def _read_ends(raw: dict[str, Any], *keys: str) -> tuple[str, ...] | None:
    for key in keys:
        value = raw.get(key)
        if isinstance(value, list):
            return tuple(end for end in value if isinstance(end, str))
    return None


def _read_points(raw: Any, path: Path, problems: Problems) -> tuple[PosePoint, ...]:
    if not raw and not isinstance(raw, bool | int | float):
        problems.add("JI59", path, "without points of its own, this category takes a pose of any points")
        return ()
    if not isinstance(raw, list):
        problems.add("JI14", path, '"points" must be a list of points')
        return ()
    seen: set[str] = set()
    for index, item in enumerate(raw):
        code = item.get("code") if isinstance(item, dict) else None
        if not isinstance(code, str) or not code:
            problems.add("JI14", ((path, index), "code"), 'a point needs a "code"')
        elif code in seen:
            problems.add("JI14", ((path, index), "code"), f'point code "{code}" is repeated')
        else:
            seen.add(code)
    return _points_of({"points": raw})


def _points_of(raw: dict[str, Any]) -> tuple[PosePoint, ...]:
    points = raw.get("points")
    return tuple(
        PosePoint(
            code=item["code"],
            name=item["name"] if isinstance(item.get("name"), str) else None,
            is_mandatory=item.get("mandatory") in (True, 1),
            children=read_children(item),
        )
        for item in (points if isinstance(points, list) else ())
        if isinstance(item, dict) and isinstance(item.get("code"), str)
    )


def read_options(raw: Any, path: Path, problems: Problems, *, is_needed: bool) -> dict[str, Option]:
    """Return the options of a comparison by code, in order."""
    if not is_needed:
        return {}
    if not isinstance(raw, dict) or len(raw) < 2:
        problems.add("JI15", path, "a comparison needs at least two options")
    options: dict[str, Option] = {}
    for code, item in raw.items() if isinstance(raw, dict) else ():
        if not isinstance(item, dict) or not isinstance(item.get("name"), str) or not item["name"]:
            problems.add("JI15", ((path, code), "name"), 'an option needs a "name"')
            continue
        options[code] = Option(
            code=code, name=item["name"], children=read_children(item), is_mutual=item.get("mutual") in (True, 1)
        )
    return options
