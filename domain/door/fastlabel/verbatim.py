"""Annotations of families that the store has no shape for: kept as they were sent, after a check of their classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from labelyard.domain.door.fastlabel.annotation_class import Ontology
from labelyard.domain.door.fastlabel.annotation_read import BY_A_PERSON
from labelyard.domain.door.fastlabel.annotation_write import MAX_ANNOTATIONS, class_named
from labelyard.domain.door.fastlabel.attribute import answers_of
from labelyard.domain.door.fastlabel.project_type import Kind
from labelyard.domain.door.fastlabel.value import json_text_of, list_of, object_of, whole_of

MOST_CHARACTERS: Final = 16 << 20
CUBOID_NUMBERS: Final = 9
FILLED_IN: Final = ("title", "color")


def kept_annotations(sent: Any, ontology: Ontology, mint: Callable[[], str]) -> list[dict[str, Any]]:
    """Annotations to keep, each with an id."""
    kept = []
    for index, item in enumerate(list_of(sent, "annotations", limit=MAX_ANNOTATIONS)):
        what = f"annotations[{index}]"
        given = object_of(item, what)
        one = class_named(given, ontology, what)
        answers_of(given.get("attributes"), one.attributes, f"{what}.attributes")
        if one.kind is Kind.SUB_TASK:
            start = whole_of(given.get("start"), f"{what}.start", least=0, most=1_000_000_000)
            whole_of(given.get("end"), f"{what}.end", least=start, most=1_000_000_000)
        kept.append({**given, "id": mint()})
    json_text_of(kept, "annotations", limit=MOST_CHARACTERS)
    return kept


def shown_annotations(kept: list[dict[str, Any]], ontology: Ontology) -> list[dict[str, Any]]:
    """Kept annotations with what their classes say filled in."""
    shapes = []
    for given in kept:
        one = ontology.by_kind_and_value.get((given.get("type", ""), given.get("value", "")))
        shape = {
            "title": one.title if one is not None else given.get("value"),
            "color": one.color if one is not None else "#808080",
            "attributes": [],
            "points": [],
            "rotation": 0,
            "keypoints": [],
            "confidenceScore": BY_A_PERSON,
            **{key: value for key, value in given.items() if key not in FILLED_IN},
        }
        if one is not None and one.kind is Kind.SUB_TASK:
            shape["points"] = [given["start"], given["end"]]
        if one is not None and isinstance(shape["attributes"], list):
            known = {attribute.key: attribute for attribute in one.attributes}
            shape["attributes"] = [
                {**item, "name": known[item["key"]].name, "type": known[item["key"]].type}
                for item in shape["attributes"]
                if item.get("key") in known
            ]
        shapes.append(shape)
    return shapes
