from __future__ import annotations

import asyncio
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from labelyard.server.http_protocol import HeadLimits, bounded_protocol
from labelyard.server.unsent_answers import UnsentLimits

LIMITS = HeadLimits(head_seconds=0.3, max_unfinished_head_bytes=20_000)
UNSENT = UnsentLimits(max_bytes=70 << 20, slow_after_seconds=0.2, idle_seconds=4.0)
REQUEST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\nbody"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers the body, after half a second where the path says so."""
    body, is_more = b"", True
    while is_more:
        message = await receive()
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    if scope["path"] == "/large":
        body = bytes(30 << 20)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    if scope["path"] == "/late":
        await asyncio.sleep(0.3)
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        echo,
        http=bounded_protocol(LIMITS, UNSENT),
        log_level="critical",
        ws="none",
        lifespan="off",
        timeout_keep_alive=75,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def client(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        yield connection


def rest(client: socket.socket) -> bytes:
    """Everything up to the end of the connection."""
    received = b""
    try:
        while piece := client.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


@pytest.mark.parametrize("method", [b"POST", b"HEAD"])
def test_an_answer_is_one_piece_and_its_head_does_not_wait_for_a_late_body(
    client: socket.socket, method: bytes
) -> None:
    body = b"" if method == b"HEAD" else b"body"
    for path, pieces in ((b"/", 1), (b"/late", 2 if body else 1), (b"/", 1)):
        client.sendall(REQUEST.replace(b"POST / ", method + b" " + path + b" "))
        received = [client.recv(65536)]
        assert b"".join(received).startswith(b"HTTP/1.1 200 ")
        while not b"".join(received).endswith(b"\r\n\r\n" + body):
            received.append(client.recv(65536))
        assert len(received) == pieces


def test_requests_are_answered_and_the_connection_is_kept_longer_than_a_head_may_take(client: socket.socket) -> None:
    for _ in range(3):
        client.sendall(REQUEST)
        answer = client.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\nbody")
        time.sleep(0.4)


def test_a_body_may_take_longer_than_a_head(client: socket.socket) -> None:
    client.sendall(REQUEST[:-2])
    time.sleep(0.5)
    client.sendall(REQUEST[-2:])
    assert client.recv(65536).endswith(b"\r\n\r\nbody")


@pytest.mark.parametrize("before", [b"", REQUEST], ids=["the first request", "a later request"])
def test_a_head_that_trickles_in_is_cut_off(client: socket.socket, before: bytes) -> None:
    if before:
        client.sendall(before)
        client.recv(65536)
        time.sleep(0.4)
    started = time.monotonic()
    client.settimeout(0.05)
    answer = b""
    for index in range(200):
        client.sendall(REQUEST[index : index + 1] or b"x")
        try:
            answer = client.recv(65536)
            break
        except TimeoutError:
            continue
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"The headers took longer than 0.3 seconds."' in answer
    assert 0.25 < time.monotonic() - started < 25


def test_a_connection_that_never_speaks_is_closed_without_a_word(client: socket.socket) -> None:
    assert rest(client) == b""


@pytest.mark.parametrize("line", [b"x-a: b\r\n", b"a" * 60, b""], ids=["many headers", "one long header", "long line"])
def test_a_head_that_does_not_end_is_not_kept(client: socket.socket, line: bytes) -> None:
    client.sendall(b"GET /" if not line else b"GET / HTTP/1.1\r\n" + (b"" if line.endswith(b"\n") else b"x: "))
    time.sleep(0.05)
    piece = (line or b"p" * 60) * 100
    for _ in range(60):
        if select.select([client], [], [], 0.002)[0]:
            break  # sending on would only reset the connection, and the answer with it
        client.sendall(piece[:1000])
    assert rest(client).startswith(b"HTTP/1.1 431 ")


def test_a_large_body_right_before_the_next_head_is_no_large_head(client: socket.socket) -> None:
    large = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 50000\r\n\r\n" + b"b" * 50_000
    client.sendall(large + REQUEST)
    received = b""
    while received.count(b"HTTP/1.1 200 ") < 2 or not received.endswith(b"body"):
        piece = client.recv(65536)
        assert piece
        received += piece


WHOLE = 30 << 20


def large(port: int, *, room: int = 65_536) -> socket.socket:
    """A connection on which 30 MiB are asked for, and none are read; the system takes as much as there is room for."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    connection.settimeout(5)
    connection.connect(("127.0.0.1", port))
    connection.sendall(REQUEST.replace(b"/", b"/large", 1).replace(b"Host", b"Connection: close\r\nHost"))
    return connection


def test_answers_that_nobody_reads_give_their_room_to_others(port: int) -> None:
    unread = [large(port), large(port)]
    time.sleep(1.0)
    with large(port, room=8 << 20) as reader:
        assert len(rest(reader)) > WHOLE
    lengths = []
    for connection in unread:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        with connection:
            lengths.append(len(rest(connection)))
    assert min(lengths) < WHOLE < max(lengths)


def test_an_answer_of_which_nothing_is_read_is_given_up(port: int) -> None:
    with large(port) as connection:
        time.sleep(6.0)
        assert len(rest(connection)) < WHOLE


def test_an_answer_that_is_read_slowly_arrives_whole(port: int) -> None:
    with large(port) as connection:
        received = 0
        for _ in range(40):
            received += len(connection.recv(1 << 20))
            time.sleep(0.1)
        assert received + len(rest(connection)) > WHOLE
