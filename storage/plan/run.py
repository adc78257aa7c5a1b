"""Running plans: pages, objects by id, counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.database import Connection
from storage.plan.compiler import Plan
from storage.plan.milestone import REMEMBERED_FROM, SETTLED_SECONDS, ListKey


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted; `list_key` lets its places be remembered."""

    first: int
    skip: int
    list_key: ListKey | None = None


async def read_page(
    connection: Connection, plan: Plan, page: Page, *, where: str, values: Mapping[str, Any], context: Any
) -> list[Any]:
    """The objects of a page in creation order.

    `where` speaks of the row as `t`. Ids are paged on the index before anything is joined: a deep page pays for walking an
    index, not for joining what it skips, and from a milestone on where one is known.
    """
    removals, skipped, position = await _start(connection, page)
    text = (
        f"select {plan.column_list}, page.page_position, page.is_settled from (select t.id as page_id, "
        f"t.position as page_position, t.created_at < now() - make_interval(secs => {SETTLED_SECONDS}) as is_settled "
        f"from {plan.source.table_name} t where {where}{' and t.position > :after' if skipped else ''} "
        f"order by t.position limit :first offset :skip) page "
        f"join {plan.body.replace(' t ', ' t on t.id = page.page_id ', 1)} order by page.page_position"
    )
    start = {"first": page.first, "skip": page.skip - skipped, "after": position}
    rows = await connection.fetch(text, {**values, **start})
    if page.list_key is not None and removals is not None and rows and rows[-1][-1]:
        # No row of the list lies between the page and the one before it, so the page's start is a milestone as well.
        connection.milestones.remember(page.list_key, page.skip, rows[0][-2] - 1, removals)
        connection.milestones.remember(page.list_key, page.skip + len(rows), rows[-1][-2], removals)
    found: list[Any] = await build(connection, plan, rows, values, context)
    return found


async def _start(connection: Connection, page: Page) -> tuple[int | None, int, int]:
    """The removals of the project, and the milestone to start from as (rows before it, position)."""
    if page.list_key is None or page.skip + page.first < REMEMBERED_FROM:
        return None, 0, 0
    removals = await connection.fetch_value("select removals from project where id = :id", {"id": page.list_key[1]})
    if removals is None:
        return None, 0, 0
    return int(removals), *connection.milestones.before(page.list_key, page.skip, int(removals))


async def read_by_ids(
    connection: Connection, plan: Plan, ids: Sequence[str], *, values: Mapping[str, Any], context: Any
) -> list[Any]:
    """The objects with these ids, in this order; an id may repeat. What is gone is left out."""
    if plan.is_identity:
        return plan.build([(identifier,) for identifier in ids], (), context)
    text = (
        f"select {plan.column_list} from unnest(:ids::text[]) with ordinality wanted(wanted_id, place) "
        f"join {plan.body.replace(' t ', ' t on t.id = wanted.wanted_id ', 1)} order by wanted.place"
    )
    rows = await connection.fetch(text, {**values, "ids": list(ids)})
    found: list[Any] = await build(connection, plan, rows, values, context)
    return found


async def count(connection: Connection, table: str, *, where: str, values: Mapping[str, Any]) -> int:
    """How many rows a filter leaves."""
    return int(await connection.fetch_value(f"select count(*) from {table} t where {where}", values))


async def build(
    connection: Connection, plan: Plan, rows: Sequence[Any], values: Mapping[str, Any], context: Any
) -> Any:
    """Fetch the lists below the rows, each in one statement, and build the answer."""
    lists: list[Mapping[Any, Any]] = []
    for child in plan.children:
        keys = list({row[child.key_column] for row in rows} - {None})
        if not keys:
            lists.append({})
            continue
        child_rows = await connection.fetch(child.plan.child_text(), {**values, "keys": keys})
        lists.append(await build(connection, child.plan, child_rows, values, context))
    return plan.build(rows, lists, context)
