"""`ProjectWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage import scope
from storage.filter.condition import (
    Filter,
    FilterTable,
    apply,
    contains_pattern,
    equals,
    from_moment,
    ignored,
    nested,
    never,
    to_moment,
    wildcard_pattern,
)


def _archived(chosen: Filter, value: bool, alias: str) -> None:
    chosen.require(f"{alias}.archived_at is {'not ' if value else ''}null")


def _search(chosen: Filter, value: str, alias: str) -> None:
    """A pattern when it has a `%`, which stands for any run of characters; else a text to be contained."""
    contained = contains_pattern(value)
    pattern = wildcard_pattern(value, "%") if "%" in value else contained
    parameter = chosen.value(pattern)
    chosen.require(f"{alias}.title ilike {parameter} or {alias}.description ilike {parameter}")


def _starred(chosen: Filter, value: bool, alias: str) -> None:
    chosen.require(
        f"{'' if value else 'not '}exists (select 1 from project_user star where star.project_id = {alias}.id "
        "and star.user_id = :viewer and star.starred)"
    )


PROJECT_FILTER: FilterTable = {
    "id": equals("id"),
    "archived": _archived,
    "createdAtGte": from_moment("created_at"),
    "createdAtLte": to_moment("created_at"),
    "deleted": ignored,  # read by `choose_projects`
    "organizationId": equals("organization_id"),
    "searchQuery": _search,
    "shouldRelaunchKpiComputation": equals("should_relaunch_kpi_computation"),
    "starred": _starred,
    "tagIds": never,
    "updatedAtGte": from_moment("updated_at"),
    "updatedAtLte": to_moment("updated_at"),
}


def in_project(chosen: Filter, value: Mapping[str, Any], alias: str) -> None:
    """The project that rows belong to; its id is compared with their own column, so that the index of a project's rows
    serves the page.
    """
    if "id" in value:
        chosen.require(f"{alias}.project_id = {chosen.value(value['id'])}")
    rest = {key: item for key, item in value.items() if key != "id"}
    if rest:
        inner = nested(PROJECT_FILTER, rest, chosen, "ip")
        chosen.require(f"exists (select 1 from project ip where ip.id = {alias}.project_id and {inner})")


def choose_projects(where: Mapping[str, Any]) -> Filter:
    """The visible projects that a `where` asks for; deleted ones only when it says `deleted: true`."""
    chosen = Filter([scope.projects()])
    if not where.get("deleted"):
        chosen.require("t.deleted_at is null")
    return apply(PROJECT_FILTER, where, chosen)
