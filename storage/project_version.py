"""Statements about versions of projects that write operations need."""

from __future__ import annotations

from labelyard.domain.permission import Actor
from labelyard.storage.database import Row, Writer
from labelyard.storage.scope import ITS_PROJECT, OWN_PROJECT, viewer_values

ADD = """
insert into project_version (id, project_id, name, content)
select :id, p.id, 'v' || p.interface_version, p.json_interface
from project p
where p.id = :project_id
"""
FORGET = """
delete from project_version
where project_id = :project_id
  and id not in (select id from project_version where project_id = :project_id order by position desc limit :kept)
"""
FIND = f"""
select t.id, t.project_id, p.archived_at
from project_version t {ITS_PROJECT.format(row="t")}
where t.id = :id
  and {OWN_PROJECT}
"""


async def add_version(connection: Writer, project_id: str, *, identifier: str, kept: int) -> None:
    """Keep the interface of a project as its newest version; versions before the newest `kept` go."""
    await connection.fetch(ADD, {"id": identifier, "project_id": project_id})
    await connection.fetch(FORGET, {"project_id": project_id, "kept": kept})


async def own_version(connection: Writer, version_id: str, actor: Actor) -> Row | None:
    """A version of a project that the person may see."""
    return await connection.fetch_one(FIND, {"id": version_id, **viewer_values(actor)})


async def set_content(connection: Writer, version_id: str, content: str) -> None:
    """Change what a version holds."""
    await connection.fetch(
        "update project_version set content = :content where id = :id", {"id": version_id, "content": content}
    )
