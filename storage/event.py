"""Statements about events: adding, listing, and making a chain of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from labelyard.storage.advisory_lock import AdvisoryLock
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.plan.compiler import milliseconds

COLUMNS: Final = (
    "sequence, position, created_at, organization_id, project_id, user_id, event, asset_id, label_id, payload, "
    "origin, hash"
)
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
# Numbers that this server has not reached yet come from another one, whose backup was restored.
UNCHAINED: Final = f"""
select {COLUMNS} from event
where sequence is null and (
  transaction_id < :before or transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
)
order by position limit :limit
"""
LAST: Final = "select sequence, hash from event where sequence is not null order by sequence desc limit 1"
CHAIN: Final = """
update event e set sequence = c.sequence, hash = c.hash
from unnest(:positions::bigint[], :sequences::bigint[], :hashes::bytea[]) c(position, sequence, hash)
where e.position = c.position
"""
CHAINED: Final = (
    f"select {COLUMNS} from event where sequence is not null and sequence > :after order by sequence limit :limit"
)
WAITING: Final = "select count(*) from event where sequence is null"
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
    """The next events for the chain, none of which another one may come before.

    Asked in this order: a transaction that has not begun by the first statement has a higher number, one that still runs shows in
    the second, and what ended before that is visible to the third.
    """
    following = int(await connection.fetch_value(NEXT_TRANSACTION))
    running = [_whole_number(row[0], following) for row in await connection.fetch(RUNNING_TRANSACTIONS)]
    return await connection.fetch(UNCHAINED, {"before": min([following, *running]), "limit": limit})


def _whole_number(transaction: int, following: int) -> int:
    """The number of a running transaction of which only the lower 32 bits are told: it comes before the following one."""
    number = (following & ~0xFFFFFFFF) | transaction
    return number if number < following else number - (1 << 32)


async def last_link(connection: Connection) -> Row | None:
    """Sequence and hash of the last entry of the chain."""
    return await connection.fetch_one(LAST)


async def add_to_chain(
    connection: Writer, positions: Sequence[int], sequences: Sequence[int], hashes: Sequence[bytes]
) -> None:
    """Give events their place in the chain."""
    await connection.fetch(CHAIN, {"positions": list(positions), "sequences": list(sequences), "hashes": list(hashes)})


async def chained_events(connection: Connection, *, after: int, limit: int) -> list[Row]:
    """Entries of the chain, in order."""
    return await connection.fetch(CHAINED, {"after": after, "limit": limit})


async def waiting_events(connection: Connection) -> int:
    """How many events have no place in the chain yet."""
    return int(await connection.fetch_value(WAITING))


async def versions_of_label(connection: Connection, label_id: str) -> list[Row]:
    """Every answer that a label has had, with who wrote it and when; the first is that of the label itself."""
    return await connection.fetch(VERSIONS, {"id": label_id})
