"""`ApiKeyWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.secret import digest_of
from labelyard.storage import scope
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals
from labelyard.storage.filter.user import of_person


def _key(filters: Filter, value: str, alias: str) -> None:
    filters.require(f"{alias}.digest = {filters.value(digest_of(value))}")


def _user(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    """`apiKey` inside means the key itself; `id` its owner."""
    if "apiKey" in value:
        _key(filters, value["apiKey"], alias)
    rest = {key: item for key, item in value.items() if key != "apiKey"}
    if rest:
        of_person(filters, rest, alias, "user_id")


API_KEY_FILTER: FilterTable = {"id": equals("id"), "key": _key, "user": _user}


def api_key_filter(where: Mapping[str, Any]) -> Filter:
    """The caller's keys that a `where` asks for."""
    return apply(API_KEY_FILTER, where, Filter([scope.own()]))
