"""`DataIntegrationWhere` and `DataConnectionsWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.data_integration import platform_of
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals
from labelyard.storage.scope import SCOPES

VISIBLE_INTEGRATION = SCOPES["DataIntegration"].condition.format(r="t")
VISIBLE_CONNECTION = SCOPES["DataConnection"].condition.format(r="t")


def _platform(filters: Filter, value: Any, alias: str) -> None:
    filters.require(f"{alias}.platform = {filters.value(platform_of(str(value)).value)}")


def _status(filters: Filter, value: Any, alias: str) -> None:
    filters.require(f"{alias}.status = {filters.value(str(value))}")


DATA_CONNECTION_FILTER: FilterTable = {
    "id": equals("id"),
    "projectId": equals("project_id"),
    "integrationId": equals("integration_id"),
}
DATA_INTEGRATION_FILTER: FilterTable = {
    "id": equals("id"),
    "name": equals("name"),
    "organizationId": equals("organization_id"),
    "platform": _platform,
    "status": _status,
}
# By these, clients ask for the number of connections: they have no count of their own.
OF_CONNECTIONS = frozenset({"projectId", "integrationId"})


def data_integration_filter(where: Mapping[str, Any]) -> Filter:
    """The visible integrations that a `where` asks for; it names nothing of connections."""
    return apply(DATA_INTEGRATION_FILTER, where, Filter([VISIBLE_INTEGRATION]))


def data_connection_filter(where: Mapping[str, Any]) -> Filter:
    """The visible connections that a `where` asks for."""
    return apply(DATA_CONNECTION_FILTER, where, Filter([VISIBLE_CONNECTION]))
