"""Statements about comments: issues and questions, and what is said in each."""

from __future__ import annotations

from typing import Final

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.fastlabel.task import TaskQuery, task_filter
from labelyard.storage.scope import ITS_PROJECT, LABELER_ISSUE, OWN_PROJECT, viewer_values

COLUMNS: Final = """i.id, i.asset_id, i.status, i.object_mid, i.created_at, i.updated_at,
  coalesce(d.record -> 'comments' -> i.id, '{}') as kept"""


async def comments_of_task(
    connection: Connection, actor: Actor, asset_id: str, *, offset: int, limit: int
) -> list[Row]:
    """A page of the comments on a task that the person sees."""
    return await connection.fetch(
        f"""
        select {COLUMNS}
        from issue i
        left join door_asset d on d.asset_id = i.asset_id and d.door = :door
        where i.asset_id = :asset_id and {LABELER_ISSUE.format(r="i")}
        order by i.position
        offset :offset
        limit :limit
        """,
        {**viewer_values(actor), "door": DOOR, "asset_id": asset_id, "offset": offset, "limit": limit},
    )


async def comment_by_id(connection: Connection, actor: Actor, issue_id: str) -> Row | None:
    """A comment that the person sees."""
    return await connection.fetch_one(
        f"""
        select {COLUMNS}
        from issue i {ITS_PROJECT.format(row="i")}
        left join door_asset d on d.asset_id = i.asset_id and d.door = :door
        where i.id = :id and {OWN_PROJECT} and {LABELER_ISSUE.format(r="i")}
        """,
        {**viewer_values(actor), "door": DOOR, "id": issue_id},
    )


async def threads_of(connection: Connection, issue_ids: list[str]) -> list[Row]:
    """What is said in comments, in order."""
    return await connection.fetch(
        """
        select c.id, c.issue_id, c.text, c.created_at, c.updated_at
        from issue_comment c
        where c.issue_id = any(:ids)
        order by c.position
        """,
        {"ids": issue_ids},
    )


async def threads_of_project(
    connection: Connection, actor: Actor, query: TaskQuery, *, category: str | None, offset: int, limit: int
) -> list[Row]:
    """A page of what is said in the comments on tasks, each with its comment."""
    filters = task_filter(query, actor)
    return await connection.fetch(
        f"""
        select c.id as thread_id, c.text, c.created_at as thread_created_at, c.updated_at as thread_updated_at, {COLUMNS}
        from issue_comment c
        join issue i on i.id = c.issue_id
        join asset t on t.id = i.asset_id
        left join door_asset d on d.asset_id = t.id and d.door = :door
        where {filters.where}
          and {LABELER_ISSUE.format(r="i")}
          and (:category::text is null or d.record -> 'comments' -> i.id ->> 'issueCategoryId' = :category::text)
        order by c.position
        offset :offset
        limit :limit
        """,
        {
            **viewer_values(actor),
            **filters.values,
            "door": DOOR,
            "category": category,
            "offset": offset,
            "limit": limit,
        },
    )


async def lock_thread(writer: Writer, actor: Actor, thread_id: str) -> Row | None:
    """A thread of a comment that the person sees, with what decides who may change it, locked."""
    return await writer.fetch_one(
        f"""
        select c.id, c.issue_id, c.author_id, i.asset_id, i.project_id, p.archived_at
        from issue_comment c
        join issue i on i.id = c.issue_id {ITS_PROJECT.format(row="i")}
        where c.id = :id and {OWN_PROJECT} and {LABELER_ISSUE.format(r="i")}
        for no key update of i
        """,
        {**viewer_values(actor), "id": thread_id},
    )


async def set_thread_text(writer: Writer, thread_id: str, text: str) -> None:
    """Change what is said."""
    await writer.fetch(
        "update issue_comment set text = :text, updated_at = now() where id = :id", {"id": thread_id, "text": text}
    )


async def remove_thread(writer: Writer, thread_id: str, issue_id: str) -> bool:
    """Take back what was said, and the comment when nothing else is said in it; answers whether it is gone."""
    await writer.fetch("delete from issue_comment where id = :id", {"id": thread_id})
    gone = await writer.fetch(
        """
        delete from issue i
        where i.id = :id and not exists (select 1 from issue_comment c where c.issue_id = i.id)
        returning i.id
        """,
        {"id": issue_id},
    )
    return bool(gone)
