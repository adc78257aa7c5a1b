"""Who holds a key."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from labelyard.domain.permission import Actor, ProjectRole
from labelyard.storage.database import Connection, Row

OF_KEYS = """
  select k.id, k.digest, k.user_id, k.depth
  from api_key k
  where k.digest = any(:digests) and k.revoked_at is null and k.expires_at > now()
  union all
  select s.id, s.digest, s.user_id, 0
  from login_session s
  where s.digest = any(:digests) and s.expires_at > now()
"""
OF_KEY_ID = """
  select k.id, k.digest, k.user_id, k.depth
  from api_key k
  where k.id = :key_id and k.revoked_at is null and k.expires_at > now()
  union all
  select s.id, s.digest, s.user_id, 0
  from login_session s
  where s.id = :key_id and s.expires_at > now()
"""
OF_USER = "select null as id, :user_id::text as digest, :user_id::text as user_id, 0 as depth"
ACTOR = """
select holder.digest, holder.id as key_id, holder.depth, u.id as user_id, u.email, u.organization_id, u.organization_role,
  m.project_ids, m.roles, m.archived, m.anonymized, o.has_kept_ids
from (HOLDERS) holder
join user_account u on u.id = holder.user_id
join organization o on o.id = u.organization_id and o.deleted_at is null
cross join lateral (
  select coalesce(array_agg(pu.project_id), '{}') as project_ids, coalesce(array_agg(pu.role), '{}') as roles,
    coalesce(array_agg(pu.project_id) filter (where p.archived_at is not null), '{}') as archived,
    coalesce(array_agg(pu.project_id) filter (where p.is_anonymized), '{}') as anonymized
  from project_user pu join project p on p.id = pu.project_id
  where u.organization_role <> 'ADMIN'
    and pu.user_id = u.id
    and pu.deleted_at is null
    and p.deleted_at is null
    and p.organization_id = u.organization_id
) m
where u.activated
"""
ACTORS_OF_KEYS = ACTOR.replace("HOLDERS", OF_KEYS)
ACTOR_OF_KEY_ID = ACTOR.replace("HOLDERS", OF_KEY_ID)
ACTOR_OF_USER = ACTOR.replace("HOLDERS", OF_USER)


async def find_actors(connection: Connection, digests: Collection[str]) -> dict[str, Actor]:
    """The people behind live keys and sessions, by digest, with their roles unless they administrate all projects."""
    return _actors(await connection.fetch(ACTORS_OF_KEYS, {"digests": list(digests)}))


async def find_actor(connection: Connection, user_id: str) -> Actor | None:
    """The person whom the operator acts as, without a key of theirs; None for one who is not active."""
    return _actors(await connection.fetch(ACTOR_OF_USER, {"user_id": user_id})).get(user_id)


async def find_current(connection: Connection, actor: Actor) -> Actor | None:
    """The person behind a request as they are now; None where their key, or their account, has ended since."""
    if not actor.key_id:
        return await find_actor(connection, actor.user_id)
    found = _actors(await connection.fetch(ACTOR_OF_KEY_ID, {"key_id": actor.key_id}))
    return next(iter(found.values()), None)


def _actors(rows: Sequence[Row]) -> dict[str, Actor]:
    return {
        row["digest"]: Actor(
            user_id=row["user_id"],
            email=row["email"],
            organization_id=row["organization_id"],
            is_organization_admin=row["organization_role"] == "ADMIN",
            roles={project: ProjectRole(role) for project, role in zip(row["project_ids"], row["roles"], strict=True)},
            archived=frozenset(row["archived"]),
            anonymized=frozenset(row["anonymized"]),
            has_kept_ids=row["has_kept_ids"],
            key_id=row["key_id"] or "",
            depth=row["depth"],
        )
        for row in rows
    }
