"""A data directory with the embedded PostgreSQL: the commands that work on it, and servers at times."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx

from labelyard.server.application import ENDPOINT
from labelyard.storage.cluster.processes import running_postmaster

LABELYARD = Path(sys.executable).parent / "labelyard"
VIEWER = {"query": "{ viewer { email } }"}


class Server:
    """A `labelyard serve`, with what it says."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [LABELYARD, "serve"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.url, self.said, self.logged = "", "", ""
        self._ready = threading.Event()
        self._threads = [threading.Thread(target=self._hear), threading.Thread(target=self._hear_log)]
        for thread in self._threads:
            thread.start()

    def ready(self) -> Server:
        assert self._ready.wait(60)
        assert self.url, self.logged
        return self

    def ask(self, key: str) -> httpx.Response:
        return httpx.post(self.url + ENDPOINT, json=VIEWER, headers={"Authorization": f"X-API-Key: {key}"})

    def health(self) -> tuple[int, list[str]]:
        answer = httpx.get(self.url + "/health/ready", timeout=10)
        return answer.status_code, answer.json().get("failing", [])

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(40)
        for thread in self._threads:
            thread.join()
        return code

    def _hear(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if line.strip().startswith("endpoint"):
                self.url = line.split()[1].removesuffix(ENDPOINT)
            if line.startswith("Try it"):
                self._ready.set()
        self._ready.set()

    def _hear_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.logged += line


class Yard:
    """A data directory, the commands that work on it, and servers at times."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LABELYARD_")}
        self.environment = {**kept, "LABELYARD_DATA_DIR": str(data_dir), "LABELYARD_PORT": "0"}
        self.servers: list[Server] = []

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [LABELYARD, *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def tell(self, *arguments: str) -> list[str]:
        """The lines a command prints when it succeeds and complains of nothing."""
        done = self.run(*arguments)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout.splitlines()

    def serve(self, **environment: str) -> Server:
        self.servers.append(Server({**self.environment, **environment}))
        return self.servers[-1]

    def postgres(self) -> int | None:
        found = running_postmaster(self.data_dir / "postgres")
        return found.pid if found else None

    def clear(self) -> None:
        """End what still runs, as after a test that failed."""
        for server in self.servers:
            if server.process.poll() is None:
                server.end(signal.SIGKILL)
        pid = self.postgres()
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)
