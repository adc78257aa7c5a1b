"""Running plans: pages, objects by id, counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from labelyard.storage.database import Connection
from labelyard.storage.plan.budget import ReadBudget
from labelyard.storage.plan.compiler import Plan
from labelyard.storage.plan.page_bookmark import REMEMBERED_FROM, ListKey
from labelyard.storage.plan.row_horizon import LOOK

# What is built without a pause: some milliseconds of work.
ROWS_AT_ONCE = 1_000
BYTES_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted; `list_key` lets its places be remembered."""

    first: int
    skip: int
    list_key: ListKey | None = None


async def read_page(
    connection: Connection,
    plan: Plan,
    page: Page,
    *,
    where: str,
    values: Mapping[str, Any],
    context: Any,
    budget: ReadBudget,
    probe: str = "",
) -> list[Any]:
    """The objects of a page in creation order.

    `where` speaks of the row as `t`. Ids are paged on the index before anything is joined: a deep page pays for walking an
    index, not for joining what it skips, and from a bookmark on where one is known. `probe` answers the ids of all rows that the page
    can hold, null if they are many.
    """
    among = await connection.fetch_value(probe, values) if probe else None
    removals, skipped, position = await _start(connection, page)
    text = f"""
    select {plan.column_list}, page.page_position
    from (
      select t.id as page_id, t.position as page_position
      from {plan.source.table_name} t
      where {where}{" and t.position > :after" if skipped else ""}{"" if among is None else " and t.id = any(:among)"}
      order by t.position
      limit :first offset :skip
    ) page
    join {plan.source.table_name} t on t.id = page.page_id
    {plan.join_list}
    order by page.page_position
    """
    start = {"first": page.first, "skip": page.skip - skipped, "after": position, "among": among}
    rows = await _fetch(connection, plan, text, {**values, **start}, budget)
    if page.list_key is not None and removals is not None and rows:
        # No row of the list lies between the page and the one before it, so the page's start is a bookmark as well.
        connection.page_bookmarks.remember(page.list_key, page.skip, rows[0]["page_position"] - 1, removals)
        connection.page_bookmarks.remember(page.list_key, page.skip + len(rows), rows[-1]["page_position"], removals)
    return await build(connection, plan, rows, values, context, budget)


async def _start(connection: Connection, page: Page) -> tuple[int | None, int, int]:
    """The removals of the project, and the bookmark to start from as (rows before it, position)."""
    if page.list_key is None or page.skip + page.first < REMEMBERED_FROM:
        return None, 0, 0
    table, project_id, _ = page.list_key
    horizon = connection.page_bookmarks.horizons[table]
    text = LOOK[table] if horizon.is_wanted else "select removals from project where id = :id"
    known = await connection.fetch_one(text, {"id": project_id})
    if known is None:
        return None, 0, 0
    if horizon.is_wanted:
        horizon.is_wanted = False
        horizon.look(known["last_value"], frozenset(known["writers"]))
    removals = int(known["removals"])
    return removals, *connection.page_bookmarks.before(page.list_key, page.skip, removals)


async def read_by_ids(
    connection: Connection,
    plan: Plan,
    ids: Sequence[str],
    *,
    values: Mapping[str, Any],
    context: Any,
    budget: ReadBudget,
) -> list[Any]:
    """The objects with these ids, in this order; an id may repeat. What is gone is left out."""
    if plan.is_identity:
        identified: list[Any] = plan.build([(identifier,) for identifier in ids], (), context)
        return identified
    text = f"""
    select {plan.column_list}
    from unnest(:ids::text[]) with ordinality wanted(wanted_id, ordinal)
    join {plan.source.table_name} t on t.id = wanted.wanted_id
    {plan.join_list}
    order by wanted.ordinal
    """
    rows = await _fetch(connection, plan, text, {**values, "ids": list(ids)}, budget)
    return await build(connection, plan, rows, values, context, budget)


async def count(connection: Connection, table: str, *, where: str, values: Mapping[str, Any], total: str = "") -> int:
    """How many rows a filter leaves; `total` is a statement that knows it without the rows."""
    return int(await connection.fetch_value(total or f"select count(*) from {table} t where {where}", values))


