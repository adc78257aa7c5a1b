"""The processes of a cluster, recognised by the directory they work in: process ids alone are reused."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
STATUS_LINE = 7


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The first process of a running cluster, as `postmaster.pid` has it."""

    pid: int
    is_ready: bool


def running_postmaster(directory: Path) -> Postmaster | None:
    """The postmaster of a cluster if it runs; a file that a crash has left behind is none."""
    try:
        lines = (directory / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    if not _works_in(pid, directory):
        return None
    return Postmaster(pid, len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready")


def end_orphans(directory: Path, *, patience_seconds: float = 1.0) -> None:
    """End the processes that a postmaster or an `initdb` has left in a directory: the next start would be refused.

    They end by themselves once they notice; those that do not are killed. What is committed is in the log of the database.
    """
    for number in (0, signal.SIGQUIT, signal.SIGKILL):
        orphans = _processes_in(directory)
        for pid in orphans if number else []:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience_seconds
        while (orphans := _processes_in(directory)) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not orphans:
            return


def stop(directory: Path, *, patience_seconds: float) -> None:
    """Stop the postmaster: connections are ended, what is in memory is written. After the patience it is killed."""
    postmaster = running_postmaster(directory)
    if postmaster is None:
        return
    for number, seconds in ((signal.SIGINT, patience_seconds), (signal.SIGQUIT, 3.0)):
        with suppress(ProcessLookupError):
            os.kill(postmaster.pid, number)
        if _ended(postmaster.pid, directory, seconds):
            return
    with suppress(ProcessLookupError):
        os.kill(postmaster.pid, signal.SIGKILL)
    _ended(postmaster.pid, directory, 1.0)
    end_orphans(directory)


def ask_to_stop(directory: Path) -> None:
    """Ask the postmaster to stop, and do not wait for it."""
    postmaster = running_postmaster(directory)
    if postmaster is not None:
        with suppress(ProcessLookupError):
            os.kill(postmaster.pid, signal.SIGINT)


def _ended(pid: int, directory: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(ChildProcessError):  # a child of ours would stay a zombie
            os.waitpid(pid, os.WNOHANG)
        if not _works_in(pid, directory):
            return True
        time.sleep(0.02)
    return False


def _processes_in(directory: Path) -> list[int]:
    """The processes of a cluster; without /proc none are found."""
    if not PROC.exists():
        return []
    pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal()]
    return [pid for pid in pids if pid != os.getpid() and _works_in(pid, directory)]


def _works_in(pid: int, directory: Path) -> bool:
    """Whether a process lives, is one of PostgreSQL, and has its working directory there."""
    if not PROC.exists():
        try:
            os.kill(pid, 0)
        except OSError:
            return False
        return True
    try:
        name, _, rest = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(") ")
        working_directory = (PROC / str(pid) / "cwd").stat()
        here = directory.stat()
    except OSError:
        return False
    is_zombie = rest.startswith(("Z", "X"))
    is_ours = name.partition("(")[2] in ("postgres", "initdb")
    return (
        is_ours and not is_zombie and (working_directory.st_dev, working_directory.st_ino) == (here.st_dev, here.st_ino)
    )
