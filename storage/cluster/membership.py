"""The processes that use a cluster, as locks that vanish with them.

Every process that uses the cluster holds a shared lock on one file; the process that can lock it exclusively is the last one.
A second file is locked while the cluster is started, looked after or stopped, a third one by the processes of PostgreSQL itself.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

STEP_SECONDS = 0.02


class Membership:
    """One process, this one, among those that use the cluster in `directory`; the files lie beside it."""

    def __init__(self, directory: Path) -> None:
        self._members_file = directory.with_name(f"{directory.name}.members")
        self._guard_file = directory.with_name(f"{directory.name}.lock")
        self._postgres_file = directory.with_name(f"{directory.name}.running")
        self._members_lock: int | None = None

    @property
    def joined(self) -> bool:
        """Whether this process is among them."""
        return self._members_lock is not None

    @contextmanager
    def guarded(self, waiting: Callable[[float], None]) -> Iterator[None]:
        """Be the only process that starts or stops the cluster. `waiting` hears for how long it has not come to it."""
        descriptor = _open(self._guard_file)
        started = time.monotonic()
        try:
            while not _locked(descriptor, fcntl.LOCK_EX):
                waiting(time.monotonic() - started)
                time.sleep(STEP_SECONDS)
            yield
        finally:
            os.close(descriptor)

    def join(self) -> None:
        """Be one of them. Never waits while guarded: only then somebody may hold the lock alone."""
        if self._members_lock is None:
            self._members_lock = _open(self._members_file)
            fcntl.flock(self._members_lock, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Be one of them no longer, and answer whether this was the last."""
        if self._members_lock is None:
            return False
        descriptor, self._members_lock = self._members_lock, None
        try:
            return _locked(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)

    def lock_of_postgres(self, *, patience_seconds: float = 1.0) -> int | None:
        """A locked descriptor for PostgreSQL to inherit, or None while the processes of a former one live, wherever they are."""
        descriptor = _open(self._postgres_file)
        deadline = time.monotonic() + patience_seconds
        while not _locked(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                os.close(descriptor)
                return None
            time.sleep(STEP_SECONDS)
        return descriptor


def _open(path: Path) -> int:
    """Open a lock file. It belongs to the owner of its directory, so that root can use what is somebody's without taking it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
