"""People as the FastLabel door names them."""

from __future__ import annotations

from labelyard.domain.door.fastlabel.slug import user_slugs
from labelyard.storage.database import Connection


async def slugs_of_people(connection: Connection, organization_id: str) -> dict[str, str]:
    """The slugs of everybody of an organization, by their ids."""
    rows = await connection.fetch(
        "select u.id, u.email from user_account u where u.organization_id = :organization_id order by u.position",
        {"organization_id": organization_id},
    )
    return user_slugs([(row["id"], row["email"]) for row in rows])
