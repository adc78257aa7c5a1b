"""`ProjectExportWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals
from labelyard.storage.scope import SCOPES

VISIBLE = SCOPES["ProjectExport"].condition.format(r="t")
PROJECT_EXPORT_FILTER: FilterTable = {"id": equals("id"), "projectId": equals("project_id")}


def project_export_filter(where: Mapping[str, Any]) -> Filter:
    """The exports that a person sees and a `where` asks for."""
    return apply(PROJECT_EXPORT_FILTER, where, Filter([VISIBLE]))
