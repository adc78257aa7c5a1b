"""Waiting for a job, with a bar: a server that runs may take it, and this process does where there is none."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from labelyard.domain.error import Conflict, NotFound
from labelyard.server.loop.job_loop import JobLoops, every_handler
from labelyard.server.loop.runner import LoopRunner
from labelyard.services.app_services import AppServices
from labelyard.services.job.queue import JobState, JobStatus, cancel, job_state
from labelyard.storage.database import Database

LOOK_SECONDS: Final = 0.2
ENDED: Final = frozenset({JobStatus.DONE, JobStatus.PARKED, JobStatus.CANCELLED})


async def wait_for_job(
    database: Database, services: AppServices, job_id: str, *, kind: str, title: str, what: str
) -> None:
    """Wait until a job is done; Ctrl+C cancels it. A refusal says why it is not done, `what` was to come of it."""
    handlers = {kind: every_handler()[kind]}
    loops = JobLoops(database, services, slots=2, handlers=handlers)
    # Loaded here, not by each start of the server.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(loops.running())
        await stack.enter_async_context(LoopRunner(loops.loops).running())
        progress = stack.enter_context(
            Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        )
        task = progress.add_task(title, total=None)
        try:
            while (state := await _state(database, job_id)).status not in ENDED:
                progress.update(task, completed=state.done, total=state.total)
                await asyncio.sleep(LOOK_SECONDS)
        except asyncio.CancelledError:
            async with database.transaction() as writer:
                await cancel(writer, job_id)
            raise
    if state.status != JobStatus.DONE:
        raise Conflict(state.reason or f"{what} was {state.status.lower()}.")


async def _state(database: Database, job_id: str) -> JobState:
    async with database.reader() as connection:
        state = await job_state(connection, job_id)
    if state is None:
        raise NotFound(f"There is no job {job_id!r} any more; run the command again.")
    return state
