"""The log of PostgreSQL: one file in the directory of the cluster, and one former."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

NAME = "log"
MOST_BYTES = 8 * 1024**2


def open_log(directory: Path) -> int:
    """The log, for PostgreSQL to append to."""
    descriptor = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        owner = directory.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def bound_log(directory: Path, most_bytes: int = MOST_BYTES) -> bool:
    """Put a log that has grown too long aside as `log.1`, and begin again. PostgreSQL goes on writing to the same file."""
    log, former = directory / NAME, directory / f"{NAME}.1"
    try:
        if log.lstat().st_size <= most_bytes:
            return False
    except FileNotFoundError:
        return False
    with os.fdopen(open_log(directory), "rb") as file:
        former.unlink(missing_ok=True)
        kept = os.open(former, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(kept, "wb") as copy:
            file.seek(max(0, os.fstat(file.fileno()).st_size - most_bytes))
            shutil.copyfileobj(file, copy)
        os.ftruncate(file.fileno(), 0)
    return True


def last_words(directory: Path, since: int = 0) -> str:
    """What the log says last, for a message: the last fatal line, else the last line."""
    with suppress(OSError), (directory / NAME).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(since, size - 8192))
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
        fatal = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
        line = (fatal or lines or [""])[-1]
        return line.partition("] ")[2] or line
    return ""


def log_size(directory: Path) -> int:
    """Bytes in the log."""
    with suppress(OSError):
        return (directory / NAME).stat().st_size
    return 0
