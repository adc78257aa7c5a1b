"""The embedded PostgreSQL: commands share it with a server, and whoever leaves last takes it down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.application import ENDPOINT

LABELYARD = Path(sys.executable).parent / "labelyard"
VIEWER = {"query": "{ viewer { email } }"}


class Yard:
    """A data directory, the commands that work on it, and a server at times."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.environment = {**os.environ, "LABELYARD_DATA_DIR": str(data_dir), "LABELYARD_PORT": "0"}
        self.server: subprocess.Popen[str] | None = None
        self.url = ""

    def tell(self, *arguments: str) -> list[str]:
        """The lines a command prints when it succeeds and complains of nothing."""
        done = subprocess.run(
            [LABELYARD, *arguments], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout.splitlines()

    def start(self) -> str:
        """Serve, and answer what was said until the server was ready."""
        self.server = subprocess.Popen(
            [LABELYARD, "serve"], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.server.stdout is not None
        said = ""
        for line in self.server.stdout:
            said += line
            if line.strip().startswith("endpoint"):
                self.url = line.split()[1].removesuffix(ENDPOINT)
            if line.startswith("Try it"):
                break
        return said

    def ask(self, key: str) -> httpx.Response:
        """Ask the server who one is."""
        return httpx.post(self.url + ENDPOINT, json=VIEWER, headers={"Authorization": f"X-API-Key: {key}"})

    def has_postgres(self) -> bool:
        """Whether the embedded PostgreSQL runs."""
        pid_file = self.data_dir / "postgres" / "postmaster.pid"
        return pid_file.exists() and Path(f"/proc/{pid_file.read_text().split()[0]}").exists()


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path / "data")
    yield made
    if made.server is not None and made.server.poll() is None:
        made.server.kill()
        made.server.wait()


def test_commands_work_without_a_server_and_beside_one(yard):
    yard.tell("user", "create", "ada@example.org", "--role", "ADMIN")
    (key,) = yard.tell("key", "create", "ada@example.org")
    assert not yard.has_postgres()

    assert "API key   made at the first start" in yard.start()
    assert yard.ask(key).json() == {"data": {"viewer": {"email": "ada@example.org"}}}

    yard.tell("user", "create", "bob@example.org")
    (bob,) = yard.tell("key", "create", "bob@example.org")
    assert yard.ask(bob).json() == {"data": {"viewer": {"email": "bob@example.org"}}}

    key_id = yard.tell("key", "list", "bob@example.org")[1].split()[0]
    yard.tell("key", "revoke", key_id)
    assert yard.ask(bob).status_code == 401
    assert yard.has_postgres()

    assert yard.server is not None
    yard.server.send_signal(signal.SIGTERM)
    assert yard.server.wait(40) == 0
    assert not yard.has_postgres()
