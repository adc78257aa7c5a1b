"""The life of a process on the database, from its first moment to its last: what serving and working have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

from labelyard.domain.error import ClientError
from labelyard.server.ending import Ending
from labelyard.server.postgres_watch import postgres_watch
from labelyard.server.settings import Settings
from labelyard.server.start import database_url, embedded_postgres, open_database
from labelyard.storage.database import Database


def run(main: Coroutine[None, None, None]) -> None:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def live(settings: Settings, act: Callable[[Database, Ending], Awaitable[None]]) -> None:
    """Open the database and act on it until SIGINT or SIGTERM; a second signal ends the process at once."""
    postgres = embedded_postgres(settings)
    loop, living = asyncio.get_running_loop(), asyncio.current_task()
    ending = Ending(postgres, interrupt=lambda: living and loop.call_soon_threadsafe(living.cancel))
    ending.listen()
    try:
        url = await asyncio.to_thread(database_url, settings, postgres)
        opened = open_database(settings, url, size=settings.database_pool_size)
        async with opened as database, postgres_watch(postgres):
            await act(database, ending)
    except (asyncio.CancelledError, ClientError):
        if not ending.is_asked:
            raise
    finally:
        if postgres is not None:
            postgres.leave()
