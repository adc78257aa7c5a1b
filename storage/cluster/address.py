"""The URL of a cluster. Sockets have short names, so a long path is reached through a link in a private directory."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from labelyard.domain.error import Misconfigured
from labelyard.storage.cluster.configuration import DATABASE, ROLE, SOCKET_NAME

# 108 bytes on Linux and 104 elsewhere, with the NUL at the end.
LONGEST_SOCKET = 103
# What every reader of URLs takes apart the same way: no comma, which lists hosts, no quote, no space, no other alphabet.
PLAIN = re.compile(r"[A-Za-z0-9/._~+-]+")


class Address:
    """Where this process reaches the cluster in `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._link_folder: Path | None = None

    def socket_directory(self) -> Path:
        """A path to the directory of the socket that is short and plain."""
        if _fits(self._directory):
            return self._directory
        if self._link_folder is None:
            self._link_folder = self._make_link()
        return self._link_folder / "pg"

    def url(self) -> str:
        """The URL for drivers."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self.socket_directory()))}&port=5432"

    def forget(self) -> None:
        """Remove the link, if there is one."""
        if self._link_folder is not None:
            with suppress(OSError):
                (self._link_folder / "pg").unlink()
                self._link_folder.rmdir()
            self._link_folder = None

    def _make_link(self) -> Path:
        """A new directory that only this user may enter, by a name that nobody can guess, with a link to the cluster in it."""
        for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 — mkdtemp makes it private
            if not parent or not _fits(Path(parent) / "labelyard-12345678" / "pg"):
                continue
            with suppress(OSError):
                folder = Path(tempfile.mkdtemp(prefix="labelyard-", dir=parent))
                (folder / "pg").symlink_to(self._directory)
                return folder
        raise Misconfigured(
            f"The path of {self._directory} is too long for a socket, and no directory for a link to it can be made in the "
            "temporary directory; set LABELYARD_DATA_DIR to a shorter path, or TMPDIR to one that can be written."
        )


def _fits(directory: Path) -> bool:
    text = str(directory)
    return PLAIN.fullmatch(text) is not None and len(f"{text}/{SOCKET_NAME}") <= LONGEST_SOCKET
