"""A wire to the database that can be cut."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

PIECE = 1 << 16


class Proxy:
    """Passes bytes between a TCP port of its own and a PostgreSQL server, until it is cut."""

    def __init__(self, database_url: str) -> None:
        self._target = urlsplit(database_url)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

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
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        directory = parse_qs(self._target.query).get("host", [""])[0]
        if directory.startswith("/"):
            far_reader, far_writer = await asyncio.open_unix_connection(
                f"{directory}/.s.PGSQL.{self._target.port or 5432}"
            )
        else:
            far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port or 5432)
        self._writers |= {writer, far_writer}
        await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()
