"""A proxy on the loopback interface for libraries that make requests of their own.

Such a library resolves names by itself and follows redirects, so a check of its URL beforehand would not last. Behind the gate, every
connection that it asks for is checked by the one client (`OutgoingClient.check`) and goes to an address that was; TLS runs through
it from end to end. It is open for as long as the library is used, on a port and with a password of its own.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from labelyard.domain.outgoing import Address, AddressRefused
from labelyard.services.outgoing.client import CONNECT_SECONDS, MOST_ADDRESSES, CallFailed, OutgoingClient

HEAD_BYTES: Final = 64 * 1024
HEAD_SECONDS: Final = 10.0
PIECE_BYTES: Final = 64 * 1024
# Headers between a client and its proxy. Each connection carries one request, so that none goes to a host unchecked.
HOP_HEADERS: Final = (b"proxy-", b"connection:", b"keep-alive:")


class Gate:
    """An open gate; `failure` is why it let the last connection not through, None when it did."""

    def __init__(self, outgoing: OutgoingClient) -> None:
        self.failure: AddressRefused | CallFailed | None = None
        self.url = ""
        self._outgoing = outgoing
        self._password = secrets.token_hex(16)
        self._running: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Gate]:
        """Listen while the block runs, and end all connections with it."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_BYTES)
        port = server.sockets[0].getsockname()[1]
        self.url = f"http://gate:{self._password}@127.0.0.1:{port}"
        try:
            yield self
        finally:
            server.close()
            for task in self._running:
                task.cancel()
            if self._running:
                await asyncio.wait(self._running)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            with suppress(OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError):
                await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the gate is closed, and this task has nobody else to tell
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        request_line, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        method, target, version = request_line.split(b" ", 2)
        if not self._knows(headers):
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        is_tunnel = method == b"CONNECT"
        url = f"https://{target.decode('ascii')}/" if is_tunnel else target.decode("ascii")
        try:
            checked, addresses = await self._outgoing.check(url)
            there, back = await _connected(addresses, checked.port)
        except (AddressRefused, CallFailed) as failure:
            self.failure = failure
            status = b"403 Forbidden" if isinstance(failure, AddressRefused) else b"502 Bad Gateway"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        self.failure = None
        try:
            if is_tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                kept = [header for header in headers if not header.lower().startswith(HOP_HEADERS)]
                begin = b" ".join((method, checked.path.encode("ascii"), version))
                back.write(b"\r\n".join((begin, *kept, b"Connection: close", b"", b"")))
            await _both_ways(reader, writer, there, back)
        finally:
            back.close()

    def _knows(self, headers: Sequence[bytes]) -> bool:
        expected = b"proxy-authorization: basic " + base64.b64encode(f"gate:{self._password}".encode())
        return any(
            secrets.compare_digest(header[:27].lower() + header[27:], expected)
            for header in headers
            if len(header) > 27
        )


async def _connected(addresses: Sequence[Address], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for address in list(dict.fromkeys(addresses))[:MOST_ADDRESSES]:
        with suppress(OSError):  # a time-out is one
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(str(address), port)
    raise CallFailed("no connection")


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    there: asyncio.StreamReader,
    back: asyncio.StreamWriter,
) -> None:
    """Pass bytes on in both directions until the host has said everything."""
    asking = asyncio.create_task(_pass_on(reader, back))
    try:
        await _pass_on(there, writer)
    finally:
        asking.cancel()
        await asyncio.wait({asking})


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(PIECE_BYTES):
            target.write(piece)
            await target.drain()
