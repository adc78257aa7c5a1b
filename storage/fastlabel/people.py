"""People as the FastLabel door names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from labelyard.domain.door.fastlabel.slug import user_slugs
from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.scope import HIDDEN_ADDRESS, SEES_ADDRESS, SEES_NAME, SEES_PERSON, viewer_values

KNOWN: Final = " and ".join(rule.format(r="u") for rule in (SEES_PERSON, SEES_NAME, SEES_ADDRESS))


async def slugs_of_people(connection: Connection, actor: Actor) -> dict[str, str]:
    """The slugs of the people whose e-mail addresses the person may know, by their ids; everybody's decide what they are."""
    rows = await connection.fetch(
        f"""
        select u.id, u.email, {KNOWN} as is_known
        from user_account u
        where u.organization_id = :organization_id
        order by u.position
        """,
        viewer_values(actor),
    )
    slugs = user_slugs([(row["id"], row["email"]) for row in rows])
    return {row["id"]: slugs[row["id"]] for row in rows if row["is_known"]}


async def listed_people(
    connection: Connection, actor: Actor, *, keyword: str | None, offset: int, limit: int
) -> list[Row]:
    """A page of the people that the person sees, by name, e-mail address or all of them; those who have left are left out."""
    return await connection.fetch(
        f"""
        select u.id, u.email, u.firstname, u.lastname, u.organization_role, u.created_at, u.updated_at
        from user_account u
        where {KNOWN}
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


async def records_of_people(connection: Connection, user_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is kept of people, by their ids."""
    rows = await connection.fetch(
        "select d.user_id, d.record from door_user d where d.door = :door and d.user_id = any(:ids)",
        {"door": DOOR, "ids": list(user_ids)},
    )
    return {row["user_id"]: orjson.loads(row["record"]) for row in rows}


async def put_person_record(writer: Writer, user_id: str, record: Mapping[str, Any]) -> None:
    """Write what is kept of a person, whole."""
    await writer.fetch(
        """
        insert into door_user (door, user_id, record)
        values (:door, :user_id, :record)
        on conflict (door, user_id) do update set record = excluded.record
        """,
        {"door": DOOR, "user_id": user_id, "record": orjson.dumps(record).decode()},
    )


async def person_by_email(connection: Connection, actor: Actor, email: str) -> Row | None:
    """A person of the organization by their e-mail address, as far as the actor may know it."""
    return await connection.fetch_one(
        f"""
        select u.*
        from user_account u
        where u.email = lower(:email) and {KNOWN}
        """,
        {**viewer_values(actor), "email": email},
    )
