"""A wire to the database that can be cut: at any moment, or at a statement, before or behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from urllib.parse import parse_qs, urlsplit

PIECE = 1 << 16
UNENCRYPTED = {80877103, 80877104}  # what asks for TLS or GSS, before the connection really begins
READY = b"Z\x00\x00\x00\x05"


class Cut(Enum):
    """What happens at a statement."""

    NONE = auto()
    BEFORE = auto()
    """The connection breaks, and the server never hears of it."""
    BEHIND = auto()
    """The server answers, and the connection breaks instead of passing that on."""
    SILENT = auto()
    """The server answers, and nobody hears of it while the connection stays open."""


def uncut(_text: str) -> Cut:
    """Pass everything."""
    return Cut.NONE


class Proxy:
    """Passes bytes between a TCP port of its own and a PostgreSQL server, until it is cut.

    `decide` is asked about every statement that is run, by its text.
    """

    def __init__(self, database_url: str) -> None:
        self._target = urlsplit(database_url)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.decide: Callable[[str], Cut] = uncut

    @property
    def url(self) -> str:
        """The database behind the wire."""
        user = self._target.username or "postgres"
        password = f":{self._target.password}" if self._target.password else ""
        return f"postgresql://{user}{password}@127.0.0.1:{self._port}{self._target.path}"

    async def open(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Stop listening and break every connection."""
        assert self._server is not None
        self._server.close()
        self.break_connections()

    def break_connections(self) -> None:
        """Break every connection, and go on listening."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        directory = parse_qs(self._target.query).get("host", [""])[0]
        try:
            if directory.startswith("/"):
                far_reader, far_writer = await asyncio.open_unix_connection(
                    f"{directory}/.s.PGSQL.{self._target.port or 5432}"
                )
            else:
                far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port or 5432)
        except OSError:  # the server is away
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        wire = _Wire(self, writer, far_writer)
        await asyncio.gather(wire.pass_requests(reader), wire.pass_answers(far_reader))
        self._writers -= {writer, far_writer}


class _Wire:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._near, self._far = near, far
        self._statements: dict[bytes, str] = {}
        self._cut = Cut.NONE

    async def pass_requests(self, reader: asyncio.StreamReader) -> None:
        """Pass message after message to the server."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readexactly(8)
                self._far.write(head + await reader.readexactly(int.from_bytes(head[:4], "big") - 8))
                if int.from_bytes(head[4:], "big") not in UNENCRYPTED:
                    break
            while True:
                head = await reader.readexactly(5)
                body = await reader.readexactly(int.from_bytes(head[1:], "big") - 4)
                text = self._text(head[:1], body)
                if text is not None and self._cut is Cut.NONE:
                    self._cut = self._proxy.decide(text)
                if self._cut is Cut.BEFORE:
                    break
                self._far.write(head + body)
                await self._far.drain()
        self._end(self._far)

    async def pass_answers(self, reader: asyncio.StreamReader) -> None:
        """Pass bytes to the client, until the answer that is not to be passed."""
        kept = b""
        with suppress(OSError):
            while data := await reader.read(PIECE):
                if self._cut is Cut.NONE:
                    self._near.write(data)
                    await self._near.drain()
                    continue
                kept += data
                if self._cut is Cut.BEHIND and READY in kept:
                    break
        self._end(self._near)

    def _text(self, kind: bytes, body: bytes) -> str | None:
        """The text of the statement that a message runs."""
        if kind == b"P":
            name, _, rest = body.partition(b"\0")
            self._statements[name] = rest.partition(b"\0")[0].decode()
        if kind == b"Q":
            return body.rstrip(b"\0").decode()
        if kind == b"B":
            return self._statements.get(body.split(b"\0", 2)[1])
        return None

    def _end(self, writer: asyncio.StreamWriter) -> None:
        """End both sides at once when they are cut, and in order otherwise."""
        if self._cut in (Cut.BEFORE, Cut.BEHIND):
            self._near.transport.abort()
            self._far.transport.abort()
        else:
            with suppress(OSError):
                writer.close()
