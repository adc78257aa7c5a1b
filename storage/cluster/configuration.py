"""The files that say how a cluster runs and who may connect to it. They are written anew at every start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from labelyard.storage.cluster.account import name_of

ROLE = "postgres"
DATABASE = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
# A single machine's server: a little memory, checkpoints that are not in the way of imports, nothing acknowledged that could be lost.
SERVER_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "200",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
}
# The socket lies in the directory of the cluster, which nobody else may enter; the network is not listened on.
PRIVATE_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "logging_collector": "off",
}
ACCESS = """\
# written by labelyard: the owner of this directory and root, as the system knows them, and nobody else
local all all peer map=labelyard
"""


def write_configuration(directory: Path, settings: Mapping[str, str]) -> bool:
    """Write what differs, and answer whether anything did."""
    owner = directory.stat().st_uid
    lines = [f"{name} = '{value}'\n" for name, value in {**settings, **PRIVATE_SETTINGS}.items()]
    names = {name for uid in (0, owner) if (name := name_of(uid)) is not None}
    people = [f'labelyard "{name}" {ROLE}\n' for name in sorted(names)]
    written = [
        _write(directory / "postgresql.auto.conf", "# written by labelyard\n" + "".join(lines)),
        _write(directory / "pg_hba.conf", ACCESS),
        _write(directory / "pg_ident.conf", "# written by labelyard\n" + "".join(people)),
    ]
    return any(written)


def _write(path: Path, text: str) -> bool:
    """Replace a file as a whole. The directory is not root's: what lies there under its name is never followed or written to."""
    try:
        if not path.is_symlink() and path.read_text("utf-8") == text:
            return False
    except (OSError, UnicodeDecodeError):
        pass
    half = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if os.geteuid() == 0:
            owner = path.parent.stat()
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return True
