"""Putting tags on tasks, and taking them away."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import orjson

from labelyard.domain.door.fastlabel.sent_task import metadata_of
from labelyard.domain.error import NotFound
from labelyard.domain.permission import Actor
from labelyard.services.door.fastlabel.task import changed_metadata
from labelyard.storage.asset import assets_for_update
from labelyard.storage.database import Writer
from labelyard.storage.fastlabel.tag import tagged_assets
from labelyard.storage.fastlabel.task import write_metadata
from labelyard.storage.label import lock_assets


async def change_tags(
    writer: Writer,
    actor: Actor,
    project_id: str,
    task_ids: Sequence[str],
    *,
    added: Sequence[str] = (),
    removed: Collection[str] = (),
) -> int:
    """Add tags to tasks of a project, or remove them; answers how many tasks are not as they were."""
    await lock_assets(writer, task_ids)
    rows = {row["id"]: row for row in await assets_for_update(writer, task_ids, actor)}
    unknown = [one for one in task_ids if one not in rows or rows[one]["project_id"] != project_id]
    if unknown:
        raise NotFound(
            f"Task {unknown[0][:100]!r} is not one of the project that you may see; nothing was changed.",
            taskIds=unknown[:50],
        )
    texts = {}
    for identifier, row in rows.items():
        before, _ = metadata_of(orjson.loads(row["json_metadata"]))
        after = [tag for tag in dict.fromkeys([*before, *added]) if tag not in removed]
        if after != before:
            texts[identifier] = changed_metadata(row["json_metadata"], after, None)
    if texts:
        await write_metadata(writer, texts)
    return len(texts)


async def remove_tag(writer: Writer, project_id: str, tag: str) -> None:
    """Take a tag from all tasks of a project."""
    while rows := await tagged_assets(writer, project_id, tag):
        texts = {}
        for row in rows:
            before, _ = metadata_of(orjson.loads(row["json_metadata"]))
            texts[row["id"]] = changed_metadata(row["json_metadata"], [one for one in before if one != tag], None)
        await write_metadata(writer, texts)
