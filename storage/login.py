"""Statements about log-ins."""

from __future__ import annotations

from labelyard.storage.database import Connection, Row, Writer

WINDOW = "interval '15 minutes'"


async def failures(connection: Writer, *, account: str, address: str) -> tuple[int, int]:
    """How many attempts of the last 15 minutes failed, for an account and from an address.

    Attempts for one account, and from one address, queue up behind each other until the transaction ends: a hundred at once
    are counted like a hundred in a row. The two locks are always taken in this order.
    """
    await connection.fetch(
        "select pg_advisory_xact_lock(hashtextextended('log-in from ' || :address::text, 0))", {"address": address}
    )
    await connection.fetch(
        "select pg_advisory_xact_lock(hashtextextended('log-in of ' || :account::text, 0))", {"account": account}
    )
    row = await connection.fetch_one(
        f"""
        select count(*) filter (where account = :account)::int as of_account,
          count(*) filter (where address = :address)::int as from_address
        from login_failure
        where (account = :account or address = :address) and failed_at > now() - {WINDOW}
        """,
        {"account": account, "address": address},
    )
    return (row["of_account"], row["from_address"]) if row is not None else (0, 0)


async def insert_failure(connection: Writer, *, identifier: str, account: str, address: str) -> None:
    """Count an attempt as failed until `forget_failures`; what is too old to be counted goes on the way."""
    await connection.fetch(
        "insert into login_failure (id, account, address) values (:id, :account, :address)",
        {"id": identifier, "account": account, "address": address},
    )
    # Skips rows that another log-in is removing, so that no log-in waits.
    await connection.fetch(
        f"""
        delete from login_failure
        where id in (
          select id
          from login_failure
          where failed_at < now() - {WINDOW}
          limit 100 for update skip locked
        )
        """
    )


async def forget_failures(connection: Writer, account: str) -> None:
    """Forget the failed attempts for an account whose owner has just logged in."""
    await connection.fetch("delete from login_failure where account = :account", {"account": account})


async def insert_session(connection: Writer, *, identifier: str, user_id: str, digest: str, hours: int) -> None:
    """Open a session; some that are over go on the way."""
    await connection.fetch(
        """
        delete from login_session
        where id in (select id from login_session where expires_at < now() limit 100 for update skip locked)
        """
    )
    await connection.fetch(
        """
        insert into login_session (id, user_id, digest, expires_at)
        values (:id, :user_id, :digest, now() + make_interval(hours => :hours))
        """,
        {"id": identifier, "user_id": user_id, "digest": digest, "hours": hours},
    )


async def end_session(connection: Writer, session_id: str, user_id: str) -> bool:
    """End one session of a person; False when there is none of that id."""
    ended = await connection.fetch(
        "delete from login_session where id = :id and user_id = :user_id returning id",
        {"id": session_id, "user_id": user_id},
    )
    return bool(ended)


async def end_sessions(connection: Writer, user_id: str) -> None:
    """End every session of a person."""
    await connection.fetch("delete from login_session where user_id = :user_id", {"user_id": user_id})


async def credentials(connection: Connection, email: str, user_id: str | None) -> list[Row]:
    """Whom an e-mail address names in each organization, or one of them, with what is kept of their passwords; oldest first."""
    return await connection.fetch(
        """
        select id, password_hash
        from user_account
        where email = :email
          and activated
          and password_hash is not null
          and (:user_id::text is null or id = :user_id)
        order by position
        """,
        {"email": email, "user_id": user_id},
    )
