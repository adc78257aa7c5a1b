"""`OrganizationWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals
from labelyard.storage.scope import SEES_NAME, SEES_PERSON

SEEN, NAMED = SEES_PERSON.format(r="ou"), SEES_NAME.format(r="ou")


def _user(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    """The organization of a person, by e-mail or id."""
    if "email" in value:
        email = filters.value(value["email"].lower())
        filters.require(
            f"exists (select 1 from user_account ou where ou.organization_id = {alias}.id and ou.email = {email} and {SEEN} "
            f"and {NAMED})"
        )
    if "id" in value:
        user = filters.value(value["id"])
        filters.require(
            f"exists (select 1 from user_account ou where ou.organization_id = {alias}.id and ou.id = {user} and {SEEN})"
        )


ORGANIZATION_FILTER: FilterTable = {"id": equals("id"), "organizationID": equals("id"), "user": _user}


def organization_filter(where: Mapping[str, Any]) -> Filter:
    """The caller's organization, if the `where` leaves it."""
    return apply(ORGANIZATION_FILTER, where, Filter(["t.id = :organization_id"]))
