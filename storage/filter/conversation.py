"""`ChatItemsWhere`."""

from __future__ import annotations

from labelyard.storage import scope
from labelyard.storage.filter.condition import Filter


def chat_item_filter(asset_id: str) -> Filter:
    """The visible messages of an asset."""
    filters = Filter()
    filters.require(scope.chat_items())
    filters.require(f"t.asset_id = {filters.value(asset_id)}")
    return filters
