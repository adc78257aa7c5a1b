"""`TrainedModelWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals
from labelyard.storage.scope import SCOPES

VISIBLE = SCOPES["TrainedModel"].condition.format(r="t")
TRAINED_MODEL_FILTER: FilterTable = {
    "id": equals("id"),
    "projectId": equals("project_id"),
    "name": equals("name"),
}


def trained_model_filter(where: Mapping[str, Any]) -> Filter:
    """The trained models that a person sees and a `where` asks for."""
    return apply(TRAINED_MODEL_FILTER, where, Filter([VISIBLE]))
