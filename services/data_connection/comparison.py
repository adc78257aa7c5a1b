"""Comparing a store with the assets of a project: a job that lists the keys page by page and keeps how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from labelyard.services.data_connection.work import ATTEMPTS, reading, still_allowed, working
from labelyard.services.data_connection.writing import filter_of
from labelyard.services.data_integration.store import OpenStore
from labelyard.services.job.handler import RunningJob, job_handler
from labelyard.storage.data_connection import (
    COMPARISON,
    add_to_listing,
    clear_listing,
    write_differences,
)
from labelyard.storage.database import Row

KEPT_PAGES: Final = 5
WRITTEN: Final = "written"


@job_handler(COMPARISON, attempts=ATTEMPTS, at_once=2)
async def compare(job: RunningJob) -> Mapping[str, Any]:
    """List the store, unless a client has done so, and write what differs."""
    connection_id = job.payload["connectionId"]
    if job.state is not None and WRITTEN in job.state:
        await _forget(job, connection_id)
        return dict(job.state[WRITTEN])
    async with working(job) as (row, actor):
        if not job.payload["isListed"]:
            async with reading(job, row, actor) as store:
                await _list(job, row, store)
        # The listing stays until it is kept that it has been used: a worker that takes the job over would find nothing
        # in the store behind the last key, and all assets to be gone.
        async with job.database.transaction() as connection:
            await still_allowed(job, connection)  # listing has taken a while
            added, removed = await write_differences(connection, connection_id)
            await job.hold(connection)
        written = {"listed": job.done, "added": added, "removed": removed}
        await job.checkpoint({WRITTEN: written})
        await _forget(job, connection_id)
    return written


async def _forget(job: RunningJob, connection_id: str) -> None:
    async with job.database.transaction() as connection:
        await clear_listing(connection, connection_id)


async def _list(job: RunningJob, row: Row, store: OpenStore) -> None:
    """Note all keys that the connection takes. Stores list them in one order, so the last one that was noted is where another
    worker goes on.
    """
    filters = filter_of(row)
    connection_id = row["connection_id"]
    if job.state is None:
        await _forget(job, connection_id)
    after = job.state["after"] if job.state else None
    listed = job.state["listed"] if job.state else 0
    found: list[str] = []
    pages = 0
    async for page in store.pages(filters.listed_prefix, after):
        found += [key for key in page if filters.takes(key)]
        listed, after, pages = listed + len(page), page[-1], pages + 1
        if pages % KEPT_PAGES == 0:
            await _keep(job, connection_id, found, after, listed)
            found = []
        await job.progress(listed, None)
    if found:
        await _keep(job, connection_id, found, after, listed)
    await job.progress(listed, listed)


async def _keep(job: RunningJob, connection_id: str, keys: list[str], after: str | None, listed: int) -> None:
    async with job.database.transaction() as connection:
        await still_allowed(job, connection)
        await add_to_listing(connection, connection_id, keys)
    await job.checkpoint({"after": after, "listed": listed})
