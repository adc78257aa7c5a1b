"""Statements about the answers that are kept for requests which are sent again."""

from __future__ import annotations

from typing import Final

from labelyard.storage.database import Database, Row, Writer

KEPT_HOURS: Final = 24
# How long the request that came first is waited for.
WAIT_SECONDS: Final = 20
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


async def keep_answer(connection: Writer, *, user_id: str, key: str, part: str, answer: str) -> None:
    """Keep the sealed answer of a field under a key that the transaction holds."""
    await connection.fetch(KEEP, {"user_id": user_id, "key": key, "part": part, "answer": answer})


async def remove_old_answers(database: Database) -> None:
    """Remove answers that are kept no longer, a piece at a time."""
    while True:
        async with database.autocommit() as connection:
            if len(await connection.write(REMOVE_OLD, {"limit": PIECE})) < PIECE:
                return
