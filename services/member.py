"""Membership in projects, as far as other rooms need it."""

from __future__ import annotations

from domain.permission import ProjectRole
from services.identity import new_id
from storage.database import Connection


async def put_member(connection: Connection, *, project_id: str, user_id: str, role: ProjectRole) -> str:
    """Give a user a role in a project, new or not, and answer the membership's id.

    The unique key of (project, user) decides when two requests do it at once.
    """
    return str(
        await connection.fetch_value(
            "insert into project_user (id, project_id, user_id, role) values (:id, :project_id, :user_id, :role) "
            "on conflict (project_id, user_id) do update set role = excluded.role, deleted_at = null returning id",
            {"id": new_id(), "project_id": project_id, "user_id": user_id, "role": role.value},
        )
    )
