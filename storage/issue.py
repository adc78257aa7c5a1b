"""Statements about issues and comments that write operations need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.scope import (
    ITS_PROJECT,
    LABELER_ISSUE,
    LABELER_LABEL,
    OF_LABELER_ASSET,
    OWN_PROJECT,
    viewer_values,
)

LABELS = f"""
select l.id, l.asset_id, l.author_id
from label l {ITS_PROJECT.format(row="l")}
where l.id = any(:ids) and {OWN_PROJECT} and {LABELER_LABEL.format(r="l")}
"""
# Assets are locked in one order and before their project, as deleting assets does.
HOLD_ASSETS = f"""
select a.id, a.project_id
from asset a {ITS_PROJECT.format(row="a")}
where a.id = any(:ids)
  and {OWN_PROJECT}
  and {OF_LABELER_ASSET.format(r="a", asset="a.id")}
order by a.id
for key share of a
"""
ISSUE = f"""
select i.id, i.project_id, i.type, i.status, i.author_id, p.archived_at,
  (select l.author_id from label l where l.id = i.label_id) as label_author_id
from issue i {ITS_PROJECT.format(row="i")}
where i.id = :id and {OWN_PROJECT} and {LABELER_ISSUE.format(r="i")}
for no key update of i
"""
INSERT_ISSUES = """
insert into issue (id, project_id, asset_id, label_id, author_id, assignee_id, issue_number, type, object_mid)
select f.id, :project_id::text, f.asset_id, f.label_id, :author_id::text, f.assignee_id, :before::int + f.ordinal, f.type,
  f.object_mid
from unnest(:ids::text[], :asset_ids::text[], :label_ids::text[], :assignee_ids::text[], :types::text[], :mids::text[])
  with ordinality f(id, asset_id, label_id, assignee_id, type, object_mid, ordinal)
order by f.ordinal
"""
INSERT_COMMENTS = """
insert into issue_comment (id, issue_id, author_id, text)
select f.id, f.issue_id, :author_id::text, f.text
from unnest(:ids::text[], :issue_ids::text[], :texts::text[]) with ordinality f(id, issue_id, text, ordinal)
order by f.ordinal
"""


async def visible_labels(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, Row]:
    """Asset and author of the labels that the person sees, by id; other ids are left out."""
    rows = await connection.fetch(LABELS, {"ids": sorted(set(ids)), **viewer_values(actor)})
    return {row["id"]: row for row in rows}


async def hold_visible_assets(connection: Writer, ids: Sequence[str], actor: Actor) -> dict[str, str]:
    """The projects of the assets that the person sees, by id, held against deletion; other ids are left out."""
    rows = await connection.fetch(HOLD_ASSETS, {"ids": sorted(set(ids)), **viewer_values(actor)})
    return {row["id"]: row["project_id"] for row in rows}


async def take_issue_numbers(connection: Writer, project_id: str, count: int) -> int | None:
    """Take the next numbers of a project; answers the one before them, None when the project is archived or deleted.

    The project's row stays locked until the transaction ends, so that numbers are given in the order of creation, without gaps.
    """
    last = await connection.fetch_value(
        """
        update project
        set last_issue_number = last_issue_number + :count::int
        where id = :id and archived_at is null and deleted_at is null
        returning last_issue_number
        """,
        {"id": project_id, "count": count},
    )
    return None if last is None else int(last) - count


async def insert_issues(connection: Writer, values: Mapping[str, Any]) -> None:
    """Add issues of one project and author, in this order; their numbers follow `before`."""
    await connection.fetch(INSERT_ISSUES, values)


async def insert_comments(
    connection: Writer, *, ids: Sequence[str], issue_ids: Sequence[str], texts: Sequence[str], author_id: str
) -> None:
    """Add comments by one author, in this order."""
    await connection.fetch(
        INSERT_COMMENTS,
        {"ids": list(ids), "issue_ids": list(issue_ids), "texts": list(texts), "author_id": author_id},
    )


async def lock_issue(connection: Writer, identifier: str, actor: Actor) -> Row | None:
    """An issue that the person sees, locked until the transaction ends."""
    return await connection.fetch_one(ISSUE, {"id": identifier, **viewer_values(actor)})


async def set_issue_status(connection: Writer, identifier: str, status: str) -> None:
    """Write the status of an issue."""
    await connection.fetch(
        "update issue set status = :status, updated_at = now() where id = :id", {"id": identifier, "status": status}
    )
