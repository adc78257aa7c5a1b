"""`NotificationWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage import scope
from storage.filter.condition import Filter, FilterTable, apply, equals, nested
from storage.filter.user import USER_FILTER


def _user(chosen: Filter, value: Mapping[str, Any], alias: str) -> None:
    if value:
        inner = nested(USER_FILTER, value, chosen, "nu")
        chosen.require(f"exists (select 1 from user_account nu where nu.id = {alias}.user_id and {inner})")


NOTIFICATION_FILTER: FilterTable = {
    "id": equals("id"),
    "hasBeenSeen": equals("has_been_seen"),
    "taskId": equals("id"),
    "user": _user,
}


def choose_notifications(where: Mapping[str, Any]) -> Filter:
    """The caller's notifications that a `where` asks for."""
    return apply(NOTIFICATION_FILTER, where, Filter([scope.own()]))
