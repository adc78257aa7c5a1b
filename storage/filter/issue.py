"""`IssueWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage import scope
from labelyard.storage.filter.asset import ASSET_FILTER
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals, nested, one_of
from labelyard.storage.filter.project import in_project


def _asset(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    if "id" in value:
        filters.require(f"{alias}.asset_id = {filters.value(value['id'])}")
    rest = {key: item for key, item in value.items() if key != "id" and item != {}}
    if rest:
        inner = nested(ASSET_FILTER, rest, filters, "ia")
        filters.require(f"exists (select 1 from asset ia where ia.id = {alias}.asset_id and {inner})")


ISSUE_FILTER: FilterTable = {
    "id": equals("id"),
    "project": in_project,
    "asset": _asset,
    "assetIn": one_of("asset_id"),
    "status": equals("status"),
    "type": equals("type"),
}


def issue_filter(where: Mapping[str, Any], actor: Actor) -> Filter:
    """The visible issues and questions that a `where` asks for."""
    filters = Filter(values={"label_types": None})
    project_id = where.get("project", {}).get("id") or where.get("asset", {}).get("project", {}).get("id")
    filters.require(scope.issues(actor, filters.values, project_id))
    return apply(ISSUE_FILTER, where, filters)
