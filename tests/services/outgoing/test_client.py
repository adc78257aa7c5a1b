"""The client for requests of the server, against a server that does whatever it likes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from labelyard.domain.outgoing import AddressRefused, HostUnknown, OutgoingPolicy
from labelyard.services.outgoing import client as outgoing
from labelyard.services.outgoing.client import CallFailed, OutgoingClient

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
HERE = OutgoingPolicy.of("127.0.0.1")


class Wild:
    """A server that answers what a test says; `heard` are the requests."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.answers: list[bytes] = []
        self.stays_silent = False
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0
        )
        self.heard.append(head + await reader.readexactly(length))
        if self.stays_silent:
            await asyncio.sleep(30)
        writer.write(self.answers.pop(0))
        await writer.drain()
        writer.close()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
async def wild() -> AsyncIterator[Wild]:
    server = Wild()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()


def ok(content: bytes = b"hello", head: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n" % (len(content), head) + content


async def test_a_request_is_sent_as_it_is_given(wild):
    wild.answers = [ok(head=b"X-Said: yes\r\n")]
    answer = await OutgoingClient(HERE).request(
        "POST",
        wild.url("/a?b=c"),
        headers={"Authorization": "raw", "Host": "evil", "Content-Length": "3"},
        content=b"body",
    )
    assert (answer.status, answer.content, answer.headers["x-said"]) == (200, b"hello", "yes")
    (heard,) = wild.heard
    assert heard.startswith(b"POST /a?b=c HTTP/1.1\r\n")
    assert heard.endswith(b"\r\n\r\nbody")
    assert f"host: 127.0.0.1:{wild.port}".encode() in heard.lower()
    assert b"evil" not in heard
    assert b"authorization: raw" in heard.lower()


async def test_nothing_is_sent_where_the_policy_does_not_allow(wild):
    for url in (wild.url(), wild.url(host="localhost"), f"http://[::ffff:127.0.0.1]:{wild.port}/"):
        with pytest.raises(AddressRefused):
            await OutgoingClient().request("GET", url)
    assert wild.heard == []


async def test_a_name_is_resolved_once_and_the_checked_address_called(wild, monkeypatch):
    asked = []

    async def rebinding(self, host, port, **_):
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", rebinding, raising=False)
    wild.answers = [ok()]
    answer = await OutgoingClient(HERE).request("GET", wild.url(host="rebinding.example"))
    assert answer.content == b"hello"
    assert asked == ["rebinding.example"]
    assert f"host: rebinding.example:{wild.port}".encode() in wild.heard[0].lower()


async def test_redirects_are_not_followed_unless_asked_for(wild):
    there = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
    wild.answers = [there, there, ok()]
    assert (await OutgoingClient(HERE).request("GET", wild.url())).status == 302
    assert (await OutgoingClient(HERE).request("GET", wild.url(), redirects=3)).content == b"hello"
    assert [heard.split()[1] for heard in wild.heard] == [b"/", b"/", b"/there"]


async def test_redirects_are_checked_again_and_have_an_end(wild):
    metadata = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"
    again = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
    wild.answers = [metadata, again, again, again]
    with pytest.raises(AddressRefused):
        await OutgoingClient(HERE).request("GET", wild.url(), redirects=3)
    assert (await OutgoingClient(HERE).request("GET", wild.url(), redirects=2)).status == 302
    assert len(wild.heard) == 4


async def test_credentials_stay_with_their_host(wild, monkeypatch):
    other = b"HTTP/1.1 307 T\r\nLocation: http://localhost:%d/\r\nContent-Length: 0\r\n\r\n" % wild.port
    wild.answers = [other, ok()]
    monkeypatch.setattr(outgoing, "MOST_ADDRESSES", 9)
    policy = OutgoingPolicy.of("127.0.0.1, ::1")
    await OutgoingClient(policy).request("POST", wild.url(), headers={"Authorization": "x"}, content=b"b", redirects=1)
    assert b"authorization" in wild.heard[0].lower()
    assert b"authorization" not in wild.heard[1].lower()
    assert wild.heard[1].startswith(b"POST")


async def test_long_answers_are_not_read(wild):
    wild.answers = [ok(b"x" * 1_000), b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000, ok(b"x" * 100)]
    client = OutgoingClient(HERE)
    for _ in range(2):
        with pytest.raises(CallFailed, match="more than 100 bytes"):
            await client.request("GET", wild.url(), most_bytes=100)
    assert len((await client.request("GET", wild.url(), most_bytes=100)).content) == 100


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"no HTTP\r\n\r\n", "no HTTP"), (b"", "no HTTP"), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "broke")],
    ids=["nonsense", "nothing", "half"],
)
async def test_what_is_no_answer_says_why(wild, answer, reason):
    wild.answers = [answer]
    with pytest.raises(CallFailed, match=reason):
        await OutgoingClient(HERE).request("GET", wild.url())


async def test_silence_has_an_end(wild):
    wild.stays_silent = True
    with pytest.raises(CallFailed, match="in time"):
        await OutgoingClient(HERE).request("GET", wild.url(), seconds=0.3)


async def test_who_is_not_there_says_so(wild):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(CallFailed, match="no connection"):
        await OutgoingClient(HERE).request("GET", f"http://127.0.0.1:{port}/")
    with pytest.raises(HostUnknown):
        await OutgoingClient(HERE).request("GET", "https://nowhere.invalid/")


async def test_nothing_of_the_environment_is_used(wild, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    wild.answers = [ok()]
    assert (await OutgoingClient(HERE).request("GET", wild.url())).content == b"hello"


async def test_an_answer_can_be_read_as_it_comes(wild):
    wild.answers = [ok(b"data: 1\n\ndata: 2\n\n")]
    async with OutgoingClient(HERE).stream("GET", wild.url()) as answer:
        assert answer.status == 200
        assert b"".join([piece async for piece in answer.pieces()]) == b"data: 1\n\ndata: 2\n\n"
