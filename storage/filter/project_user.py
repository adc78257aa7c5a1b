"""`ProjectUserWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage import scope
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals, ignored
from labelyard.storage.filter.project import in_project
from labelyard.storage.filter.user import of_person

# Exactly one holds of each member, so that clients may add up counts.
STATUS_CONDITIONS = {
    "ACTIVATED": "(su.activated or su.is_invited) and su.organization_role <> 'ADMIN'",
    "ORG_ADMIN": "(su.activated or su.is_invited) and su.organization_role = 'ADMIN'",
    "ORG_SUSPENDED": "not (su.activated or su.is_invited)",
}


def _user(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    if value:
        of_person(filters, value, alias, "user_id")


def _status(filters: Filter, value: str, alias: str) -> None:
    filters.require(
        f"exists (select 1 from user_account su where su.id = {alias}.user_id and {STATUS_CONDITIONS[value]})"
    )


def _active(filters: Filter, value: bool, alias: str) -> None:
    filters.require(
        f"""{"" if value else "not "}(
          {alias}.deleted_at is null
          and {alias}.invitation_status = 'ACCEPTED'
          and exists (select 1 from user_account au where au.id = {alias}.user_id and au.activated)
        )"""
    )


PROJECT_USER_FILTER: FilterTable = {
    "id": equals("id"),
    "roleID": equals("id"),
    "activeInProject": _active,
    "deleted": ignored,  # read by `project_user_filter`
    "project": in_project,
    "status": _status,
    "user": _user,
}


def project_user_filter(where: Mapping[str, Any]) -> Filter:
    """The visible members that a `where` asks for; removed ones only when it says `deleted: true`."""
    filters = Filter([scope.project_users()])
    if not where.get("deleted"):
        filters.require("t.deleted_at is null")
    if where.get("deleted") is False and where.get("status") in ("ACTIVATED", "ORG_ADMIN"):
        # How clients look up who may be given a step: administrators of the organization may, and count as activated then. So
        # that clients who add up the counts of all statuses count nobody twice, no `ORG_ADMIN` is left beside them.
        status = where["status"]
        where = {key: value for key, value in where.items() if key != "status"}
        if status == "ACTIVATED":
            filters.require(
                "exists (select 1 from user_account su where su.id = t.user_id and (su.activated or su.is_invited))"
            )
        else:
            filters.require("false")
    return apply(PROJECT_USER_FILTER, where, filters)
