"""Statements about the answers that are kept for requests which are sent again."""

from __future__ import annotations

from typing import Final

from labelyard.storage.database import Database, Row, Writer

KEPT_HOURS: Final = 24
# How long the request that came first is waited for.
WAIT_SECONDS: Final = 20
# What is kept of one person, and how long no answer makes room for another one.
MOST_KEYS: Final = 10_000
MOST_BYTES: Final = 256 << 20
FRESH_SECONDS: Final = 60
# So much of it stays when there is no room left, that not every request has to make some.
STAYS: Final = 0.9
IS_OVER = f"k.created_at < now() - interval '{KEPT_HOURS} hours'"
# Waits for a transaction that has claimed the same key, and then sees what it has kept.
CLAIM = f"""
insert into kept_answer as k (user_id, key, digest)
values (:user_id, :key, :digest)
on conflict (user_id, key) do update set
  digest = excluded.digest,
  answers = case when {IS_OVER} then '{{}}' else k.answers end,
  created_at = case when {IS_OVER} then now() else k.created_at end
where k.digest = excluded.digest or {IS_OVER}
returning k.answers ->> :part as answer
"""
KEEP = """
update kept_answer
set answers = answers || jsonb_build_object(:part::text, :answer::text)
where user_id = :user_id and key = :key
"""
# What one person has, but for the key that is asked about. How large an answer is says the row itself, without reading it.
TALLY = """
select count(*)::int as keys, coalesce(sum(pg_column_size(k.answers)), 0)::bigint as bytes
from kept_answer k
where k.user_id = :user_id and k.key <> :key
"""
# The oldest, as far as the newest leave no room; those that are sent again right now stay.
MAKE_ROOM = f"""
delete from kept_answer k
where k.user_id = :user_id and k.key in (
  select r.key
  from (
    select o.key, row_number() over newest as number, sum(pg_column_size(o.answers)) over newest as bytes
    from kept_answer o
    where o.user_id = :user_id and o.key <> :key
    window newest as (order by o.created_at desc, o.key)
  ) r join kept_answer l on l.user_id = :user_id and l.key = r.key
  where (r.number > :keys or r.bytes > :bytes) and l.created_at < now() - interval '{FRESH_SECONDS} seconds'
  for update of l skip locked
)
returning 1
"""
PIECE: Final = 10_000
REMOVE_OLD = f"""
delete from kept_answer
where (user_id, key) in (
  select k.user_id, k.key
  from kept_answer k
  where {IS_OVER}
  limit :limit for update skip locked
)
returning 1
"""


async def claim_key(connection: Writer, *, user_id: str, key: str, digest: str, part: str) -> Row | None:
    """Hold a person's key until the transaction ends; `answer` is what is kept of one field. None where it was used otherwise."""
    await connection.fetch(f"set local lock_timeout = '{WAIT_SECONDS}s'")
    values = {"user_id": user_id, "key": key, "digest": digest, "part": part}
    found = await connection.fetch_one(CLAIM, values)
    await connection.fetch("set local lock_timeout to default")
    return found


async def keep_answer(connection: Writer, *, user_id: str, key: str, part: str, answer: str) -> bool:
    """Keep the sealed answer of a field under a key that the transaction holds; False where the person has too many fresh ones."""
    await connection.fetch(KEEP, {"user_id": user_id, "key": key, "part": part, "answer": answer})
    if await _has_room(connection, user_id, key, len(answer)):
        return True
    values = {
        "user_id": user_id,
        "key": key,
        "keys": int(MOST_KEYS * STAYS),
        "bytes": int(MOST_BYTES * STAYS) - len(answer),
    }
    await connection.fetch(MAKE_ROOM, values)
    return await _has_room(connection, user_id, key, len(answer))


async def _has_room(connection: Writer, user_id: str, key: str, size: int) -> bool:
    (row,) = await connection.fetch(TALLY, {"user_id": user_id, "key": key})
    return bool(row["keys"] < MOST_KEYS and row["bytes"] + size <= MOST_BYTES)


async def remove_old_answers(database: Database) -> None:
    """Remove answers that are kept no longer, a piece at a time."""
    while True:
        async with database.autocommit() as connection:
            if len(await connection.write(REMOVE_OLD, {"limit": PIECE})) < PIECE:
                return
