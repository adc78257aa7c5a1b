"""The filters of the first client generation: `LegacyAssetsWhere`, `LegacyLabelsWhere`, and projects by user.

Those clients send every key; an empty list means "no filter", as null does. Dates and enums arrive as plain texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.domain.timestamp import Timestamp, parse_timestamp
from labelyard.storage.filter.asset import ASSET_FILTER, asset_filter
from labelyard.storage.filter.condition import (
    Condition,
    Filter,
    FilterTable,
    apply,
    equals,
    mark_above,
    mark_below,
    mark_from,
    mark_to,
    nested,
)
from labelyard.storage.filter.label import LABEL_CONDITIONS, label_filter, require_label
from labelyard.storage.filter.project import project_filter

LATEST_ANSWER = "t.is_latest_label_for_user and t.label_type in ('DEFAULT', 'REVIEW')"


def _any_of(condition: Condition) -> Condition:
    """A condition on a list, for lists that may be empty or hold nulls."""

    def listed(filters: Filter, values: Sequence[str | None], alias: str) -> None:
        known = [value for value in values if value is not None]
        if known:
            condition(filters, known, alias)

    return listed


def _contained(filters: Filter, value: str, alias: str) -> None:
    """The external id contains a text; case does not matter."""
    if value:
        ASSET_FILTER["externalIdIn"](filters, [value], alias)


def _labeled_by(filters: Filter, values: Sequence[str], alias: str) -> None:
    """Some label of the asset, among those the caller may see, is by one of the people."""
    require_label(filters, {"authorIn": LABEL_CONDITIONS["authorIn"]}, {"authorIn": values}, alias)


def _created(operator: str, bound: Callable[[Timestamp], datetime]) -> Condition:
    """A comparison of the creation with a date in a text."""

    def condition(filters: Filter, text: str, alias: str) -> None:
        if text:
            filters.require(f"{alias}.created_at {operator} {filters.value(bound(parse_timestamp(text)))}")

    return condition


def _of_asset(condition: Condition) -> Condition:
    """A condition on the asset of a label."""

    def inside(filters: Filter, value: Any, alias: str) -> None:
        inner = nested({"key": condition}, {"key": value}, filters, "held")
        if inner != "true":
            filters.require(f"exists (select 1 from asset held where held.id = {alias}.asset_id and {inner})")

    return inside


MARKS: FilterTable = {
    "consensusMarkGt": mark_above("consensus_mark"),
    "consensusMarkLt": mark_below("consensus_mark"),
    "consensusMarkGte": mark_from("consensus_mark"),
    "consensusMarkLte": mark_to("consensus_mark"),
    "honeypotMarkGt": mark_above("honeypot_mark"),
    "honeypotMarkLt": mark_below("honeypot_mark"),
    "honeypotMarkGte": mark_from("honeypot_mark"),
    "honeypotMarkLte": mark_to("honeypot_mark"),
}

LEGACY_ASSET_FILTER: FilterTable = {
    "externalIdContains": _contained,
    "externalIdIn": _any_of(ASSET_FILTER["externalIdIn"]),
    "statusIn": _any_of(ASSET_FILTER["statusIn"]),
    "authorIn": _any_of(_labeled_by),
    "skipped": equals("skipped"),
    **MARKS,
}

LEGACY_LABEL_FILTER: FilterTable = {
    "externalIdContains": _of_asset(_contained),
    "externalIdIn": _of_asset(_any_of(ASSET_FILTER["externalIdIn"])),
    "statusIn": _of_asset(_any_of(ASSET_FILTER["statusIn"])),
    "typeIn": _any_of(LABEL_CONDITIONS["typeIn"]),
    "authorIn": _any_of(LABEL_CONDITIONS["authorIn"]),
    # A bare date is a whole day: after it begins when it has ended, before it ends when it begins.
    "createdAtGt": _created(">", lambda timestamp: timestamp.end),
    "createdAtLt": _created("<", lambda timestamp: timestamp.start),
    "createdAtGte": _created(">=", lambda timestamp: timestamp.start),
    "createdAtLte": _created("<=", lambda timestamp: timestamp.end),
    "skipped": equals("skipped"),
    **MARKS,
}


def searched_asset_filter(
    actor: Actor, project_id: str, assets_where: Mapping[str, Any], labels_where: Mapping[str, Any]
) -> Filter:
    """The visible assets of a project that satisfy one filter and have a label that satisfies all of the other."""
    filters = asset_filter({"project": {"id": project_id}}, actor)
    apply(LEGACY_ASSET_FILTER, assets_where, filters)
    if nested(LEGACY_LABEL_FILTER, labels_where, Filter(), "al") != "true":
        require_label(filters, LEGACY_LABEL_FILTER, labels_where, "t")
    types = [name for name in labels_where.get("typeIn", []) if name is not None]
    if types:
        filters.values["label_types"] = types
    return filters


def latest_label_filter(
    actor: Actor, *, project_id: str | None = None, asset_id: str | None = None, user_id: str | None = None
) -> Filter:
    """The newest answers: one of each person on each asset."""
    where: dict[str, Any] = {}
    for key, identifier in (("project", project_id), ("asset", asset_id), ("user", user_id)):
        if identifier is not None:
            where[key] = {"id": identifier}
    filters = label_filter(where, actor)
    filters.require(LATEST_ANSWER)
    return filters


def projects_of_user_filter(user_id: str, search_query: str | None) -> Filter:
    """The visible projects of a user; an organization's administrators have all of them.

    Labelers of a project do not see its other members.
    """
    filters = project_filter({"searchQuery": search_query} if search_query else {})
    user = filters.value(user_id)
    filters.require(
        f"""({user} = :viewer and :is_organization_admin)
        or exists (
          select 1
          from project_user mine
          where mine.project_id = t.id
            and mine.user_id = {user}
            and mine.deleted_at is null
            and (mine.user_id = :viewer or t.id <> all(:labeler_projects))
        )"""
    )
    return filters
