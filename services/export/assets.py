"""Assets on their way into an export: parsed as clients parse them, with the labels that the options ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labelyard.domain.export import ExportLabels, ExportOptions
from labelyard.domain.number import whole_number

Asset = dict[str, Any]
LISTS = {ExportLabels.LATEST_FROM_LAST_STEP: "latestLabels"}


def chosen_asset(asset: Asset, options: ExportOptions) -> Asset | None:
    """The asset with its JSON texts parsed and the chosen labels only; None when it has none of them."""
    asset["jsonMetadata"] = _parsed(asset["jsonMetadata"])
    if options.labels is ExportLabels.LATEST:
        label = asset["latestLabel"]
        if label is None or label["labelType"] not in options.label_types:
            return None
        _prepare(label)
        return asset
    key = LISTS.get(options.labels, "labels")
    labels = [label for label in asset[key] if label is not None and label["labelType"] in options.label_types]
    if options.labels is ExportLabels.LATEST_FROM_ALL_STEPS:
        labels = [label for label in labels if label["isLastForStep"]]
    if not labels:
        return None
    for label in labels:
        _prepare(label)
    asset[key] = labels
    return asset


def without_sent_back(asset: Asset, options: ExportOptions) -> Asset | None:
    """The asset without labels that were sent back, where the options leave them out; None when nothing is left."""
    if options.include_sent_back:
        return asset
    if "latestLabel" in asset:
        return asset if asset["latestLabel"]["isSentBackToQueue"] is False else None
    key = LISTS.get(options.labels, "labels")
    asset[key] = [label for label in asset[key] if label["isSentBackToQueue"] is False]
    return asset if asset[key] else None


def latest_labels(asset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The labels of formats that hold the latest ones."""
    label = asset.get("latestLabel")
    return ([label] if label else []) + list(asset.get("latestLabels") or ())


def every_label(asset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All labels that an asset has been left with."""
    return latest_labels(asset) + list(asset.get("labels") or ())


def suffixes(labels: list[dict[str, Any]]) -> list[str]:
    """What tells the files of several labels of one asset apart."""
    return [f"_label{number}" if len(labels) > 1 else "" for number in range(1, len(labels) + 1)]


def frames_numbered(response: dict[str, Any]) -> dict[Any, Any]:
    """An answer whose frames are numbers, so that they are sorted as such; one that mixes them with names keeps texts."""
    numbers = [whole_number(key) for key in response]
    return response if None in numbers else dict(zip(numbers, response.values(), strict=True))


def _prepare(label: dict[str, Any]) -> None:
    label["jsonResponse"] = _parsed(label["jsonResponse"])
    label["jsonResponseUrl"] = None  # what clients write of labels whose answer they did not have to fetch
    if author := label["author"]:
        author["name"] = f"{author['firstname']} {author['lastname']}"


def _parsed(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return {}
