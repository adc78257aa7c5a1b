"""`LabelWhere`, and the part of it that asset filters share (`AssetWhere.label`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage import scope
from labelyard.storage.filter.condition import (
    MAX_PATTERNS,
    Filter,
    FilterTable,
    apply,
    bounded,
    contains_pattern,
    equals,
    from_timestamp,
    mark_from,
    mark_to,
    nested,
    on_day,
    one_of,
    to_timestamp,
)
from labelyard.storage.filter.project import in_project
from labelyard.storage.filter.search import search_condition
from labelyard.storage.filter.tallied import counted_labels
from labelyard.storage.filter.user import of_person
from labelyard.storage.plan.page_bookmark import list_key


def _author(filters: Filter, values: Sequence[str], alias: str) -> None:
    """By id, e-mail, first name, last name, or both names; case does not matter. What is not shown finds nothing."""
    names = filters.value([value.lower() for value in bounded(values)])
    ids = filters.value(list(values))
    address, named = scope.SEES_ADDRESS.format(r="la"), scope.SEES_NAME.format(r="la")
    # Found once in a statement, the ids let an index find their labels.
    filters.require(
        f"""{alias}.author_id = any(array(
          select unnest({ids}::text[])
          union all
          select la.id
          from user_account la
          where {named}
            and (
              la.email = any({names}) and {address}
              or lower(la.firstname) = any({names})
              or lower(la.lastname) = any({names})
              or lower(la.firstname || ' ' || la.lastname) = any({names})
            )
        ))"""
    )


def _by(label_type: str, operator: str) -> Any:
    def condition(filters: Filter, values: Sequence[str], alias: str) -> None:
        filters.require(
            f"{alias}.label_type = '{label_type}' and {alias}.author_id {operator}({filters.value(bounded(values))})"
        )

    return condition


def _contains(filters: Filter, values: Sequence[str], alias: str) -> None:
    """One of the texts stands in the answer as sent."""
    patterns = filters.value([contains_pattern(value) for value in bounded(values, MAX_PATTERNS)])
    filters.require(f"{alias}.json_response like any({patterns})")
    filters.is_heavy = True


def _search(filters: Filter, value: str, alias: str) -> None:
    if value.strip():
        filters.is_heavy = True
        filters.require(search_condition(value, filters, alias))


LABEL_CONDITIONS: FilterTable = {
    "typeIn": one_of("label_type"),
    "authorIn": _author,
    "labelerIn": _by("DEFAULT", "= any"),
    "labelerNotIn": _by("DEFAULT", "<> all"),
    "reviewerIn": _by("REVIEW", "= any"),
    "reviewerNotIn": _by("REVIEW", "<> all"),
    "consensusMarkGte": mark_from("consensus_mark"),
    "consensusMarkLte": mark_to("consensus_mark"),
    "honeypotMarkGte": mark_from("honeypot_mark"),
    "honeypotMarkLte": mark_to("honeypot_mark"),
    "createdAt": on_day("created_at"),
    "createdAtGte": from_timestamp("created_at"),
    "createdAtLte": to_timestamp("created_at"),
    "jsonResponseContains": _contains,
    "search": _search,
    "skipped": equals("skipped"),
}


# As many assets of a filter by label are found from their labels before a page is read.
MOST_PROBED = 10_000
PROBE = f"""
select case when count(*) <= {MOST_PROBED} then coalesce(array_agg(found.asset_id), array[]::text[]) end
from (
  select t.asset_id
  from label t
  where {{projects}} and {{inner}}
  limit {MOST_PROBED + 1}
) found
"""


def label_probe(where: Mapping[str, Any], filters: Filter, projects: str) -> str:
    """The statement that answers the assets with a label that satisfies all of a `where`, if they are few.

    Whether few labels satisfy it, or where they lie among many, cannot be told beforehand: to walk the assets until a page is
    full might mean all of them.
    """
    return PROBE.format(projects=projects, inner=nested(LABEL_CONDITIONS, where, filters, "t"))


def require_label(filters: Filter, table: FilterTable, where: Mapping[str, Any], alias: str) -> None:
    """Some label of an asset satisfies all of a `where`, and is one that the person may see.

    The project is compared, too, so that either can be started from: the assets in order, or the labels that satisfy it.
    """
    inner = nested(table, where, filters, "al")
    visible = scope.LABELER_LABEL.format(r="al") if filters.is_for_labeler else "true"
    filters.require(
        f"""exists (
          select 1
          from label al
          where al.asset_id = {alias}.id and al.project_id = {alias}.project_id and {inner} and {visible}
        )"""
    )


def _asset(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    from labelyard.storage.filter.asset import ASSET_FILTER  # the two filters contain each other

    if "id" in value:
        filters.require(f"{alias}.asset_id = {filters.value(value['id'])}")
    rest = {key: item for key, item in value.items() if key != "id" and item != {}}
    if rest:
        inner = nested(ASSET_FILTER, rest, filters, "la")
        filters.require(
            f"{alias}.asset_id in (select la.id from asset la where {inner} and la.project_id = any({_PROJECTS}))"
        )


def _user(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    if "id" in value:
        filters.require(f"{alias}.author_id = {filters.value(value['id'])}")
    rest = {key: item for key, item in value.items() if key != "id"}
    if rest:
        of_person(filters, rest, alias, "author_id")


_PROJECTS = scope.VISIBLE_PROJECTS

LABEL_FILTER: FilterTable = {
    "id": equals("id"),
    "idIn": one_of("id"),
    "asset": _asset,
    "project": in_project,
    "user": _user,
    **LABEL_CONDITIONS,
}


def label_filter(where: Mapping[str, Any], actor: Actor) -> Filter:
    """The visible labels that a `where` asks for."""
    filters = Filter(values={"label_types": None}, is_for_labeler=bool(scope.labeler_projects(actor)))
    project_id = where.get("project", {}).get("id") or where.get("asset", {}).get("project", {}).get("id")
    filters.require(scope.labels(actor, filters.values, project_id))
    if not filters.is_for_labeler:
        filters.list_key = list_key("label", where)
    apply(LABEL_FILTER, where, filters)
    filters.total = counted_labels(where, actor, scope.of_projects(project_id))
    return filters
