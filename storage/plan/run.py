"""Running plans: pages, objects by id, counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storage.database import Connection
from storage.plan.compiler import Plan


async def read_page(
    connection: Connection, plan: Plan, *, where: str, values: Mapping[str, Any], first: int, skip: int, context: Any
) -> list[Any]:
    """The objects of a page in creation order.

    `where` speaks of the row as `t`. Ids are paged on the index before anything is joined: a deep page pays for walking an
    index, not for joining what it skips.
    """
    text = (
        f"select {plan.column_list} from (select t.id as page_id, t.position as page_position "
        f"from {plan.source.table_name} t where {where} order by t.position limit :first offset :skip) page "
        f"join {plan.body.replace(' t ', ' t on t.id = page.page_id ', 1)} order by page.page_position"
    )
    rows = await connection.fetch(text, {**values, "first": first, "skip": skip})
    page: list[Any] = await build(connection, plan, rows, values, context)
    return page


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
