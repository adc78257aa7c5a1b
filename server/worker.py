"""Running jobs without answering requests, until told to stop."""

from __future__ import annotations

import asyncio
import sys

from labelyard.server import process
from labelyard.server.app_services import app_services_of
from labelyard.server.ending import Ending
from labelyard.server.loop.job_loop import JobLoops
from labelyard.server.loop.runner import LoopRunner
from labelyard.server.secret import server_secret
from labelyard.server.settings import Settings
from labelyard.server.start import prepare_data_dir
from labelyard.storage.database import Database


def run(settings: Settings) -> None:
    """Work in this process."""
    process.run(work(settings))


async def work(settings: Settings) -> None:
    """Run jobs until SIGINT or SIGTERM, which give back those that run; a second signal stops at once."""
    prepare_data_dir(settings)
    server_secret(settings)

    async def act(database: Database, _ending: Ending) -> None:
        jobs = JobLoops(database, app_services_of(settings), slots=settings.worker_jobs)
        async with jobs.running(), LoopRunner(jobs.loops).running():
            print("labelyard runs jobs.", file=sys.stdout, flush=True)
            await asyncio.Event().wait()

    await process.live(settings, act)
