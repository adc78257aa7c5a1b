"""`ProjectWhere`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.text import MAX_TITLE
from labelyard.storage import scope
from labelyard.storage.filter.condition import (
    Filter,
    FilterTable,
    apply,
    bounded,
    contains_pattern,
    equals,
    from_timestamp,
    ignored,
    nested,
    to_timestamp,
    wildcard_pattern,
)

# Clients that copy a project look for titles that begin with its own.
LONGEST_SEARCH = 2 * MAX_TITLE


def _archived(filters: Filter, value: bool, alias: str) -> None:
    filters.require(f"{alias}.archived_at is {'not ' if value else ''}null")


def _search(filters: Filter, value: str, alias: str) -> None:
    """A pattern when it has a `%`, which stands for any run of characters; else a text to be contained."""
    contained = contains_pattern(value, LONGEST_SEARCH)
    pattern = wildcard_pattern(value, "%") if "%" in value else contained
    parameter = filters.value(pattern)
    filters.require(f"{alias}.title ilike {parameter} or {alias}.description ilike {parameter}")


def _starred(filters: Filter, value: bool, alias: str) -> None:
    filters.require(
        f"""{"" if value else "not "}exists (
          select 1
          from project_user star
          where star.project_id = {alias}.id and star.user_id = :viewer and star.starred
        )"""
    )


def _tags(filters: Filter, values: Sequence[str], alias: str) -> None:
    """At least one of the tags, if there are any; strangers' are on no visible project."""
    if not values:
        return
    filters.require(
        f"exists (select 1 from project_tag pt where pt.project_id = {alias}.id "
        f"and pt.tag_id = any({filters.value(bounded(values))}))"
    )


PROJECT_FILTER: FilterTable = {
    "id": equals("id"),
    "archived": _archived,
    "createdAtGte": from_timestamp("created_at"),
    "createdAtLte": to_timestamp("created_at"),
    "deleted": ignored,  # read by `project_filter`
    "organizationId": equals("organization_id"),
    "searchQuery": _search,
    "shouldRelaunchKpiComputation": equals("should_relaunch_kpi_computation"),
    "starred": _starred,
    "tagIds": _tags,
    "updatedAtGte": from_timestamp("updated_at"),
    "updatedAtLte": to_timestamp("updated_at"),
}


def in_project(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    """The project that rows belong to; its id is compared with their own column, so that the index of a project's rows
    serves the page.
    """
    if "id" in value:
        filters.require(f"{alias}.project_id = {filters.value(value['id'])}")
    rest = {key: item for key, item in value.items() if key != "id"}
    if rest:
        inner = nested(PROJECT_FILTER, rest, filters, "ip")
        filters.require(f"exists (select 1 from project ip where ip.id = {alias}.project_id and {inner})")


def project_filter(where: Mapping[str, Any]) -> Filter:
    """The visible projects that a `where` asks for; deleted ones only when it says `deleted: true`."""
    filters = Filter([scope.projects()])
    if not where.get("deleted"):
        filters.require("t.deleted_at is null")
    return apply(PROJECT_FILTER, where, filters)


def tool_filter(project_id: str) -> Filter:
    """A visible project, where its interface has jobs."""
    filters = project_filter({"id": project_id})
    filters.require("cardinality(t.ml_tasks) > 0")
    return filters
