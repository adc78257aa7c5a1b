"""An interface with every kind of task, and short ways to answer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from labelyard.domain.agreement import LabelAnswers, LabelReader
from labelyard.domain.interface import parse_interface

Json = dict[str, Any]


def classification(kind: str, *categories: str, child: bool = False, **children: list[str]) -> Json:
    return {
        "mlTask": "CLASSIFICATION",
        "required": 0,
        "isChild": child,
        "content": {
            "input": kind,
            "categories": {key: {"name": key.title(), "children": children.get(key, [])} for key in categories},
        },
    }


def detection(*tools: str, points: tuple[str, ...] = (), children: tuple[str, ...] = ()) -> Json:
    named = [{"code": code, "name": code, "mandatory": False} for code in points]
    body: Json = {"children": list(children), **({"points": named} if points else {})}
    categories = {key: {"name": key.title(), **body} for key in ("X", "Y")}
    return {
        "mlTask": "OBJECT_DETECTION",
        "tools": list(tools),
        "required": 0,
        "isChild": False,
        "content": {"input": "radio", "categories": categories},
    }


def job(task: str, **content: Any) -> Json:
    return {"mlTask": task, "required": 0, "isChild": False, "content": content}


ANY = {"startEntities": ["ANY"], "endEntities": ["ANY"], "startObjects": ["ANY"], "endObjects": ["ANY"]}
JOBS: Json = {
    "C": classification("radio", "RED", "BLUE", RED=["SHADE"]),
    "SHADE": classification("radio", "LIGHT", "DARK", child=True),
    "T": classification("checkbox", "RED", "BLUE", "GREEN"),
    "D": detection("rectangle", children=("SHADE",)),
    "P": detection("polygon"),
    "S": detection("semantic"),
    "M": detection("marker"),
    "L": detection("polyline"),
    "V": detection("vector"),
    "POSE": detection("pose", points=("NOSE", "EYE")),
    "R": detection("range"),
    "TEXT": job("TRANSCRIPTION", input="textField"),
    "NUMBER": job("TRANSCRIPTION", input="number"),
    "DATE": job("TRANSCRIPTION", input="date"),
    "FILE": job("FILE"),
    "E": job("NAMED_ENTITIES_RECOGNITION", input="radio", categories={"X": {"name": "X"}, "Y": {"name": "Y"}}),
    "REL": job("NAMED_ENTITIES_RELATION", input="radio", categories={"NEAR": {"name": "Near", **ANY}}),
    "OREL": job("OBJECT_RELATION", input="radio", categories={"NEAR": {"name": "Near", **ANY}}),
    "RANK": job("RANKING"),
    "PICK": job(
        "COMPARISON",
        input="radio",
        options={
            "BETTER": {"name": "Better", "children": []},
            "MUCH": {"name": "Much better", "children": []},
            "TIE": {"name": "Tie", "mutual": True, "children": []},
        },
    ),
}

Read = Callable[..., LabelAnswers]


@pytest.fixture(scope="session")
def read() -> Read:
    """Read `{job: answer}` as a label of an image, or of another type of asset."""
    interface = parse_interface(orjson.dumps({"jobs": JOBS}).decode(), input_type="IMAGE").interface
    assert interface is not None

    def read_label(root: Json, input_type: str = "IMAGE", has_fractions: bool = True) -> LabelAnswers:
        return LabelReader(interface, input_type=input_type, has_fractions=has_fractions).read(root)

    return read_label
