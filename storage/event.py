"""Statements about events: adding, listing, and making a chain of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from labelyard.storage.advisory_lock import AdvisoryLock
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.plan.compiler import milliseconds

# In the order of `domain.event.LINKED`, without the number that they get in the chain.
LINKED: Final = """
  e.position, e.organization_id, e.project_id, e.user_id, e.event, e.asset_id, e.label_id, e.payload, e.origin, e.created_at"""
SHOWN: Final = (
    "t.position, t.created_at, t.organization_id, t.project_id, t.user_id, t.event, t.asset_id, t.label_id, t.payload, "
    "(select a.external_id from asset a where a.id = t.asset_id) as external_id"
)
PAGE: Final = f"""
select {SHOWN}
from event t where {{where}} order by t.position{{order}} limit :first offset :skip
"""
RECORD: Final = "select event_record(:organization_id, :project_id, :event, :payload::jsonb, :asset_id, :label_id)"
NEXT_TRANSACTION: Final = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
# The transactions of this database that have written: those of others on the same server may take as long as they like.
RUNNING_TRANSACTIONS: Final = """
select backend_xid::text::bigint from pg_stat_activity
where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()
"""
WALK: Final = """
select w.position, w.next_position, w.next_transaction, case when s.is_called then s.last_value else 0 end as last_value
from event_walk w, event_position_seq s
"""
SAVE_WALK: Final = """
update event_walk
set position = :position, next_position = :next_position, next_transaction = :next_transaction
"""
NEXT: Final = f"""
select {LINKED}
from event e
where e.position > :position
  and e.position <= :until
  and not exists (select from event_link l where l.position = e.position and l.position > :position)
order by e.position
limit :limit
"""
LAST: Final = "select sequence, hash from event_link order by sequence desc limit 1"
CHAINED: Final = f"""
select l.hash, l.sequence, {LINKED}
from event_link l join event e on e.position = l.position
where l.sequence > :after
order by l.sequence
limit :limit
"""
WAITING: Final = (
    "select count(*) from event e where not exists (select from event_link l where l.position = e.position)"
)
VERSIONS: Final = """
select v.number, v.json_response, v.created_at, v.author_id, u.email from (
  select number, json_response, created_at, author_id from label_version where label_id = :id
  union all
  select 1, l.json_response, l.created_at, l.author_id from label l
  where l.id = :id and not exists (select 1 from label_version where label_id = :id)
) v left join user_account u on u.id = v.author_id order by v.number
"""


async def record_event(
    connection: Writer,
    event: str,
    *,
    organization_id: str,
    project_id: str | None = None,
    asset_id: str | None = None,
    label_id: str | None = None,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Add an event that no trigger adds; who did it is known by `storage.origin`."""
    await connection.write(
        RECORD,
        {
            "organization_id": organization_id,
            "project_id": project_id,
            "event": event,
            "payload": orjson.dumps(dict(payload or {})).decode(),
            "asset_id": asset_id,
            "label_id": label_id,
        },
    )


async def list_events(
    connection: Connection, where: str, values: Mapping[str, Any], *, is_descending: bool, first: int, skip: int
) -> list[dict[str, Any]]:
    """A page of the events that a filter leaves, as clients read them."""
    text = PAGE.format(where=where, order=" desc" if is_descending else "")
    return [as_event(row) for row in await connection.fetch(text, {**values, "first": first, "skip": skip})]


def as_event(row: Row) -> dict[str, Any]:
    """An event as clients read it."""
    payload: dict[str, Any] = {}
    if row["asset_id"] is not None:
        payload |= {"assetId": row["asset_id"], "externalId": row["external_id"]}
    if row["label_id"] is not None:
        payload["labelId"] = row["label_id"]
    if row["payload"] is not None:
        payload |= orjson.loads(row["payload"])
    return {
        "id": str(row["position"]),
        "createdAt": milliseconds(row["created_at"]),
        "event": row["event"],
        "organizationId": row["organization_id"],
        "projectId": row["project_id"],
        "userId": row["user_id"],
        "payload": payload,
    }


async def lock_chain(connection: Writer) -> bool:
    """Be the only one to add to the chain until the transaction ends; False when somebody else is."""
    return bool(
        await connection.fetch_value("select pg_try_advisory_xact_lock(:lock)", {"lock": AdvisoryLock.EVENT_CHAIN})
    )


async def unchained_events(connection: Writer, *, limit: int) -> list[Row]:
    """The next events for the chain, none of which another one may come before; they are not answered again.

    Asked in this order: a position that is not given out by the first statement is higher; a transaction that has been given one
    has its number, so that the second tells of it while it runs; what has ended by then is visible to the third.
    """
    walk = await connection.fetch_one(WALK)
    if walk is None:
        raise LookupError("the row of event_walk is missing")
    if walk["position"] >= walk["last_value"]:
        return []
    running = await _running_transactions(connection)
    until, then = _settled(walk, running)
    position, rows = walk["position"], []
    if until > position:
        rows = await connection.fetch(NEXT, {"position": position, "until": until, "limit": limit})
        position = until if len(rows) < limit else rows[-1]["position"]
    following = then if position >= until else (until, 0)
    if (position, *following) != (walk["position"], walk["next_position"], walk["next_transaction"]):
        await connection.fetch(
            SAVE_WALK, {"position": position, "next_position": following[0], "next_transaction": following[1]}
        )
    return rows


def _settled(walk: Row, running: RunningTransactions) -> tuple[int, tuple[int, int]]:
    """The position up to which no event can be added any more; then the next to wait for, and the transactions before it."""
    position, next_position, next_transaction, last = walk
    if not running.numbers:
        return last, (last, 0)
    waiting = (last, running.following)
    # A number that nobody has reached comes from another server, whose backup was restored.
    if next_position <= position or next_transaction > running.following:
        return position, waiting
    if min(running.numbers) >= next_transaction:
        return next_position, waiting
    return position, (next_position, next_transaction)


class RunningTransactions(NamedTuple):
    """The numbers of transactions that have written and still run, and one that is higher than all so far."""

    numbers: Sequence[int]
    following: int


async def _running_transactions(connection: Writer) -> RunningTransactions:
    completed = int(await connection.fetch_value(NEXT_TRANSACTION))
    rows = await connection.fetch(RUNNING_TRANSACTIONS)
    numbers = [_whole_number(row[0], completed) for row in rows]
    return RunningTransactions(numbers, max([completed, *(number + 1 for number in numbers)]))


def _whole_number(transaction: int, near: int) -> int:
    """The number of a transaction of which only the lower 32 bits are told."""
    return near + ((transaction - near + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


async def last_link(connection: Connection) -> Row | None:
    """Sequence and hash of the last entry of the chain."""
    return await connection.fetch_one(LAST)


async def add_to_chain(connection: Writer, links: Sequence[tuple[int, int, bytes]]) -> None:
    """Give events their place in the chain; each has its number there, its position and its hash."""
    await connection.copy("event_link", ("sequence", "position", "hash"), links)


async def chained_events(connection: Connection, *, after: int, limit: int) -> list[Row]:
    """Entries of the chain, in order: the hash, the number, and what is hashed."""
    return await connection.fetch(CHAINED, {"after": after, "limit": limit})


async def waiting_events(connection: Connection) -> int:
    """How many events have no place in the chain yet."""
    return int(await connection.fetch_value(WAITING))


async def versions_of_label(connection: Connection, label_id: str) -> list[Row]:
    """Every answer that a label has had, with who wrote it and when; the first is that of the label itself."""
    return await connection.fetch(VERSIONS, {"id": label_id})
