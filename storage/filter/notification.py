"""`NotificationWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage import scope
from storage.filter.condition import Filter, FilterTable, apply, equals
from storage.filter.user import of_person


def _user(chosen: Filter, value: Mapping[str, Any], alias: str) -> None:
    if value:
        of_person(chosen, value, alias, "user_id")


NOTIFICATION_FILTER: FilterTable = {
    "id": equals("id"),
    "hasBeenSeen": equals("has_been_seen"),
    "taskId": equals("id"),
    "user": _user,
}


def choose_notifications(where: Mapping[str, Any]) -> Filter:
    """The caller's notifications that a `where` asks for."""
    return apply(NOTIFICATION_FILTER, where, Filter([scope.own()]))
