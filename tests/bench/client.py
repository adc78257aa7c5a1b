"""The leanest HTTP client that keeps a connection: what it costs is not what is measured."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import orjson


class Client:
    """One keep-alive connection to the endpoint."""

    def __init__(self, endpoint: str, key: str) -> None:
        self._url = urlsplit(endpoint)
        self._head = (
            f"POST {self._url.path} HTTP/1.1\r\nHost: {self._url.netloc}\r\nContent-Type: application/json\r\n"
            f"Authorization: X-API-Key: {key}\r\nContent-Length: "
        ).encode()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def as_(self, key: str) -> Client:
        """A connection for another key."""
        return Client(self._url.geturl(), key)

    async def send(self, query: str, variables: dict[str, Any]) -> bytes:
        """The body of the answer."""
        if self._streams is None:
            host, port = self._url.hostname, self._url.port
            self._streams = await asyncio.open_connection(host, port, limit=1 << 26)
        reader, writer = self._streams
        body = orjson.dumps({"query": query, "variables": variables})
        writer.write(self._head + str(len(body)).encode() + b"\r\n\r\n" + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        return await reader.readexactly(length)

    async def ask(self, query: str, **variables: Any) -> Any:
        """The data of the answer; an error ends the run."""
        answer = orjson.loads(await self.send(query, variables))
        if "errors" in answer:
            raise RuntimeError(answer["errors"][0]["message"])
        return answer["data"]["data"]

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
