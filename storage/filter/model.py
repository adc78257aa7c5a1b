"""`ModelWhere` and `ProjectModelWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage import scope
from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals

MODEL_FILTER: FilterTable = {"id": equals("id"), "organizationId": equals("organization_id")}
PROJECT_MODEL_FILTER: FilterTable = {"projectId": equals("project_id"), "modelId": equals("model_id")}


def model_filter(where: Mapping[str, Any]) -> Filter:
    """The models of the person's organization that a `where` asks for."""
    return apply(MODEL_FILTER, where, Filter([scope.models()]))


def project_model_filter(where: Mapping[str, Any]) -> Filter:
    """The models in visible projects that a `where` asks for."""
    return apply(PROJECT_MODEL_FILTER, where, Filter([scope.project_models()]))
