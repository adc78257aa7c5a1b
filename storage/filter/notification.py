"""`NotificationWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage import scope
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals
from labelyard.storage.filter.user import of_person


def _user(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    if value:
        of_person(filters, value, alias, "user_id")


NOTIFICATION_FILTER: FilterTable = {
    "id": equals("id"),
    "hasBeenSeen": equals("has_been_seen"),
    "taskId": equals("id"),
    "user": _user,
}


def notification_filter(where: Mapping[str, Any]) -> Filter:
    """The caller's notifications that a `where` asks for."""
    return apply(NOTIFICATION_FILTER, where, Filter([scope.own()]))
