"""`ProjectVersionWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals
from labelyard.storage.scope import SCOPES

VISIBLE = SCOPES["ProjectVersion"].condition.format(r="t")
PROJECT_VERSION_FILTER: FilterTable = {"id": equals("id"), "projectId": equals("project_id")}


def project_version_filter(where: Mapping[str, Any]) -> Filter:
    """The versions of visible projects that a `where` asks for."""
    return apply(PROJECT_VERSION_FILTER, where, Filter([VISIBLE]))
