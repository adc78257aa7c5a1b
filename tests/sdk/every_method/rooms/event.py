"""The events of a project."""

from __future__ import annotations

from typing import Any

from tests.sdk.every_method.rooms.given import a_label
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World


async def a_recorded_label(world: World) -> Names:
    """A label, once it is among the events; and all events of the project."""
    made = await a_label(world)
    for _ in range(100):
        found = await world.read(EVENTS, made)
        if any(one["event"].startswith("label.") for one in found):
            return {**made, "events": [[one["id"], one["event"]] for one in found]}
        import asyncio

        await asyncio.sleep(0.1)
    raise AssertionError(f"no event of a label: {found}")


def names_of(found: Any) -> Any:
    return [[one["id"], one["event"]] for one in found]


EVENTS = "events(where: {projectId: $project}, pagination: {first: 100, skip: 0}, order: asc) { id event }"

ROWS: list[Row] = [
    row(
        "events.list 2.176.1..", given=a_recorded_label, call={"project_id": "$project"}, of=names_of, answer="$events"
    ),
]
