"""Statements about tags that write operations need.

Whoever changes the tags of an organization holds the organization's row (`storage.organization.lock_organization`).
"""

from __future__ import annotations

from labelyard.storage.database import Connection, Row, Writer


async def count_tags(connection: Connection, organization_id: str) -> int:
    """How many tags an organization has."""
    return int(
        await connection.fetch_value(
            "select count(*) from tag where organization_id = :organization_id", {"organization_id": organization_id}
        )
    )


async def tag_labeled(connection: Connection, organization_id: str, label: str) -> str | None:
    """The id of the tag of an organization with a text."""
    tag_id = await connection.fetch_value(
        "select id from tag where organization_id = :organization_id and label = :label",
        {"organization_id": organization_id, "label": label},
    )
    return None if tag_id is None else str(tag_id)


async def own_tag(connection: Connection, organization_id: str, tag_id: str) -> Row | None:
    """A tag of an organization."""
    return await connection.fetch_one(
        "select id, label from tag where id = :id and organization_id = :organization_id",
        {"id": tag_id, "organization_id": organization_id},
    )


async def hold_tag(connection: Writer, organization_id: str, tag_id: str) -> Row | None:
    """A tag of an organization, held against deletion until the transaction ends."""
    return await connection.fetch_one(
        "select id from tag where id = :id and organization_id = :organization_id for key share",
        {"id": tag_id, "organization_id": organization_id},
    )


async def insert_tag(connection: Writer, *, identifier: str, organization_id: str, label: str, color: str) -> None:
    """Add a tag."""
    await connection.fetch(
        "insert into tag (id, organization_id, label, color) values (:id, :organization_id, :label, :color)",
        {"id": identifier, "organization_id": organization_id, "label": label, "color": color},
    )


async def set_label(connection: Writer, tag_id: str, label: str) -> None:
    """Change the text of a tag."""
    await connection.fetch("update tag set label = :label where id = :id", {"id": tag_id, "label": label})


async def remove_tag(connection: Writer, tag_id: str) -> None:
    """Remove a tag, from the projects that have it too."""
    await connection.fetch("delete from tag where id = :id", {"id": tag_id})


async def put_on_project(connection: Writer, project_id: str, tag_id: str) -> None:
    """Give a project a tag, which it may have already."""
    await connection.fetch(
        "insert into project_tag (project_id, tag_id) values (:project_id, :tag_id) on conflict do nothing",
        {"project_id": project_id, "tag_id": tag_id},
    )


async def take_from_project(connection: Writer, project_id: str, tag_id: str) -> bool:
    """Take a tag from a project; answers whether it had it."""
    return bool(
        await connection.fetch(
            "delete from project_tag where project_id = :project_id and tag_id = :tag_id returning tag_id",
            {"project_id": project_id, "tag_id": tag_id},
        )
    )
