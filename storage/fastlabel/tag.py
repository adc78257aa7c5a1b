"""Statements about the tags on tasks."""

from __future__ import annotations

from typing import Final

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.fastlabel.task import TaskQuery, task_filter
from labelyard.storage.scope import viewer_values

BATCH: Final = 1_000
NAMES: Final = """jsonb_array_elements(
    case when jsonb_typeof(t.metadata_search -> 'tags') = 'array' then t.metadata_search -> 'tags' else '[]' end
  ) tag"""


async def listed_tags(
    connection: Connection, actor: Actor, project_id: str, *, keyword: str | None, offset: int, limit: int
) -> list[Row]:
    """The tags on the tasks of a project that the person sees, in the order in which they came up, with their places."""
    filters = task_filter(TaskQuery(project_id), actor)
    return await connection.fetch(
        f"""
        select *
        from (
          select tag #>> '{{}}' as name, min(t.created_at) as created_at, max(t.updated_at) as updated_at,
            row_number() over (order by min(t.position), tag #>> '{{}}') as place
          from asset t, {NAMES}
          where {filters.where} and jsonb_typeof(tag) = 'string'
          group by tag
        ) tags
        where :keyword::text is null or position(lower(:keyword::text) in lower(name)) > 0
        order by place
        offset :offset
        limit :limit
        """,
        {**viewer_values(actor), **filters.values, "keyword": keyword, "offset": offset, "limit": limit},
    )


async def tagged_assets(writer: Writer, project_id: str, tag: str) -> list[Row]:
    """Some of the assets of a project with a tag, locked."""
    return await writer.fetch(
        """
        select a.id, a.json_metadata
        from asset a
        where a.project_id = :project_id and a.metadata_search -> 'tags' @> to_jsonb(:tag::text)
        order by a.id
        limit :limit
        for no key update
        """,
        {"project_id": project_id, "tag": tag, "limit": BATCH},
    )
