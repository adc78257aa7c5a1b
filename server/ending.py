"""Handle SIGINT and SIGTERM from the start of the process to its end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from labelyard.storage.cluster.embedded import EmbeddedPostgres

# Together they stay below 30 seconds, the rest is for closing the database.
SHUTDOWN_SECONDS = 18
DEADLINE_SECONDS = 28


class Ending:
    """The first signal shuts down in order, within `DEADLINE_SECONDS` in any case; the second ends at once. Both exit with 0."""

    def __init__(self, postgres: EmbeddedPostgres | None, interrupt: Callable[[], object]) -> None:
        self.is_asked = False
        # Called to begin the orderly end; a running server replaces it.
        self.interrupt = interrupt
        self._postgres = postgres

    def listen(self) -> None:
        """Handle both signals from now on. uvicorn, while it runs, handles them itself and hands them on."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.signalled)

    def signalled(self, _number: int, _frame: FrameType | None) -> None:
        """Begin to end, or end."""
        if self.is_asked:
            self._end_now()
        self.is_asked = True
        deadline = threading.Timer(DEADLINE_SECONDS, self._end_now)
        deadline.daemon = True
        deadline.start()
        if self._postgres is not None:
            self._postgres.give_up()
        self.interrupt()

    def _end_now(self) -> None:
        """End the process without waiting for anything. Everything acknowledged is on the disk."""
        if self._postgres is not None:
            self._postgres.leave(wait=False)
        os._exit(0)
