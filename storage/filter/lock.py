"""`LockWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage import scope
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals

IS_VALID = scope.IS_VALID_LOCK.format(r="t")
LOCK_FILTER: FilterTable = {"id": equals("id")}


def lock_filter(where: Mapping[str, Any], *, project_id: str | None = None, asset_id: str | None = None) -> Filter:
    """The valid locks that a `where` asks for, in visible projects; labelers see their own."""
    filters = Filter([f"t.project_id = any({scope.VISIBLE_PROJECTS})", IS_VALID])
    filters.require(scope.ONLY_ONESELF.format(r="t"))
    if project_id is not None:
        filters.require(f"t.project_id = {filters.value(project_id)}")
    if asset_id is not None:
        filters.require(f"t.asset_id = {filters.value(asset_id)}")
    return apply(LOCK_FILTER, where, filters)