async def build(
    connection: Connection, plan: Plan, rows: Sequence[Any], values: Mapping[str, Any], context: Any, budget: ReadBudget
) -> list[Any]:
    """Fetch the lists below the rows of a root field, each in one statement, and build the answer."""
    objects: list[Any] = []
    lists, sizes = await _lists(connection, plan, rows, values, context, budget)
    budget.take_answer(sum(_sizes(plan, rows, sizes)))
    async for some in _in_parts(plan, rows):
        objects += await _apart(plan, some, plan.build, some, lists, context)
    return objects


async def _lists(
    connection: Connection, plan: Plan, rows: Sequence[Any], values: Mapping[str, Any], context: Any, budget: ReadBudget
) -> tuple[list[Mapping[Any, Any]], list[Mapping[Any, int]]]:
    """What the to-many fields of rows answer, and what that takes in an answer, by the keys of the rows."""
    lists: list[Mapping[Any, Any]] = []
    sizes: list[Mapping[Any, int]] = []
    for child in plan.children:
        keys = list({row[child.key_column] for row in rows} - {None})
        below: dict[Any, Any] = {}
        totals: dict[Any, int] = {}
        if keys:
            text = child.plan.child_text()
            objects = await _fetch(connection, child.plan, text, {**values, "keys": keys}, budget)
            inner, inner_sizes = await _lists(connection, child.plan, objects, values, context, budget)
            for row, size in zip(objects, _sizes(child.plan, objects, inner_sizes), strict=True):
                totals[row[0]] = totals.get(row[0], 0) + size
            budget.check_answer(sum(totals.values()))
            async for some in _in_parts(child.plan, objects):
                await _apart(child.plan, some, child.plan.build, some, inner, context, below)
        lists.append(below)
        sizes.append(totals)
    return lists, sizes


async def _fetch(
    connection: Connection, plan: Plan, sql: str, values: Mapping[str, Any], budget: ReadBudget
) -> Sequence[Any]:
    """The rows of a statement as far as the budget reaches; what is more is refused. Long values come with their length."""
    bounded = f"""
    select kept.*
    from (
      select found.*, sum(found.length) over (rows unbounded preceding)::bigint as total
      from ({sql}) found
    ) kept
    where kept.total - kept.length <= :bytes_left
    """
    text = bounded if plan.lengths else sql
    rows = await connection.fetch(text, {**values, "bytes_left": budget.bytes_left})
    budget.take_rows(len(rows), len(plan.columns))
    if plan.lengths and rows:
        budget.take_values(rows[-1]["total"])
    return rows


def _sizes(plan: Plan, rows: Sequence[Any], below: Sequence[Mapping[Any, int]]) -> Iterable[int]:
    """What each row takes in an answer, with its lists."""
    size, length_column = plan.object_bytes, plan.length_column
    keyed = [(child.key_column, sizes) for child, sizes in zip(plan.children, below, strict=True) if sizes]
    if keyed and plan.lengths:
        return (size + row[length_column] + sum(sizes.get(row[key], 0) for key, sizes in keyed) for row in rows)
    if keyed:
        return (size + sum(sizes.get(row[key], 0) for key, sizes in keyed) for row in rows)
    return (size + row[length_column] for row in rows) if plan.lengths else repeat(size, len(rows))


async def _apart(plan: Plan, rows: Sequence[Any], build: Callable[..., Any], *arguments: Any) -> Any:
    """Build one part of the answer: in a thread when its rows are long, for what is derived from them takes long as well."""
    if plan.lengths and rows and rows[-1]["total"] - rows[0]["total"] + rows[0]["length"] > BYTES_AT_ONCE:
        return await asyncio.to_thread(build, *arguments)
    return build(*arguments)


async def _in_parts(plan: Plan, rows: Sequence[Any]) -> AsyncIterator[Sequence[Any]]:
    """Rows in parts that are built at one go; other requests have their turn between two of them."""
    most = ROWS_AT_ONCE
    if plan.lengths and rows:
        mean = rows[-1]["total"] // len(rows) + 1
        most = min(ROWS_AT_ONCE, max(1, BYTES_AT_ONCE // mean))
    if len(rows) <= most:
        yield rows
        return
    for start in range(0, len(rows), most):
        yield rows[start : start + most]
        await asyncio.sleep(0)
