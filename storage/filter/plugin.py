"""Which plugins are listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage.filter.condition import Filter
from labelyard.storage.scope import SCOPES

OWN = SCOPES["Plugin"].condition.format(r="t")


def plugin_filter(where: Mapping[str, Any]) -> Filter:
    """Plugins of the caller's organization, by name or id where those are given."""
    filters = Filter([OWN])
    for column, key in (("name", "pluginName"), ("id", "id")):
        if key in where:
            filters.require(f"t.{column} = {filters.value(where[key])}")
    return filters
