"""Folders in which jobs keep files while they work. What killed workers leave goes when the job starts over, or in a day."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import IO, Final

LEFT_SECONDS: Final = 86_400.0
COPY_BYTES: Final = 1 << 20


def fresh_folder(folder: Path) -> None:
    """Make a folder that is empty, whatever was there."""
    remove_folder(folder)
    folder.mkdir(mode=0o700, parents=True)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it; one that is not there is no error."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_former_folders(folder: Path) -> None:
    """Remove what earlier runs of a job have left; the name of a run's folder ends in a dot and its number."""
    name, _, number = folder.name.rpartition(".")
    for left in folder.parent.glob(f"{name}.*"):
        if int(left.name.rpartition(".")[2]) < int(number):
            remove_folder(left)


def remove_left_folders(folder: Path) -> None:
    """Remove the folders in a folder that nothing was written to for a day: no job is silent for so long."""
    if not folder.is_dir():
        return
    for left in folder.iterdir():
        if left.is_dir() and _last_change(left) < time.time() - LEFT_SECONDS:
            remove_folder(left)


def nameless_file(folder: Path) -> IO[bytes]:
    """A file in a folder that goes when it is closed, or with its process."""
    return tempfile.TemporaryFile(dir=folder)


def append_file(source: IO[bytes], target: IO[bytes]) -> None:
    """Write all of a file to the end of another one."""
    source.seek(0)
    shutil.copyfileobj(source, target, COPY_BYTES)


def _last_change(folder: Path) -> float:
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except OSError:
        return time.time()  # it is just being removed
