"""Rules of projects: what may be set, and how older names map to today's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from labelyard.domain.error import BadUserInput
from labelyard.domain.number import in_range
from labelyard.domain.text import MAX_DESCRIPTION, MAX_TITLE, within

# Older clients call a video split into frames FRAME; everybody gets VIDEO back.
CURRENT_INPUT_TYPES = {"FRAME": "VIDEO"}
# The asset type of a project that was created empty, until one is chosen.
NO_INPUT_TYPE = "NA"
METADATA_DEFAULTS = {"type": "string", "filterable": True, "visibleByLabeler": True, "visibleByReviewer": True}
VISIBILITY = ("filterable", "visibleByLabeler", "visibleByReviewer")
MAX_METADATA_PROPERTIES = 200
METADATA_TYPES = ("string", "number", "date")

PLAIN_SETTINGS = {
    "canNavigateBetweenAssets": "can_navigate_between_assets",
    "canSkipAsset": "can_skip_asset",
    "instructions": "instructions",
    "interfaceCategory": "interface_category",
    "maxWorkerCount": "max_worker_count",
    "minAgreement": "min_agreement",
    "rules": "rules",
    "secondsToLabelBeforeAutoAssign": "seconds_to_label_before_auto_assign",
    "shouldAutoAssign": "should_auto_assign",
    "shouldRelaunchKpiComputation": "should_relaunch_kpi_computation",
    "useHoneyPot": "use_honeypot",
}
NUMBERS = {
    "consensusTotCoverage": "consensus_tot_coverage",
    "minConsensusSize": "min_consensus_size",
    "reviewCoverage": "review_coverage",
    "consensusMark": "consensus_mark",
    "honeypotMark": "honeypot_mark",
}
COUNTERS = frozenset(
    {
        "completionPercentage",
        "numberOfAssets",
        "numberOfAssetsWithEmptyLabels",
        "numberOfAssetsWithSkippedLabels",
        "numberOfLatestLabels",
        "numberOfRemainingAssets",
        "numberOfReviewedAssets",
        "numberOfSkippedAssets",
    }
)


def input_type_of(name: str) -> str:
    """Today's name of an asset type."""
    return CURRENT_INPUT_TYPES.get(name, name)


def title_of(text: str) -> str:
    """A title of 1 to 500 characters."""
    return within(text, name="The title of a project", limit=MAX_TITLE, least=1)


def description_of(text: str) -> str:
    """A description of at most 10,000 characters."""
    return within(text, name="The description of a project", limit=MAX_DESCRIPTION)


def settings_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that `ProjectData` changes, checked; the interface, the author and archiving are not among them."""
    columns: dict[str, Any] = {column: data[key] for key, column in PLAIN_SETTINGS.items() if key in data}
    for key, column in NUMBERS.items():
        if key in data:
            columns[column] = in_range(data[key], key)
    if "title" in data:
        columns["title"] = title_of(data["title"])
    if "description" in data:
        columns["description"] = description_of(data["description"])
    if "complianceTags" in data:
        columns["compliance_tags"] = [str(tag) for tag in data["complianceTags"]]
    if "metadataProperties" in data:
        columns["metadata_properties"] = _json_of_properties(data["metadataProperties"])
    elif "metadataTypes" in data:
        properties = {key: {"type": kind} for key, kind in _mapping(data["metadataTypes"], "metadataTypes").items()}
        columns["metadata_properties"] = _json_of_properties(properties)
    return columns


def _json_of_properties(properties: Any) -> str:
    try:
        text = orjson.dumps(metadata_properties_of(properties)).decode()
    except TypeError as error:  # nested too deeply, or a number beyond 64 bits
        raise BadUserInput(
            "metadataProperties holds a value that cannot be kept.", path="metadataProperties"
        ) from error
    if "\\u0000" in text:
        raise BadUserInput(
            "metadataProperties holds a NUL character, which cannot be stored.", path="metadataProperties"
        )
    return text


def metadata_properties_of(properties: Any) -> dict[str, Any]:
    """The properties of metadata keys, with the defaults of what is left out."""
    answer: dict[str, Any] = {}
    if len(_mapping(properties, "metadataProperties")) > MAX_METADATA_PROPERTIES:
        raise BadUserInput(
            f"metadataProperties has at most {MAX_METADATA_PROPERTIES} keys, not {len(properties):,}.",
            limit=MAX_METADATA_PROPERTIES,
        )
    for key, settings in _mapping(properties, "metadataProperties").items():
        known = {
            name: value for name, value in _mapping(settings, f"metadataProperties.{key}").items() if value is not None
        }
        complete = {**METADATA_DEFAULTS, **known}
        for name in VISIBILITY:
            if not isinstance(complete[name], bool):
                raise BadUserInput(
                    f"metadataProperties.{key}.{name} is true or false, not {complete[name]!r}.",
                    path=f"metadataProperties.{key}.{name}",
                )
        if complete["type"] not in METADATA_TYPES:
            raise BadUserInput(
                f"metadataProperties.{key}.type is one of {', '.join(METADATA_TYPES)}, not {complete['type']!r}.",
                path=f"metadataProperties.{key}.type",
            )
        answer[key] = complete
    return answer


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadUserInput(f"{name} is an object, not {value!r}.", path=name)
    return value
