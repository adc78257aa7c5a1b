"""Making a cluster: under another name until it is whole, so that a crash leaves nothing that has to be mended."""

from __future__ import annotations

import locale
import os
import shutil
import time
from pathlib import Path

from labelyard.domain.error import Unavailable
from labelyard.storage.cluster.configuration import ROLE
from labelyard.storage.cluster.processes import end_orphans
from labelyard.storage.cluster.programs import Programs

HALF = "initdb"
SYSTEM_DATABASES = {"1", "4", "5"}


def is_whole(directory: Path) -> bool:
    """Whether a directory holds a cluster that `initdb` has finished."""
    if not ((directory / "PG_VERSION").is_file() and (directory / "global" / "pg_control").is_file()):
        return False
    databases = {entry.name for entry in (directory / "base").iterdir()} if (directory / "base").is_dir() else set()
    return "5" in databases or not databases <= SYSTEM_DATABASES


def initialize(directory: Path, programs: Programs, *, durable: bool) -> None:
    """Make a cluster in `directory`. What an interrupted attempt has left is removed or, under its final name, set aside."""
    for left in directory.parent.glob(f"{directory.name}.{HALF}-*"):
        end_orphans(left)
        shutil.rmtree(left)
    half = directory.with_name(f"{directory.name}.{HALF}-{os.getpid()}")
    half.mkdir(mode=0o700)
    account = programs.account
    if account is not None:
        os.chown(half, account.uid, account.gid)
    arguments = [
        "--pgdata=" + working_directory(half, programs),
        f"--username={ROLE}",
        "--auth-local=peer",
        "--auth-host=reject",
        "--encoding=UTF8",
        *([] if _locale_exists() else ["--no-locale"]),
        *([] if durable else ["--no-sync"]),
    ]
    done = programs.run("initdb", *arguments, directory=half)
    if done.returncode != 0:
        shutil.rmtree(half, ignore_errors=True)
        lines = [line for line in done.stdout.splitlines() if "error" in line.lower()] or done.stdout.splitlines()
        reason = lines[0] if lines else f"exit code {done.returncode}"
        raise Unavailable(f"The embedded PostgreSQL cannot make its files in {directory}: {reason}")
    _set_aside(directory)
    half.rename(directory)
    _sync_directory(directory.parent)


def working_directory(directory: Path, programs: Programs) -> str:
    """The path that a program gets for the directory it is started in: one that other accounts can follow where ours is closed."""
    return "/proc/self/cwd" if programs.account is not None and Path("/proc/self/cwd").exists() else str(directory)


def _set_aside(directory: Path) -> None:
    """Move what is no whole cluster out of the way. An empty directory is replaced by the renaming itself."""
    if directory.is_dir() and any(directory.iterdir()):
        end_orphans(directory)
        directory.rename(directory.with_name(f"{directory.name}.unfinished-{time.strftime('%Y%m%d-%H%M%S')}"))


def _locale_exists() -> bool:
    """Whether the locale that the environment asks for is one of this system; `initdb` refuses others."""
    present = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_ALL, present)
    return True


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
