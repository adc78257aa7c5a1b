"""Who holds a key."""

from __future__ import annotations

from storage.database import Connection, Row

ACTOR = (
    "select u.id as user_id, u.email, u.organization_id, u.organization_role, m.project_ids, m.roles "
    "from api_key k join user_account u on u.id = k.user_id cross join lateral ("
    "select coalesce(array_agg(pu.project_id), '{}') as project_ids, coalesce(array_agg(pu.role), '{}') as roles "
    "from project_user pu join project p on p.id = pu.project_id "
    "where u.organization_role <> 'ADMIN' and pu.user_id = u.id and pu.deleted_at is null "
    "and p.deleted_at is null and p.organization_id = u.organization_id) m "
    "where k.digest = :digest and k.revoked_at is null and k.expires_at > now() and u.activated"
)


async def find_actor(connection: Connection, digest: str) -> Row | None:
    """The owner of a live key, in one statement, with the projects they belong to unless they administrate them all."""
    return await connection.fetch_one(ACTOR, {"digest": digest})
