"""Statements that give a class another value in what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from labelyard.storage.database import Row, Writer
from labelyard.storage.fastlabel import DOOR

BATCH: Final = 500


async def labels_to_rename(writer: Writer, project_id: str, name: str, *, after: int) -> list[Row]:
    """Position, id and answers of labels of a project that use a `JOB.CATEGORY`, from a position on, locked."""
    return await writer.fetch(
        """
        select l.position, l.id, l.json_response, l.search
        from label l
        where l.project_id = :project_id and l.position > :after and l.search ? :name
        order by l.position
        limit :limit
        for no key update
        """,
        {"project_id": project_id, "name": name, "after": after, "limit": BATCH},
    )


async def rename_labels(writer: Writer, responses: Mapping[str, str], searches: Sequence[str]) -> None:
    """Write new answers of labels, by their ids, and what is counted in each."""
    await writer.fetch(
        """
        update label l
        set json_response = n.response, search = n.search::jsonb, version = l.version + 1, updated_at = now()
        from unnest(:ids::text[], :responses::text[], :searches::text[]) n(id, response, search)
        where l.id = n.id
        """,
        {"ids": list(responses), "responses": list(responses.values()), "searches": list(searches)},
    )


async def records_to_rename(writer: Writer, project_id: str, kind: str, value: str, *, after: str) -> list[Row]:
    """Asset ids and records with verbatim annotations of a class, from an id on, locked."""
    return await writer.fetch(
        """
        select d.asset_id, d.record
        from door_asset d
        where d.project_id = :project_id and d.door = :door and d.asset_id > :after
          and d.record -> 'annotations' @> jsonb_build_array(jsonb_build_object('type', :kind::text, 'value', :value::text))
        order by d.asset_id
        limit :limit
        for no key update
        """,
        {"project_id": project_id, "door": DOOR, "kind": kind, "value": value, "after": after, "limit": BATCH},
    )
