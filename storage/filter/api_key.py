"""`ApiKeyWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.secret import digest_of
from storage import scope
from storage.filter.condition import Filter, FilterTable, apply, equals
from storage.filter.user import of_person


def _key(chosen: Filter, value: str, alias: str) -> None:
    chosen.require(f"{alias}.digest = {chosen.value(digest_of(value))}")


def _user(chosen: Filter, value: Mapping[str, Any], alias: str) -> None:
    """`apiKey` inside means the key itself; `id` its owner."""
    if "apiKey" in value:
        _key(chosen, value["apiKey"], alias)
    rest = {key: item for key, item in value.items() if key != "apiKey"}
    if rest:
        of_person(chosen, rest, alias, "user_id")


API_KEY_FILTER: FilterTable = {"id": equals("id"), "key": _key, "user": _user}


def choose_api_keys(where: Mapping[str, Any]) -> Filter:
    """The caller's keys that a `where` asks for."""
    return apply(API_KEY_FILTER, where, Filter([scope.own()]))
