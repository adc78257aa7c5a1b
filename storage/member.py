"""Statements about members of projects."""

from __future__ import annotations

from collections.abc import Sequence

from storage.database import Connection


async def member_ids(
    connection: Connection, project_id: str, user_ids: Sequence[str], organization_id: str
) -> set[str]:
    """Those of the users who belong to a project; administrators of the organization belong to all of them."""
    rows = await connection.fetch(
        "select u.id from user_account u where u.id = any(:ids) and u.organization_id = :organization_id and ("
        "u.organization_role = 'ADMIN' or exists (select 1 from project_user pu where pu.user_id = u.id "
        "and pu.project_id = :project_id and pu.deleted_at is null))",
        {"ids": list(user_ids), "project_id": project_id, "organization_id": organization_id},
    )
    return {row["id"] for row in rows}
