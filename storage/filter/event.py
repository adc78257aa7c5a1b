"""`EventsWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.error import BadUserInput
from labelyard.domain.event import pattern_of
from labelyard.domain.number import whole_number
from labelyard.domain.permission import Actor
from labelyard.storage import scope
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals, from_timestamp, to_timestamp

LARGEST_POSITION = 2**63 - 1


def _event(filters: Filter, value: str, alias: str) -> None:
    if "*" in value:
        filters.require(f"{alias}.event ~ {filters.value(pattern_of(value))}")
    else:
        filters.require(f"{alias}.event = {filters.value(value)}")


EVENT_FILTER: FilterTable = {
    "projectId": equals("project_id"),
    "organizationId": equals("organization_id"),
    "createdAtGte": from_timestamp("created_at"),
    "createdAtLte": to_timestamp("created_at"),
    "userId": equals("user_id"),
    "event": _event,
}
NARROWING = ("userId", "event", "createdAtGte", "createdAtLte")


def event_filter(where: Mapping[str, Any], pagination: Mapping[str, Any], actor: Actor) -> Filter:
    """The visible events that a `where` asks for, between two of them where they are named."""
    filters = Filter()
    filters.require(scope.events(actor, filters.values))
    # What few rows fulfil is looked for in many.
    filters.is_heavy = any(key in where for key in NARROWING)
    for key, operator in (("fromEventId", ">="), ("untilEventId", "<=")):
        if key in pagination:
            filters.require(f"t.position {operator} {filters.value(_position(pagination[key], key))}")
    return apply(EVENT_FILTER, where, filters)


def _position(text: str, name: str) -> int:
    position = whole_number(text)
    if position is None or position > LARGEST_POSITION:
        raise BadUserInput(f"{name} is the id of an event, not {text[:40]!r}; `events` answers their ids.", field=name)
    return position
