"""`ProjectUserWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage import scope
from storage.filter.condition import Filter, FilterTable, apply, equals, ignored, nested
from storage.filter.project import in_project
from storage.filter.user import USER_FILTER

# Exactly one holds of each member, so that clients may add up counts.
STATUS_CONDITIONS = {
    "ACTIVATED": "(su.activated or su.is_invited) and su.organization_role <> 'ADMIN'",
    "ORG_ADMIN": "(su.activated or su.is_invited) and su.organization_role = 'ADMIN'",
    "ORG_SUSPENDED": "not (su.activated or su.is_invited)",
}


def _user(chosen: Filter, value: Mapping[str, Any], alias: str) -> None:
    if value:
        inner = nested(USER_FILTER, value, chosen, "mu")
        chosen.require(f"exists (select 1 from user_account mu where mu.id = {alias}.user_id and {inner})")


def _status(chosen: Filter, value: str, alias: str) -> None:
    chosen.require(
        f"exists (select 1 from user_account su where su.id = {alias}.user_id and {STATUS_CONDITIONS[value]})"
    )


def _active(chosen: Filter, value: bool, alias: str) -> None:
    chosen.require(
        f"{'' if value else 'not '}({alias}.deleted_at is null and {alias}.invitation_status = 'ACCEPTED' and exists "
        f"(select 1 from user_account au where au.id = {alias}.user_id and au.activated))"
    )


PROJECT_USER_FILTER: FilterTable = {
    "id": equals("id"),
    "roleID": equals("id"),
    "activeInProject": _active,
    "deleted": ignored,  # read by `choose_project_users`
    "project": in_project,
    "status": _status,
    "user": _user,
}


def choose_project_users(where: Mapping[str, Any]) -> Filter:
    """The visible members that a `where` asks for; removed ones only when it says `deleted: true`."""
    chosen = Filter([scope.project_users()])
    if not where.get("deleted"):
        chosen.require("t.deleted_at is null")
    if where.get("deleted") is False and where.get("status") == "ACTIVATED":
        # How clients look up who may be given a step: administrators of the organization may.
        where = {key: value for key, value in where.items() if key != "status"}
        chosen.require(
            "exists (select 1 from user_account su where su.id = t.user_id and (su.activated or su.is_invited))"
        )
    return apply(PROJECT_USER_FILTER, where, chosen)
