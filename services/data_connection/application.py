"""Applying what a comparison has found: a job that imports or deletes assets, some at a time.

Each piece takes the differences away that it applies, in one transaction: another worker goes on with those that are left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from labelyard.domain.data_connection import external_id_of
from labelyard.domain.permission import Actor
from labelyard.services.asset.content import Content
from labelyard.services.asset.deletion import remove_assets
from labelyard.services.asset.import_check import CheckedImport, StoredObject
from labelyard.services.asset.importing import import_assets
from labelyard.services.data_connection.work import ATTEMPTS, still_allowed, working
from labelyard.services.data_connection.writing import ADD, filter_of
from labelyard.services.identity import new_id
from labelyard.services.job.handler import RunningJob, job_handler
from labelyard.storage.asset import existing_external_ids
from labelyard.storage.data_connection import (
    APPLICATION,
    assets_of_objects,
    count_applied,
    some_differences,
)
from labelyard.storage.database import Row, Writer
from labelyard.storage.event import record_event

PIECE: Final = 2_000
NOTHING: Final = Content("", None)


@job_handler(APPLICATION, attempts=ATTEMPTS, at_once=2)
async def apply(job: RunningJob) -> Mapping[str, Any]:
    """Apply the differences of one type that wait."""
    difference = job.payload["type"]
    async with working(job) as (row, _):
        total = job.done + (row["added"] if difference == ADD else row["removed"])
        while applied := await _piece(job, difference):
            job.done += applied
            await job.checkpoint({"applied": job.done})
            await job.progress(job.done, total)
        async with job.database.transaction() as connection:
            await record_event(
                connection,
                "assetStorage.connection.data.synchronized",
                organization_id=row["organization_id"],
                project_id=row["project_id"],
                payload={"connectionId": row["connection_id"]},
            )
    return {"type": difference, "applied": job.done}


async def _piece(job: RunningJob, difference: str) -> int:
    """Apply some differences; answers how many."""
    connection_id = job.payload["connectionId"]
    async with job.database.transaction() as connection:
        row, actor = await still_allowed(job, connection)
        keys = await some_differences(connection, connection_id, difference, PIECE)
        if not keys:
            return 0
        if difference == ADD:
            await _add(connection, row, actor, keys, job.payload["metadata"])
        else:
            await remove_assets(connection, actor, await assets_of_objects(connection, connection_id, keys))
        await count_applied(connection, connection_id, difference, keys)
        await job.hold(connection)
    return len(keys)


async def _add(connection: Writer, row: Row, actor: Actor, keys: Sequence[str], metadata: str) -> None:
    """Import objects. An external id that another asset has already is replaced by one that names the connection, too."""
    count, filters = len(keys), filter_of(row)
    names = [external_id_of(key) for key in keys]
    taken = set(await existing_external_ids(connection, row["project_id"], names))
    await import_assets(
        connection,
        CheckedImport(
            actor=actor,
            project_id=row["project_id"],
            ids=[new_id() for _ in keys],
            external_ids=[
                external_id_of(f"{row['connection_id']}/{key}") if name in taken else name
                for name, key in zip(names, keys, strict=True)
            ],
            contents=[NOTHING] * count,
            json_contents=[NOTHING] * count,
            metadata=[metadata] * count,
            ocr=[None] * count,
            files=[],
            arrays={"filenameArray": [key.rpartition("/")[2] for key in keys]},
            data_connection_id=row["connection_id"],
            objects=[StoredObject(key, filters.is_description(key)) for key in keys],
        ),
    )
