"""`IssueWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage import scope
from labelyard.storage.filter.asset import ASSET_FILTER
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals, nested, one_of
from labelyard.storage.filter.project import in_project


def _asset(chosen: Filter, value: Mapping[str, Any], alias: str) -> None:
    if "id" in value:
        chosen.require(f"{alias}.asset_id = {chosen.value(value['id'])}")
    rest = {key: item for key, item in value.items() if key != "id" and item != {}}
    if rest:
        inner = nested(ASSET_FILTER, rest, chosen, "ia")
        chosen.require(f"exists (select 1 from asset ia where ia.id = {alias}.asset_id and {inner})")


ISSUE_FILTER: FilterTable = {
    "id": equals("id"),
    "project": in_project,
    "asset": _asset,
    "assetIn": one_of("asset_id"),
    "status": equals("status"),
    "type": equals("type"),
}


def choose_issues(where: Mapping[str, Any], actor: Actor) -> Filter:
    """The visible issues and questions that a `where` asks for."""
    chosen = Filter(values={"label_types": None})
    project_id = where.get("project", {}).get("id") or where.get("asset", {}).get("project", {}).get("id")
    chosen.require(scope.issues(actor, chosen.values, project_id))
    return apply(ISSUE_FILTER, where, chosen)
