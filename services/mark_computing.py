"""From rows to quality marks."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from domain.agreement import LabelReader
from domain.interface import Interface, parse_interface
from domain.mark import AssetMarks, MarkedLabel, marks_of
from domain.workflow import LabelType
from storage.database import Row


def computed(
    assets: Sequence[Row], projects: Sequence[Row], labels: Sequence[Row]
) -> tuple[dict[str, AssetMarks], dict[str, str]]:
    """The marks of assets; one that cannot be computed keeps those it has, and stops none of the others."""
    readers = {project["id"]: _reader(project) for project in projects}
    by_asset: dict[str, list[Row]] = {}
    for label in labels:
        by_asset.setdefault(label["asset_id"], []).append(label)
    marks: dict[str, AssetMarks] = {}
    failures: dict[str, str] = {}
    for asset in assets:
        try:
            marks[asset["id"]] = _marks_of(asset, by_asset.get(asset["id"], []), readers[asset["project_id"]])
        except Exception as error:
            failures[asset["id"]] = f"{type(error).__name__}: {error}"
    return marks, failures


def _reader(project: Row) -> LabelReader:
    interface = parse_interface(project["json_interface"], input_type=project["input_type"]).interface
    return LabelReader(
        interface or Interface(),
        input_type=project["input_type"],
        has_fractions=project["input_type"] != "GEOSPATIAL" or project["pixel_labeling"],
    )


def _marks_of(asset: Row, labels: Sequence[Row], reader: LabelReader) -> AssetMarks:
    marked = [
        MarkedLabel(
            id=label["id"],
            author_id=label["author_id"],
            label_type=LabelType(label["label_type"]),
            is_gold=label["is_honeypot"],
            is_of_later_group=label["is_of_later_group"],
            answers=reader.read(orjson.loads(label["json_response"])),
        )
        for label in labels
    ]
    return marks_of(marked, is_used_for_consensus=asset["is_used_for_consensus"], is_honeypot=asset["is_honeypot"])
