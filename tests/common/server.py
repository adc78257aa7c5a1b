"""A real `labelyard serve`, as an operator starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from labelyard.server.application import ENDPOINT

READY = "labelyard is ready."
# For what sends as fast as it can with one key.
UNLIMITED = dict.fromkeys(
    (
        "requests_per_minute",
        "request_burst",
        "organization_requests_per_minute",
        "cost_per_minute",
        "organization_cost_per_minute",
    ),
    "1000000000",
)


class ServerProcess:
    """One server process. `endpoint` is where it answers; `api_key` is the key of its first administrator."""

    def __init__(self, database_url: str, data_dir: Path, *, api_key: str, **settings: str) -> None:
        self.api_key = api_key
        self.database_url = database_url
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LABELYARD_")}
        self._environment = {
            **kept,
            "LABELYARD_DATABASE_URL": database_url,
            "LABELYARD_ALLOW_UNSAFE_DATABASE": "true",  # that of the tests need not survive a power cut
            "LABELYARD_DATA_DIR": str(data_dir),
            "LABELYARD_BOOTSTRAP_API_KEY": api_key,
            "LABELYARD_PORT": "0",
            **{f"LABELYARD_{name.upper()}": value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[str] | None = None
        self.log: list[str] = []
        self.endpoint = ""

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self.endpoint.removesuffix(ENDPOINT)

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started, and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self, *, timeout_seconds: float = 60) -> ServerProcess:
        """Start and wait until it says that it is ready."""
        command = [str(Path(sys.executable).parent / "labelyard"), "serve"]
        self._process = subprocess.Popen(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ready = threading.Event()
        threading.Thread(target=self._listen, args=(self._process, ready), daemon=True).start()
        if not ready.wait(timeout_seconds) or not self.endpoint:
            self.kill()
            raise RuntimeError("`labelyard serve` did not start; it said:\n" + "\n".join(self.log[-40:]))
        return self

    def stop(self) -> int:
        """Ask it to stop, as an operator does, and answer its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _listen(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        """Keep what it says: a full pipe would stop it."""
        assert process.stdout is not None
        for line in process.stdout:
            self.log.append(line.rstrip("\n"))
            word, _, address = line.strip().partition(" ")
            if word == "endpoint":
                self.endpoint = address.strip()
                ready.set()
        ready.set()
