"""Computing the marks of one asset in a child process, within a limit of time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from labelyard.domain.mark_part import ALL_PARTS, MarkPart
from labelyard.services.mark.message import Answer, AssetMessage, LabelMessage, MarksMessage
from labelyard.storage.child_process import ChildEnded, ChildNotStarted, ChildProcess
from labelyard.storage.database import Row

CHILD: Final = "labelyard.services.mark.child"
MAX_ANSWER_BYTES: Final = 256 << 20
START_SECONDS: Final = 60.0
IDLE_SECONDS: Final = 60.0
THREAD_FROM_BYTES: Final = 1 << 20


@dataclass(slots=True)
class ComputedMarks:
    """Marks of an asset; `failures` names the parts that are missing, each with its reason.

    `is_final` says that another attempt would fail as well.
    """

    marks: MarksMessage
    failures: dict[str, str] = field(default_factory=dict)
    is_final: bool = True

    @property
    def reason(self) -> str | None:
        """All failures in one sentence."""
        return "; ".join(f"{part}: {reason}" for part, reason in self.failures.items()) or None


class MarkComputer:
    """One child process, which is started when there is something to compute and ended when there has been nothing."""

    def __init__(self, *, seconds: float) -> None:
        self.seconds = seconds
        self._child = ChildProcess(
            CHILD, max_answer_bytes=MAX_ANSWER_BYTES, environment={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        )
        self._used_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        """The id of the child, if there is one."""
        return self._child.pid

    async def compute(self, asset: Row, project: Row, labels: Sequence[Row]) -> ComputedMarks:
        """The marks of an asset; `ChildEnded` when they take too much time or memory, `ChildNotStarted` when nothing was
        computed.

        When a label cannot be read each part is computed by itself, so that only those that need this label are missing.
        """
        answer = await self._ask(asset, project, labels, ALL_PARTS)
        if answer["marks"] is not None:
            return ComputedMarks(answer["marks"])
        return await self.compute_by_parts(asset, project, labels)

    async def compute_by_parts(self, asset: Row, project: Row, labels: Sequence[Row]) -> ComputedMarks:
        """The marks of an asset, each part within the limit of time."""
        computed = ComputedMarks(no_marks())
        for part in ALL_PARTS:
            try:
                answer = await self._ask(asset, project, labels, [part])
            except ChildEnded as ended:
                computed.failures[part] = str(ended)
                computed.is_final = False
                continue
            if answer["marks"] is not None:
                _add(computed.marks, answer["marks"])
            else:
                computed.failures[part] = answer["error"] or "no reason"
        return computed

    async def rest(self) -> None:
        """End the child when it has had nothing to do for a while: it gives its memory back."""
        if self._child.pid is not None and time.monotonic() - self._used_at > IDLE_SECONDS:
            await self._child.end()

    async def end(self) -> None:
        """End the child."""
        await self._child.end()

    async def _start(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._child.ask(b"")
        except (TimeoutError, ChildEnded) as error:
            raise ChildNotStarted(
                f"{CHILD} did not start within {START_SECONDS:g} seconds, or ended at once"
            ) from error

    async def _ask(self, asset: Row, project: Row, labels: Sequence[Row], parts: Sequence[MarkPart]) -> Answer:
        size = sum(len(label["json_response"]) for label in labels)
        if size > THREAD_FROM_BYTES:
            request = await asyncio.to_thread(_request, asset, project, labels, parts)
        else:
            request = _request(asset, project, labels, parts)
        self._used_at = time.monotonic()
        try:
            if self._child.pid is None:
                await self._start()
            async with asyncio.timeout(self.seconds):
                reply = await self._child.ask(request)
        except TimeoutError as error:
            raise ChildEnded(f"takes more than {self.seconds:g} seconds") from error
        finally:
            self._used_at = time.monotonic()
        answer: Answer = orjson.loads(reply)
        return answer


def no_marks() -> MarksMessage:
    """The marks of an asset that has none."""
    return MarksMessage(consensus=None, per_category=None, honeypot=None, inference=None, labels={})


def _request(asset: Row, project: Row, labels: Sequence[Row], parts: Sequence[MarkPart]) -> bytes:
    return orjson.dumps(
        AssetMessage(
            json_interface=project["json_interface"],
            input_type=project["input_type"],
            has_fractions=project["input_type"] != "GEOSPATIAL" or project["pixel_labeling"],
            is_used_for_consensus=asset["is_used_for_consensus"],
            is_honeypot=asset["is_honeypot"],
            labels=[
                LabelMessage(
                    id=label["id"],
                    author_id=label["author_id"],
                    label_type=label["label_type"],
                    is_gold=label["is_honeypot"],
                    is_of_later_group=label["is_of_later_group"],
                    # What is stored is JSON already.
                    answers=orjson.Fragment(label["json_response"]),
                )
                for label in labels
            ],
            parts=[part.value for part in parts],
        )
    )


def _add(marks: MarksMessage, other: MarksMessage) -> None:
    """Add the marks of one part, which no other part has."""
    if other["consensus"] is not None or other["per_category"] is not None:
        marks["consensus"], marks["per_category"] = other["consensus"], other["per_category"]
    marks["honeypot"] = other["honeypot"] if other["honeypot"] is not None else marks["honeypot"]
    marks["inference"] = other["inference"] if other["inference"] is not None else marks["inference"]
    for label_id, values in other["labels"].items():
        marks["labels"].setdefault(label_id, {}).update(values)
