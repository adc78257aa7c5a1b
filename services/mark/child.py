"""The program of the child process that computes marks: an asset comes in, its marks go out.

Geometry that takes too long ends with this process, whose memory is not the server's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import orjson

from labelyard.domain.agreement import LabelReader
from labelyard.domain.interface import Interface, parse_interface
from labelyard.domain.mark import TYPES_OF_PART, AssetMarks, LabelMarks, MarkedLabel, marks_of
from labelyard.domain.mark_part import MarkPart
from labelyard.domain.workflow import LabelType
from labelyard.services.mark.message import Answer, AssetMessage, MarksMessage
from labelyard.storage.child_program import serve

CPU_SECONDS: Final = 60
MEMORY_BYTES: Final = 1 << 30


def answer(request: bytes) -> bytes:
    """The marks of an asset; an empty request only asks whether this process is ready."""
    if not request:
        return b""
    try:
        asset: AssetMessage = orjson.loads(request)
        outcome = Answer(marks=_message(_marks_of(asset)), error=None)
    except Exception as error:
        outcome = Answer(marks=None, error=f"{type(error).__name__}: {error}"[:1000])
    return orjson.dumps(outcome)


def _marks_of(asset: AssetMessage) -> AssetMarks:
    reader = _reader(asset["json_interface"], asset["input_type"], has_fractions=asset["has_fractions"])
    parts = [MarkPart(name) for name in asset["parts"]]
    needed = frozenset[LabelType]().union(*(TYPES_OF_PART[part] for part in parts))
    marked = [
        MarkedLabel(
            id=label["id"],
            author_id=label["author_id"],
            label_type=LabelType(label["label_type"]),
            is_gold=label["is_gold"],
            is_of_later_group=label["is_of_later_group"],
            answers=reader.read(label["answers"]),
        )
        for label in asset["labels"]
        if LabelType(label["label_type"]) in needed
    ]
    return marks_of(
        marked, is_used_for_consensus=asset["is_used_for_consensus"], is_honeypot=asset["is_honeypot"], parts=parts
    )


@lru_cache(maxsize=32)
def _reader(json_interface: str, input_type: str, *, has_fractions: bool) -> LabelReader:
    interface = parse_interface(json_interface, input_type=input_type).interface
    return LabelReader(interface or Interface(), input_type=input_type, has_fractions=has_fractions)


def _message(marks: AssetMarks) -> MarksMessage:
    consensus = marks.consensus
    return MarksMessage(
        consensus=consensus.mark if consensus else None,
        per_category={job: dict(by_category) for job, by_category in consensus.per_category.items()}
        if consensus
        else None,
        honeypot=marks.honeypot,
        inference=marks.inference,
        labels={label_id: _label_message(label) for label_id, label in marks.labels.items()},
    )


def _label_message(label: LabelMarks) -> dict[str, float]:
    values = {
        "consensus": label.consensus,
        "asset_consensus": label.asset_consensus,
        "honeypot": label.honeypot,
        "inference": label.inference,
        "review": label.review,
    }
    return {name: value for name, value in values.items() if value is not None}


if __name__ == "__main__":
    serve(answer, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
