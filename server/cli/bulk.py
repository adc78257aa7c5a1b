"""What the commands share that write many rows: the person, batches, a progress bar, and a line for each row that is refused."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, Protocol, TypeVar

import typer

from labelyard.domain.error import Forbidden, NotFound
from labelyard.domain.permission import Action, Actor
from labelyard.domain.text import email_of
from labelyard.server.cli.database import printable
from labelyard.server.cli.people import user_named
from labelyard.server.cli.row_source import SourceRow
from labelyard.services.batch import Outcome
from labelyard.services.guard import authorize
from labelyard.storage.actor import find_actor
from labelyard.storage.database import Database

if TYPE_CHECKING:
    from rich.console import Console

MAX_REASON: Final = 1_000
BATCH_BYTES: Final = 4 << 20

ProjectId = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's id.")]
Person = Annotated[
    str,
    typer.Option("--as", metavar="EMAIL", help="The person who does it: their rights count, and it bears their name."),
]
OfOrganization = Annotated[
    str | None, typer.Option("--organization", help="Name or id of the organization, when several know the address.")
]


class Item(Protocol):
    """A row that can be written."""

    @property
    def location(self) -> str:
        """Where it stands in its source."""


ItemT = TypeVar("ItemT", bound=Item)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is refused without a look at the database."""

    location: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sized(Generic[ItemT]):
    """A row to write, what it takes in memory, and how much of the source lies before its end."""

    item: ItemT | Refused
    size: int
    position: int


@dataclass(slots=True)
class Totals:
    """What has come of all rows so far."""

    written: int = 0
    known: int = 0
    refused: int = 0
    warned: int = 0


@dataclass(slots=True)
class BulkWriter(Generic[ItemT]):
    """Writes rows in batches and says what became of them, as the rows come."""

    write: Callable[[Sequence[ItemT]], Awaitable[Outcome]]
    batch_items: int
    batch_bytes: int = BATCH_BYTES
    totals: Totals = field(default_factory=Totals)

    async def run(self, rows: Iterable[Sized[ItemT]], *, title: str, total: int | None) -> Totals:
        """Write everything; a terminal shows a bar meanwhile."""
        # Loaded here, not by each start of the server: they take as much memory as a twentieth of it.
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]:,} rows"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task(title, total=total, rows=0)
            for batch in _batches(rows, self.batch_items, self.batch_bytes):
                await self._write(batch, console)
                done = self.totals.written + self.totals.known + self.totals.refused
                progress.update(task, completed=batch[-1].position, rows=done)
        return self.totals

    async def _write(self, batch: Sequence[Sized[ItemT]], console: Console) -> None:
        refused = [(row.item.location, row.item.reason) for row in batch if isinstance(row.item, Refused)]
        items = [row.item for row in batch if not isinstance(row.item, Refused)]
        outcome = await self.write(items) if items else Outcome()
        refused += outcome.refused
        order = {row.item.location: number for number, row in enumerate(batch)}
        for location, reason in sorted(refused, key=lambda one: order[one[0]]):
            console.print(_line(location, "refused", reason))
        for location, reason in outcome.warned:
            console.print(_line(location, "stored, but", reason))
        self.totals.written += outcome.written
        self.totals.known += outcome.known
        self.totals.refused += len(refused)
        self.totals.warned += len(outcome.warned)


def _line(location: str, what: str, reason: str) -> str:
    text = printable(" ".join(reason.split()))
    return f"{printable(location)}: {what}: {text if len(text) <= MAX_REASON else text[:MAX_REASON] + ' …'}"


def _batches(rows: Iterable[Sized[ItemT]], most: int, most_bytes: int) -> Iterator[list[Sized[ItemT]]]:
    """Rows in batches that are bounded in number and in size; one row alone may be larger."""
    batch: list[Sized[ItemT]] = []
    size = 0
    for row in rows:
        if batch and (len(batch) >= most or size + row.size > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += row.size
    if batch:
        yield batch


async def person_for(
    database: Database, *, email: str, organization: str | None, action: Action, project_id: str
) -> Actor:
    """The person whom a command acts as, who may do the action in the project."""
    actor = await active_person(database, email=email, organization=organization)
    await authorize(database, actor, action, project_id)
    return actor


async def active_person(database: Database, *, email: str, organization: str | None) -> Actor:
    """The person whom a command acts as."""
    address = email_of(email)
    async with database.reader() as connection:
        user = await user_named(connection, address, organization)
        actor = await find_actor(connection, user["id"])
    if actor is None:
        raise Forbidden(f"{address} is not active; `labelyard key create` or `labelyard user password` lets them in.")
    return actor


def finish(work: Callable[[], Awaitable[Totals]], totals: Totals, *, what: str, project_id: str) -> None:
    """Run the work and say what came of it, whatever ended it; exit code 1 if a row was refused."""
    is_whole = False
    try:
        asyncio.run(_awaited(work))
        is_whole = True
    finally:
        if is_whole or totals.written or totals.known or totals.refused:
            print(f"{totals.written:,} {what} written to project {project_id}, {totals.known:,} were there already.")
        if totals.warned:
            print(f"Of what was written there are {totals.warned:,} warnings, on standard error.")
        if not is_whole and (totals.written or totals.known):
            print("Not everything was read: run the same command again to go on.", file=sys.stderr)
    if totals.refused:
        print(f"labelyard: {totals.refused:,} rows were refused.", file=sys.stderr)
        raise typer.Exit(1)


async def _awaited(work: Callable[[], Awaitable[Totals]]) -> None:
    await work()


def text_of(row: SourceRow, names: Sequence[str], *, what: str) -> str | None:
    """The text under one of several names, of which a row uses one."""
    value = value_of(row, names, what=what)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{what} is a text, not {type(value).__name__}")
    return value


def value_of(row: SourceRow, names: Sequence[str], *, what: str) -> Any:
    """The value under one of several names, of which a row uses one; None for null."""
    used = [name for name in names if row.values.get(name) is not None]
    if len(used) > 1:
        raise ValueError(f"{what} stands under {' and '.join(used)}; leave one of them out")
    return row.values[used[0]] if used else None


def unknown_project(project_id: str) -> NotFound:
    """The refusal of a project that is not there."""
    return NotFound(f"There is no project {project_id!r}.")
