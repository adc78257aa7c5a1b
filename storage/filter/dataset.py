"""`DatasetWhere` and `DatasetAssetWhere`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage.filter.condition import Filter, FilterTable, apply, equals, nested, one_of
from labelyard.storage.scope import SCOPES

OWN_DATASET = SCOPES["Dataset"].condition.format(r="t")
OWN_ASSET = SCOPES["DatasetAsset"].condition.format(r="t")

DATASET_FILTER: FilterTable = {"id": equals("id")}


def _in_dataset(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    if "id" in value:
        filters.require(f"{alias}.dataset_id = {filters.value(value['id'])}")


DATASET_ASSET_FILTER: FilterTable = {"id": equals("id"), "idIn": one_of("id"), "dataset": _in_dataset}


def dataset_filter(where: Mapping[str, Any]) -> Filter:
    """The datasets of the caller that a `where` asks for."""
    return apply(DATASET_FILTER, where, Filter([OWN_DATASET]))


def dataset_asset_filter(where: Mapping[str, Any]) -> Filter:
    """The assets of the caller's datasets that a `where` asks for."""
    return apply(DATASET_ASSET_FILTER, where, Filter([OWN_ASSET]))


def made_of_dataset_asset(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    """Assets of projects that were made of assets of datasets."""
    inner = nested(DATASET_ASSET_FILTER, value, filters, "da")
    if inner != "true":
        filters.require(
            f"exists (select 1 from dataset_link dl join dataset_asset da on da.id = dl.dataset_asset_id "
            f"where dl.asset_id = {alias}.id and {inner})"
        )
