"""`UserWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.secret import digest_of
from labelyard.storage import scope
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals, nested, one_of
from labelyard.storage.filter.organization import ORGANIZATION_FILTER


def _email(filters: Filter, value: str, alias: str) -> None:
    """An address that is not shown finds nobody."""
    filters.require(f"{alias}.email = {filters.value(value.lower())} and {scope.SEES_NAME.format(r=alias)}")


def _api_key(filters: Filter, value: str, alias: str) -> None:
    """Only one's own keys can be looked up: this is how older clients ask who they are."""
    filters.require(
        f"""{alias}.id = :viewer
        and exists (
          select 1
          from api_key mine
          where mine.user_id = {alias}.id and mine.digest = {filters.value(digest_of(value))}
        )"""
    )


def _organization(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    if value:
        inner = nested(ORGANIZATION_FILTER, value, filters, "uo")
        filters.require(f"exists (select 1 from organization uo where uo.id = {alias}.organization_id and {inner})")


def of_person(filters: Filter, where: Mapping[str, Any], alias: str, column: str) -> None:
    """The person that a row names satisfies all of a `where`; whom the caller does not see satisfies nothing."""
    inner = nested(USER_FILTER, where, filters, "person")
    seen = scope.SEES_PERSON.format(r="person")
    filters.require(
        f"exists (select 1 from user_account person where person.id = {alias}.{column} and {inner} and {seen})"
    )


USER_FILTER: FilterTable = {
    "id": equals("id"),
    "idIn": one_of("id"),
    "activated": equals("activated"),
    "apiKey": _api_key,
    "email": _email,
    "organization": _organization,
    "organizationId": equals("organization_id"),
}


def user_filter(where: Mapping[str, Any]) -> Filter:
    """The visible users that a `where` asks for."""
    return apply(USER_FILTER, where, Filter([scope.users()]))
