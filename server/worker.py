"""Running jobs without answering requests, until told to stop."""

from __future__ import annotations

import asyncio
import sys

from labelyard.domain.error import ClientError
from labelyard.server.app_services import app_services_of
from labelyard.server.ending import Ending
from labelyard.server.loop.job_loop import JobLoops
from labelyard.server.loop.runner import LoopRunner
from labelyard.server.postgres_watch import postgres_watch
from labelyard.server.secret import server_secret
from labelyard.server.settings import Settings
from labelyard.server.start import database_url, embedded_postgres, open_database, prepare_data_dir
from labelyard.storage.database import Database


def run(settings: Settings) -> None:
    """Work on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work(settings))
    else:
        uvloop.run(work(settings))


async def work(settings: Settings) -> None:
    """Run jobs until SIGINT or SIGTERM, which give back those that run; a second signal stops at once."""
    prepare_data_dir(settings)
    server_secret(settings)
    postgres = embedded_postgres(settings)
    loop, working = asyncio.get_running_loop(), asyncio.current_task()
    ending = Ending(postgres, interrupt=lambda: working and loop.call_soon_threadsafe(working.cancel))
    ending.listen()
    try:
        url = await asyncio.to_thread(database_url, settings, postgres)
        async with open_database(url, size=settings.database_pool_size) as database, postgres_watch(postgres):
            await _work(database, settings)
    except (asyncio.CancelledError, ClientError):
        if not ending.is_asked:
            raise
    finally:
        if postgres is not None:
            postgres.leave()


async def _work(database: Database, settings: Settings) -> None:
    jobs = JobLoops(database, app_services_of(settings), slots=settings.worker_jobs)
    async with jobs.running(), LoopRunner(jobs.loops).running():
        print("labelyard runs jobs.", file=sys.stdout, flush=True)
        await asyncio.Event().wait()
