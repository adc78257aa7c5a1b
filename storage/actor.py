"""Who holds a key."""

from __future__ import annotations

from collections.abc import Collection

from labelyard.domain.permission import Actor, ProjectRole
from labelyard.storage.database import Connection, Row

# The function is made by migrations, which say there who is found.
FOUND = "key_id, depth, user_id, email, organization_id, organization_role, has_kept_ids, project_ids, roles, archived, anonymized"
ACTOR_OF_KEY = f"select {FOUND} from person(:digest, null, null) where user_id is not null"
ACTORS_OF_KEYS = f"""
select asked.digest, {FOUND}
from unnest(:digests::text[]) asked(digest)
cross join lateral person(asked.digest, null, null)
where user_id is not null
"""
ACTOR_OF_KEY_ID = f"select {FOUND} from person(null, :key_id, null) where user_id is not null"
ACTOR_OF_USER = f"select {FOUND} from person(null, null, :user_id) where user_id is not null"


async def find_actors(connection: Connection, digests: Collection[str]) -> dict[str, Actor]:
    """The people behind live keys and sessions, by digest, with their roles unless they administrate all projects."""
    if len(digests) == 1:
        (digest,) = digests
        row = await connection.fetch_one(ACTOR_OF_KEY, {"digest": digest})
        return {digest: _actor(row)} if row is not None else {}
    rows = await connection.fetch(ACTORS_OF_KEYS, {"digests": list(digests)})
    return {row["digest"]: _actor(row) for row in rows}


async def find_actor(connection: Connection, user_id: str) -> Actor | None:
    """The person whom the operator acts as, without a key of theirs; None for one who is not active."""
    row = await connection.fetch_one(ACTOR_OF_USER, {"user_id": user_id})
    return _actor(row) if row is not None else None


async def find_current(connection: Connection, actor: Actor) -> Actor | None:
    """The person behind a request as they are now; None where their key, or their account, has ended since."""
    if not actor.key_id:
        return await find_actor(connection, actor.user_id)
    row = await connection.fetch_one(ACTOR_OF_KEY_ID, {"key_id": actor.key_id})
    return _actor(row) if row is not None else None


def _actor(row: Row) -> Actor:
    return Actor(
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
