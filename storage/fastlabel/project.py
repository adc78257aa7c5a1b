"""Projects as the FastLabel door finds them: by slug, in pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.scope import OWN_PROJECT, viewer_values

# A video is made of frames when its assets list them.
COLUMNS: Final = """p.id, p.title, p.input_type, p.json_interface, p.interface_version, p.organization_id, p.archived_at,
  p.created_at, p.updated_at, d.slug, coalesce(d.record, '{}') as record,
  p.input_type = 'VIDEO' and exists (
    select 1
    from asset a
    where a.project_id = p.id and (a.json_content <> '' or a.json_content_blob_id is not null)
  ) as has_frames"""
SERVED: Final = f"p.input_type in ('IMAGE', 'TEXT', 'VIDEO', 'AUDIO') and {OWN_PROJECT}"
FROM: Final = "project p left join door_project d on d.project_id = p.id and d.door = :door"
MOST_NAMED: Final = 5_000


async def listed_projects(
    connection: Connection, actor: Actor, *, slug: str | None, offset: int, limit: int
) -> list[Row]:
    """A page of the projects of the person that have a slug, of those with one slug if it is given."""
    condition = "" if slug is None else "and d.slug = :slug"
    return await connection.fetch(
        f"""
        select {COLUMNS}
        from {FROM}
        where {SERVED} and d.slug is not null {condition}
        order by p.position
        offset :offset
        limit :limit
        """,
        {"door": DOOR, "slug": slug, "offset": offset, "limit": limit, **viewer_values(actor)},
    )


async def project_by_slug(connection: Connection, actor: Actor, slug: str) -> Row | None:
    """A project of the person by its slug."""
    rows = await listed_projects(connection, actor, slug=slug, offset=0, limit=1)
    return rows[0] if rows else None


async def project_by_id(connection: Connection, actor: Actor, project_id: str) -> Row | None:
    """A project of the person by its id."""
    return await connection.fetch_one(
        f"select {COLUMNS} from {FROM} where p.id = :id and {SERVED}",
        {"door": DOOR, "id": project_id, **viewer_values(actor)},
    )


async def listed_slugs(connection: Connection, actor: Actor, *, offset: int, limit: int) -> dict[str, str]:
    """The slugs of a page of projects, by their ids."""
    rows = await connection.fetch(
        f"""
        select p.id, d.slug
        from {FROM}
        where {SERVED} and d.slug is not null
        order by p.position
        offset :offset
        limit :limit
        """,
        {"door": DOOR, "offset": offset, "limit": limit, **viewer_values(actor)},
    )
    return {row["id"]: row["slug"] for row in rows}


async def projects_without_slug(connection: Connection, organization_id: str) -> list[Row]:
    """Id and title of projects of an organization that this door has not named yet, oldest first."""
    return await connection.fetch(
        """
        select p.id, p.title
        from project p
        where p.organization_id = :organization_id
          and p.deleted_at is null
          and p.input_type in ('IMAGE', 'TEXT', 'VIDEO', 'AUDIO')
          and not exists (select 1 from door_project d where d.project_id = p.id and d.door = :door and d.slug is not null)
        order by p.position
        limit :limit
        """,
        {"door": DOOR, "organization_id": organization_id, "limit": MOST_NAMED},
    )


async def taken_slugs(connection: Connection, organization_id: str) -> set[str]:
    """The slugs of an organization."""
    rows = await connection.fetch(
        "select slug from door_project where door = :door and organization_id = :organization_id and slug is not null",
        {"door": DOOR, "organization_id": organization_id},
    )
    return {row["slug"] for row in rows}


async def insert_slugs(writer: Writer, organization_id: str, slugs: Mapping[str, str]) -> None:
    """Name projects; one that was named meanwhile, or whose slug was taken meanwhile, is left as it is."""
    await writer.fetch(
        """
        insert into door_project (door, project_id, organization_id, slug)
        select :door, n.project_id, :organization_id, n.slug
        from unnest(:ids::text[], :slugs::text[]) n(project_id, slug)
        on conflict do nothing
        """,
        {
            "door": DOOR,
            "organization_id": organization_id,
            "ids": list(slugs),
            "slugs": list(slugs.values()),
        },
    )


async def history_by_id(connection: Connection, actor: Actor, history_id: str) -> Row | None:
    """An import into a project of the person."""
    return await connection.fetch_one(
        f"""
        select one as history
        from {FROM}
        cross join lateral jsonb_array_elements(d.record -> 'histories') one
        where d.record -> 'histories' @> jsonb_build_array(jsonb_build_object('id', :id::text))
          and one ->> 'id' = :id::text
          and {SERVED}
        """,
        {"door": DOOR, "id": history_id, **viewer_values(actor)},
    )
