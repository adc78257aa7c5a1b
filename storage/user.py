"""Statements about users that write operations need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg

from labelyard.domain.error import Conflict
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.filter.condition import Filter
from labelyard.storage.scope import SEES_NAME


async def insert_user(connection: Writer, values: Mapping[str, Any]) -> bool:
    """Add a user; answers whether the organization had the e-mail address free.

    The unique key decides when two come at once.
    """
    return await connection.insert_row("user_account", values, unless_taken="email, organization_id")


async def user_by_email(
    connection: Connection, organization_id: str, email: str, viewer: Mapping[str, Any] | None = None
) -> Row | None:
    """The user of an organization with an e-mail address; with the values of a viewer, only one whose name they may learn."""
    is_known = "true" if viewer is None else SEES_NAME.format(r="u")
    return await connection.fetch_one(
        f"""
        select u.*
        from user_account u
        where u.email = :email and u.organization_id = :organization_id and {is_known}
        """,
        {**(viewer or {}), "email": email, "organization_id": organization_id},
    )


async def users_with_email(connection: Connection, email: str, organization: str | None) -> list[Row]:
    """The users of the server with an e-mail address and the names of their organizations, for its operator.

    `organization` narrows them to one organization, by name or id.
    """
    return await connection.fetch(
        """
        select u.*, o.name as organization
        from user_account u join organization o on o.id = u.organization_id
        where u.email = :email
          and o.deleted_at is null
          and (:organization::text is null or o.id = :organization or o.name = :organization)
        order by u.position
        """,
        {"email": email, "organization": organization},
    )


async def find_users(connection: Connection, chosen: Filter, viewer: Mapping[str, Any]) -> list[Row]:
    """The first two users that a filter leaves: callers want exactly one."""
    text = f"select t.* from user_account t where {chosen.where} order by t.position limit 2"
    return await connection.fetch(text, {**viewer, **chosen.values})


async def lock_user(connection: Writer, user_id: str) -> Row | None:
    """A user, locked against changes by others until the transaction ends."""
    return await connection.fetch_one("select * from user_account where id = :id for no key update", {"id": user_id})


async def update_user(connection: Writer, user_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of a user. The unique key decides when two take an e-mail address at once."""
    try:
        await connection.update_row("user_account", user_id, values, sets_updated_at=True)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(
            "[emailTaken] Somebody else of the organization has just taken this e-mail address; nothing was changed."
        ) from error


async def has_other_admin(connection: Connection, organization_id: str, user_id: str) -> bool:
    """Whether an organization has an active administrator beside a user."""
    return bool(
        await connection.fetch_value(
            """
            select exists (
              select 1
              from user_account
              where organization_id = :organization_id
                and organization_role = 'ADMIN'
                and activated
                and id <> :user_id
            )
            """,
            {"organization_id": organization_id, "user_id": user_id},
        )
    )


async def accept_invitations(connection: Writer, user_id: str) -> None:
    """Turn a person's open invitations into memberships."""
    await connection.fetch(
        "update project_user set invitation_status = 'ACCEPTED' where user_id = :user_id and invitation_status = 'PENDING'",
        {"user_id": user_id},
    )


async def list_users(connection: Connection) -> list[Row]:
    """All users of the server with what an operator wants to know of them, oldest first."""
    return await connection.fetch(
        """
        select u.email, u.organization_role, u.activated, u.password_hash is not null as has_password,
          u.firstname, u.lastname, o.name as organization,
          (
            select count(*)
            from api_key k
            where k.user_id = u.id and k.revoked_at is null and k.expires_at > now()
          ) as live_keys
        from user_account u join organization o on o.id = u.organization_id
        order by u.position
        """
    )


async def has_users(connection: Connection) -> bool:
    """Whether there is any user."""
    return bool(await connection.fetch_value("select exists (select 1 from user_account)"))


async def count_accounts(connection: Connection, email: str) -> int:
    """How many organizations an e-mail address administrates."""
    return int(
        await connection.fetch_value(
            """
            select count(*)
            from user_account u join organization o on o.id = u.organization_id
            where u.email = :email and u.organization_role = 'ADMIN' and o.deleted_at is null
            """,
            {"email": email},
        )
    )
