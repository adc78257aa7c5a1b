"""Statements about members of projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.filter.condition import Filter
from labelyard.storage.scope import SEES_NAME, viewer_values

# Whether `u` belongs to a project; administrators of the organization belong to all of them.
BELONGS = """(
  u.organization_role = 'ADMIN'
  or exists (
    select 1
    from project_user pu
    where pu.user_id = u.id and pu.project_id = :project_id and pu.deleted_at is null
  )
)"""


async def member_ids(
    connection: Connection, project_id: str, user_ids: Sequence[str], organization_id: str
) -> set[str]:
    """Those of the users who belong to a project; administrators of the organization belong to all of them."""
    rows = await connection.fetch(
        f"""
        select u.id
        from user_account u
        where u.id = any(:ids)
          and u.organization_id = :organization_id
          and {BELONGS}
        """,
        {"ids": list(user_ids), "project_id": project_id, "organization_id": organization_id},
    )
    return {row["id"] for row in rows}


async def member_ids_by_email(
    connection: Connection, project_id: str, emails: Sequence[str], actor: Actor
) -> dict[str, str]:
    """The ids of those who belong to a project, as `member_ids` says, by their e-mail addresses that the actor may learn."""
    rows = await connection.fetch(
        f"""
        select u.id, u.email
        from user_account u
        where u.email = any(:emails)
          and u.organization_id = :organization_id
          and {BELONGS}
          and {SEES_NAME.format(r="u")}
        """,
        {"emails": list(emails), "project_id": project_id, **viewer_values(actor)},
    )
    return {row["email"]: row["id"] for row in rows}


async def put_member(
    connection: Writer, *, identifier: str, project_id: str, user_id: str, role: str, invitation: str
) -> str:
    """Give a user a role in a project, new or not, and answer the membership's id.

    The unique key of (project, user) decides when two requests do it at once.
    """
    return str(
        await connection.fetch_value(
            """
            insert into project_user as pu (id, project_id, user_id, role, invitation_status)
            values (:id, :project_id, :user_id, :role, :invitation)
            on conflict (project_id, user_id) do update set
              role = excluded.role, deleted_at = null,
              invitation_status = case
                when pu.deleted_at is null then pu.invitation_status
                else excluded.invitation_status
              end
            returning id
            """,
            {
                "id": identifier,
                "project_id": project_id,
                "user_id": user_id,
                "role": role,
                "invitation": invitation,
            },
        )
    )


MEMBER = """
select pu.id, pu.project_id, pu.user_id, pu.role, u.organization_role
from project_user pu join user_account u on u.id = pu.user_id
where pu.deleted_at is null and
"""


async def member_by_id(connection: Connection, member_id: str) -> Row | None:
    """A membership that has not been ended."""
    return await connection.fetch_one(MEMBER + "pu.id = :id", {"id": member_id})


async def member_by_user(connection: Connection, project_id: str, user_id: str) -> Row | None:
    """The membership of a user in a project, if it has not been ended."""
    return await connection.fetch_one(
        MEMBER + "pu.project_id = :project_id and pu.user_id = :user_id",
        {"project_id": project_id, "user_id": user_id},
    )


async def find_members(connection: Connection, chosen: Filter, viewer: Mapping[str, Any]) -> list[Row]:
    """The first two memberships that a filter leaves: callers want exactly one."""
    text = f"""
    select t.id, t.project_id, t.user_id,
      (select p.archived_at from project p where p.id = t.project_id) as archived_at
    from project_user t
    where {chosen.where}
    order by t.position
    limit 2
    """
    return await connection.fetch(text, {**viewer, **chosen.values})


async def count_members(connection: Connection, project_id: str) -> int:
    """How many members a project has."""
    return int(
        await connection.fetch_value(
            "select count(*) from project_user where project_id = :project_id and deleted_at is null",
            {"project_id": project_id},
        )
    )


async def has_other_admin(connection: Connection, project_id: str, member_id: str) -> bool:
    """Whether a project has an administrator who can log in, beside a member."""
    return bool(
        await connection.fetch_value(
            """
            select exists (
              select 1
              from project_user pu join user_account u on u.id = pu.user_id
              where pu.project_id = :project_id
                and pu.role = 'ADMIN'
                and pu.deleted_at is null
                and u.activated
                and pu.id <> :id
            )
            """,
            {"project_id": project_id, "id": member_id},
        )
    )


async def set_role(connection: Writer, member_id: str, role: str) -> None:
    """Change the role of a member."""
    await connection.fetch("update project_user set role = :role where id = :id", {"id": member_id, "role": role})


async def set_starred(connection: Writer, member_id: str, starred: bool) -> None:
    """Star a project for a member, or take the star away."""
    await connection.fetch(
        "update project_user set starred = :starred where id = :id", {"id": member_id, "starred": starred}
    )


async def end_membership(connection: Writer, member: Row) -> None:
    """End a membership. The person's labels stay; assets that were given to them alone are open to everybody again."""
    await connection.fetch("update project_user set deleted_at = now() where id = :id", {"id": member["id"]})
    await connection.fetch(
        """
        delete from asset_assignee aa
        using asset a
        where aa.user_id = :user_id and a.id = aa.asset_id and a.project_id = :project_id
        """,
        {"user_id": member["user_id"], "project_id": member["project_id"]},
    )
