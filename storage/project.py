"""Statements about projects that write operations need."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from labelyard.domain.error import NotFound
from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.scope import OWN_PROJECT, viewer_values


async def insert_project(connection: Writer, values: Mapping[str, Any]) -> None:
    """Add a project."""
    await connection.insert_row("project", values)


async def insert_step(connection: Writer, values: Mapping[str, Any]) -> None:
    """Add a workflow step."""
    await connection.insert_row("project_step", values)


async def update_project(connection: Writer, project_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of a project."""
    await connection.update_row("project", project_id, values)


async def update_first_step(connection: Writer, project_id: str, *, step_type: str, values: Mapping[str, Any]) -> None:
    """Change columns of the first step of a type."""
    await connection.fetch(
        """
        update project_step
        set step_coverage = :step_coverage
        where id = (
          select id
          from project_step
          where project_id = :project_id and type = :type
          order by step_order
          limit 1
        )
        """,
        {"project_id": project_id, "type": step_type, **values},
    )


async def only_first_step_uses_honeypots(connection: Writer, project_id: str) -> None:
    """Turn honeypots off in the other steps: one step of a project uses them, and the project's setting is the first's."""
    await connection.fetch(
        "update project_step set use_honeypot = false where project_id = :project_id", {"project_id": project_id}
    )


async def lock_project(connection: Writer, project_id: str) -> Row:
    """A project that is not deleted, locked against changes by others until the transaction ends."""
    row = await connection.fetch_one(
        "select * from project where id = :id and deleted_at is null for no key update", {"id": project_id}
    )
    return _existing(row, project_id)


async def own_project(connection: Connection, project_id: str, actor: Actor) -> Row | None:
    """Id of a project that the person may see, and when it was archived; None when there is no such project."""
    return await connection.fetch_one(
        f"select p.id as project_id, p.archived_at from project p where p.id = :id and {OWN_PROJECT}",
        {"id": project_id, **viewer_values(actor)},
    )


async def interface_of(connection: Connection, project_id: str) -> Row | None:
    """The interface of a project, and the settings that decide how answers to it are read."""
    return await connection.fetch_one(
        "select json_interface, input_type, pixel_labeling from project where id = :id", {"id": project_id}
    )


async def hold_project(connection: Writer, project_id: str) -> Row:
    """A project that is not deleted, held against deletion while things are added to it; others may do the same."""
    row = await connection.fetch_one(
        """
        select p.*,
          (
            select s.id
            from project_step s
            where s.project_id = p.id
            order by s.step_order
            limit 1
          ) as first_step_id
        from project p
        where p.id = :id and p.deleted_at is null
        for key share of p
        """,
        {"id": project_id},
    )
    return _existing(row, project_id)


async def project_for_conversations(connection: Connection, project_id: str) -> Row | None:
    """Type and version of the interface of a project that is not deleted."""
    return await connection.fetch_one(
        "select p.input_type, p.interface_version from project p where p.id = :id and p.deleted_at is null",
        {"id": project_id},
    )


async def has_labels(connection: Connection, project_id: str) -> bool:
    """Whether a project has any label."""
    value = await connection.fetch_value(
        "select exists (select 1 from label where project_id = :project_id)", {"project_id": project_id}
    )
    return bool(value)


class LabelUse(NamedTuple):
    """How many labels use a name, and the first of them."""

    labels: int
    examples: list[str]


COUNTED = "count(*)::int as labels, (array_agg(l.id order by l.position))[1:3] as examples"


async def labels_naming(connection: Connection, project_id: str, names: list[str]) -> dict[str, LabelUse]:
    """The labels of a project that use each `JOB.CATEGORY`, of those that some label uses."""
    rows = await connection.fetch(
        f"""
        select name, {COUNTED}
        from label l, unnest(:names::text[]) name
        where l.project_id = :project_id and l.search ? name
        group by name
        """,
        {"project_id": project_id, "names": names},
    )
    return {row["name"]: LabelUse(row["labels"], row["examples"]) for row in rows}


async def labels_answering(connection: Connection, project_id: str, jobs: list[str]) -> dict[str, LabelUse]:
    """The labels of a project that answer each job, at any depth, of those that some label answers."""
    if not jobs:
        return {}
    # Only a text that holds the name, or may hide it behind an escape, is read as JSON.
    rows = await connection.fetch(
        f"""
        select j.name, {COUNTED}
        from label l, unnest(:jobs::text[], :written::text[], :paths::text[]) j(name, written, path)
        where l.project_id = :project_id
          and case when strpos(l.json_response, j.written) > 0 or strpos(l.json_response, '\\u') > 0
            then jsonb_path_exists(l.json_response::jsonb, j.path::jsonpath) else false end
        group by j.name
        """,
        {
            "project_id": project_id,
            "jobs": jobs,
            "written": [json.dumps(job, ensure_ascii=False) for job in jobs],
            "paths": [f"$.**.{json.dumps(job)}" for job in jobs],
        },
    )
    return {row["name"]: LabelUse(row["labels"], row["examples"]) for row in rows}


def _existing(row: Row | None, project_id: str) -> Row:
    if row is None:
        raise NotFound(f"[notFound] No project {project_id!r} is visible to you.", projectId=project_id)
    return row


async def count_removal(connection: Writer, project_ids: Collection[str]) -> None:
    """Say that assets or labels have gone from projects: remembered places in their lists no longer hold."""
    if project_ids:
        await connection.fetch(
            "update project set removals = removals + 1 where id = any(:ids)", {"ids": sorted(project_ids)}
        )


async def input_type_of(connection: Connection, project_id: str) -> str | None:
    """What the assets of a project are; None where there is no such project."""
    value: str | None = await connection.fetch_value(
        "select p.input_type from project p where p.id = :id and p.deleted_at is null", {"id": project_id}
    )
    return value
