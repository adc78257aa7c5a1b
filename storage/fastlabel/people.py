"""People as the FastLabel door names them."""

from __future__ import annotations

from labelyard.domain.door.fastlabel.slug import user_slugs
from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row
from labelyard.storage.scope import HIDDEN_ADDRESS, SEES_ADDRESS, SEES_NAME, SEES_PERSON, viewer_values


async def slugs_of_people(connection: Connection, organization_id: str) -> dict[str, str]:
    """The slugs of everybody of an organization, by their ids."""
    rows = await connection.fetch(
        "select u.id, u.email from user_account u where u.organization_id = :organization_id order by u.position",
        {"organization_id": organization_id},
    )
    return user_slugs([(row["id"], row["email"]) for row in rows])


async def listed_people(
    connection: Connection, actor: Actor, *, keyword: str | None, offset: int, limit: int
) -> list[Row]:
    """A page of the people that the person sees, by name, e-mail address or all of them; those who have left are left out."""
    return await connection.fetch(
        f"""
        select u.id, u.email, u.firstname, u.lastname, u.organization_role, u.created_at, u.updated_at
        from user_account u
        where {SEES_PERSON.format(r="u")}
          and {SEES_NAME.format(r="u")}
          and {SEES_ADDRESS.format(r="u")}
          and (u.activated or u.is_invited)
          and u.email not like :hidden
          and (:keyword::text is null
            or position(lower(:keyword::text) in lower(concat_ws(' ', u.firstname, u.lastname, u.email))) > 0)
        order by u.position
        offset :offset
        limit :limit
        """,
        {
            **viewer_values(actor),
            "keyword": keyword,
            "hidden": f"%{HIDDEN_ADDRESS}",
            "offset": offset,
            "limit": limit,
        },
    )
