from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.error import BadRequest
from server.edge.body import BodyLimits, read_body
from server.edge.body_pace import Pace, PacedReceive
from tests.server.conftest import scope_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def receive_from(clock: Clock, schedule: list[tuple[float, int]]) -> PacedReceive:
    """A sender that waits so many seconds before each piece of so many bytes."""

    async def receive() -> dict[str, Any]:
        seconds, length = schedule.pop(0)
        clock.now += seconds
        return {"type": "http.request", "body": b" " * length, "more_body": bool(schedule)}

    return PacedReceive(receive, Pace(), clock=clock)


async def hear_out(receive: PacedReceive, schedule: list[tuple[float, int]]) -> None:
    while schedule:
        await receive()


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param([(9.9, 1)], id="late but within the first ten seconds"),
        pytest.param([(0, 1)] * 50_000, id="byte by byte at once"),
        pytest.param([(1, 1024)] * 600, id="one KiB a second for ten minutes"),
        pytest.param([(8, 8192)] * 60, id="in bursts"),
        pytest.param([(9, 10), (0, 1_000_000), (9.9, 1)], id="a pause after much"),
    ],
)
async def test_a_sender_who_keeps_the_pace_is_heard_out(schedule: list[tuple[float, int]]) -> None:
    expected = sum(length for _, length in schedule)
    receive = receive_from(Clock(), schedule)
    await hear_out(receive, schedule)
    assert receive.received_bytes == expected


@pytest.mark.parametrize(
    ("schedule", "received"),
    [
        pytest.param([(10.1, 1)], 0, id="nothing in ten seconds"),
        pytest.param([(1, 1)] * 60, 10, id="a byte a second"),
        pytest.param([(1, 1000)] * 3600, 385 * 1000, id="just below the pace, at length"),
        pytest.param([(0, 30_000_000), (10.1, 1)], 30_000_000, id="fast, then silent"),
    ],
)
async def test_a_sender_who_falls_behind_is_refused(schedule: list[tuple[float, int]], received: int) -> None:
    receive = receive_from(Clock(), schedule)
    with pytest.raises(BadRequest, match="too slowly") as refused:
        await hear_out(receive, schedule)
    assert refused.value.context == {"limit": "min_body_bytes_per_second", "value": 1024, "received": received}


async def test_a_sender_who_falls_silent_is_not_waited_for() -> None:
    pieces = [b'{"query":', b'"{a}"']
    is_cancelled = False

    async def receive() -> dict[str, Any]:
        nonlocal is_cancelled
        if pieces:
            return {"type": "http.request", "body": pieces.pop(0), "more_body": True}
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            is_cancelled = True
            raise
        raise AssertionError

    limits = BodyLimits(pace=Pace(grace_seconds=0.05))
    with pytest.raises(BadRequest, match=r"after the first 0\.05 seconds at least 1024 bytes a second"):
        await asyncio.wait_for(read_body(scope_of(), receive, limits), timeout=5)
    assert is_cancelled


async def test_what_arrives_after_a_wait_is_read() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b'{"query":"{a}"}', "more_body": False}

    assert (await read_body(scope_of(), receive)).query == "{a}"


async def test_a_cancelled_request_stops_waiting() -> None:
    task = asyncio.create_task(read_body(scope_of(), asyncio.Event().wait))  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("waits", [True, False])
async def test_a_failure_below_passes_unchanged(waits: bool) -> None:
    async def receive() -> dict[str, Any]:
        if waits:
            await asyncio.sleep(0)
        raise TimeoutError("of the layer below")

    with pytest.raises(TimeoutError, match="of the layer below"):
        await read_body(scope_of(), receive)
