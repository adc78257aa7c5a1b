"""What a server does beside answering: removing what was deleted, locks that have expired, jobs that ended long ago, old exports and
files that nobody refers to, folding counts.

Several processes may run it on one database: each round takes what no other has locked.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from labelyard.server.loop.runner import Loop
from labelyard.server.loop.sweep import MINIMUM_AGE, sweep_files
from labelyard.services.export.conversion import FOLDER
from labelyard.services.export.request import remove_old_exports
from labelyard.storage.asset_lock import remove_expired_locks
from labelyard.storage.blob import Blobs
from labelyard.storage.database import Database
from labelyard.storage.image_feature import remove_unheld_features
from labelyard.storage.job import remove_finished_jobs
from labelyard.storage.kept_answer import remove_old_answers
from labelyard.storage.purge import purge_deleted_projects
from labelyard.storage.tally import rollup
from labelyard.storage.trained_model import remove_models_of_deleted
from labelyard.storage.webhook import remove_old_deliveries
from labelyard.storage.work_folder import remove_left_folders

log = structlog.get_logger("labelyard.maintenance")
PURGE_EVERY_SECONDS: Final = 5.0
REMOVE_JOBS_EVERY_ROUNDS: Final = 60
SWEEP_EVERY_ROUNDS: Final = 720
# A sweep reads the names of all files.
LATE_SECONDS: Final = 900.0


def maintenance(database: Database, blobs: Blobs, *, links_live: timedelta, work_dir: Path | None = None) -> Loop:
    """The maintenance loop. Unused files stay at least as long as signed links to them are valid."""
    minimum_age = max(MINIMUM_AGE, links_live)
    rounds = 0

    async def keep_house() -> None:
        nonlocal rounds
        await rollup(database)
        await remove_expired_locks(database)
        removed = await purge_deleted_projects(database)
        if removed:
            log.info("purged", assets=removed)
        if rounds % REMOVE_JOBS_EVERY_ROUNDS == 0:
            await remove_finished_jobs(database)
            exports = await remove_old_exports(database, blobs)
            if exports:
                log.info("exports removed", exports=exports)
            await remove_models_of_deleted(database)
            await remove_old_deliveries(database)
            await remove_old_answers(database)
        if rounds % SWEEP_EVERY_ROUNDS == 0:
            await remove_unheld_features(database)
            await sweep_files(blobs=blobs, database=database, now=datetime.now(UTC), minimum_age=minimum_age)
            if work_dir is not None:
                await asyncio.to_thread(remove_left_folders, work_dir / FOLDER)
        rounds += 1

    return Loop("maintenance", keep_house, every_seconds=PURGE_EVERY_SECONDS, late_seconds=LATE_SECONDS)
