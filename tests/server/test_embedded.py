"""The embedded PostgreSQL as operators meet it: servers and commands share it, it comes back, and it ends with the last of them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from labelyard.server.application import ENDPOINT
from labelyard.server.ending import SHUTDOWN_SECONDS
from tests.common.yard import Server, Yard

# How long a busy machine may take; how long it does take, `make kills` prints.
PATIENCE_SECONDS = 60


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path / "data")
    yield made
    made.clear()


def test_commands_work_without_a_server_and_beside_one(yard):
    yard.tell("user", "create", "ada@example.org", "--role", "ADMIN")
    (key,) = yard.tell("key", "create", "ada@example.org")
    assert yard.postgres() is None

    server = yard.serve().ready()
    assert "API key   made at the first start" in server.said
    assert server.ask(key).json() == {"data": {"viewer": {"email": "ada@example.org"}}}

    yard.tell("user", "create", "bob@example.org")
    (bob,) = yard.tell("key", "create", "bob@example.org")
    assert server.ask(bob).json() == {"data": {"viewer": {"email": "bob@example.org"}}}

    key_id = yard.tell("key", "list", "bob@example.org")[1].split()[0]
    yard.tell("key", "revoke", key_id)
    assert server.ask(bob).status_code == 401
    assert yard.postgres() is not None

    assert server.end() == 0
    assert yard.postgres() is None


def test_three_servers_that_start_at_once_share_it_and_the_last_one_stops_it(yard):
    servers = [yard.serve() for _ in range(3)]
    for server in servers:
        server.ready()
    (key,) = re.findall(r"API key   (ly_\S+)", "".join(server.said for server in servers))
    for server in servers:
        assert server.ask(key).json() == {"data": {"viewer": {"email": "admin@localhost"}}}
        assert "Traceback" not in server.logged
    (yard.data_dir / "postgres" / ".handle_pids.json").write_text("[")  # of an older version, and damaged

    assert servers[0].end(signal.SIGKILL) == -signal.SIGKILL
    assert servers[1].end() == 0
    assert servers[2].ask(key).status_code == 200
    assert servers[2].end() == 0

    assert yard.postgres() is None
    again = yard.serve().ready()
    assert again.ask(key).status_code == 200
    assert again.end() == 0


@pytest.mark.parametrize("everything", [False, True], ids=["the postmaster", "everything"])
def test_it_comes_back_after_a_kill(yard, everything):
    yard.tell("user", "create", "ada@example.org", "--role", "ADMIN")
    (key,) = yard.tell("key", "create", "ada@example.org")
    servers = [yard.serve().ready() for _ in range(2)]
    assert servers[0].health() == (200, [])
    pid = yard.postgres()
    assert pid is not None
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if everything else []

    for victim in [pid, *map(int, children)]:
        os.kill(victim, signal.SIGKILL)
    began = time.monotonic()
    seen = servers[0].health()
    for server in servers:
        while server.health() != (200, []) or server.ask(key).status_code != 200:
            assert time.monotonic() - began < PATIENCE_SECONDS
            time.sleep(0.02)

    assert seen == (503, ["database", "schema"])
    assert yard.postgres() not in (None, pid)
    events = [
        json.loads(line)["event"] for server in servers for line in server.logged.splitlines() if line.startswith("{")
    ]
    assert "postgres is back" in events
    for server in servers:
        assert server.end() == 0
    assert yard.postgres() is None


def test_a_killed_server_leaves_nothing_that_blocks_the_next_one(yard):
    yard.serve().ready().end(signal.SIGKILL)
    left = yard.postgres()
    assert left is not None

    server = yard.serve().ready()

    assert yard.postgres() == left
    assert server.health() == (200, [])
    assert server.end() == 0
    assert yard.postgres() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("moment", ["files are made", "it starts"])
def test_a_signal_during_the_start_ends_it_in_order(yard, number, moment):
    if moment == "it starts":
        yard.tell("migrate")
    server = yard.serve()
    pattern = "postgres.initdb-*/base" if moment == "files are made" else "postgres/postmaster.pid"
    while server.process.poll() is None and not list(yard.data_dir.glob(pattern)):
        time.sleep(0.001)

    began = time.monotonic()
    assert server.end(number) == 0

    assert time.monotonic() - began < PATIENCE_SECONDS
    assert "Traceback" not in server.logged
    assert yard.postgres() is None
    assert yard.serve().ready().end() == 0


def slow_upload(server: Server) -> socket.socket:
    """A request of somebody with a key that does not end: its body comes in just fast enough."""
    host, port = server.url.removeprefix("http://").split(":")
    (key,) = re.findall(r"API key   (ly_\S+)", server.said)
    connection = socket.create_connection((host, int(port)))
    connection.sendall(f"POST {ENDPOINT} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n".encode())
    connection.sendall(f"Content-Length: 1000000\r\nAuthorization: X-API-Key: {key}\r\n\r\n".encode())
    return connection


def test_a_second_signal_ends_at_once(yard):
    server = yard.serve().ready()
    connection = slow_upload(server)
    connection.sendall(b" " * 2000)
    time.sleep(0.6)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert server.process.poll() is None

    began = time.monotonic()
    assert server.end() == 0

    assert time.monotonic() - began < SHUTDOWN_SECONDS / 2  # without it: as long as requests may take to end
    connection.close()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while yard.postgres() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_ends_within_thirty_seconds_whatever_a_client_does(yard):
    server = yard.serve().ready()
    connection = slow_upload(server)
    ended = threading.Event()

    def send() -> None:
        while not ended.wait(0.2):
            try:
                connection.sendall(b" " * 1000)
            except OSError:
                return

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(0.5)
    began = time.monotonic()
    try:
        assert server.end() == 0
    finally:
        ended.set()
        sender.join()
        connection.close()

    assert time.monotonic() - began < 30
    assert yard.postgres() is None


def test_addresses_that_nobody_can_connect_to_stand_in_no_link(yard):
    server = yard.serve(LABELYARD_HOST="0.0.0.0").ready()

    assert "0.0.0.0" not in server.said
    assert "LABELYARD_PUBLIC_URL" in server.said
    assert httpx.get(server.url + "/health/live").status_code == 200
    assert server.end() == 0


def test_its_tools_connect_by_themselves(yard):
    assert yard.run("postgres", "psql").stderr.startswith("labelyard: There is no labelyard data")
    yard.tell("user", "create", "ada@example.org", "--role", "ADMIN")

    assert yard.tell("postgres", "psql", "-At", "-c", "select email from user_account") == ["ada@example.org"]
    unknown = yard.run("postgres", "pg_dumb")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    assert "pg_dump," in unknown.stderr
    elsewhere = yard.run("postgres", "psql", LABELYARD_DATABASE_URL="postgresql://127.0.0.1/x")
    assert (elsewhere.returncode, elsewhere.stderr.count("\n")) == (1, 1)
    assert yard.run("postgres", "psql", "-c", "select 1 / 0").returncode == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")
def test_an_account_that_is_not_there_is_one_line_and_exit_code_2(yard):
    done = yard.run("migrate", LABELYARD_POSTGRES_USER="no-such-account")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no-such-account" in done.stderr
