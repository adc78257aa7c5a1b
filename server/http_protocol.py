"""Bound the head of a request while it arrives, before there is a request to judge, and an answer while it leaves, in one piece.

uvicorn with httptools waits for headers without end and keeps them all. The exact limits on headers are those of
`server.edge.body.check_headers`, which answers in the shape clients expect; here is only what protects the process.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from labelyard.domain.error import ErrorCode
from labelyard.server.unsent_answers import UnsentAnswers, UnsentLimits


@dataclass(frozen=True, slots=True)
class HeadLimits:
    """How long a head may take from its first byte, or from the connection, and how large it may grow unfinished."""

    head_seconds: float = 10.0
    max_unfinished_head_bytes: int = 64 * 1024


def bounded_protocol(
    limits: HeadLimits | None = None, unsent_limits: UnsentLimits | None = None
) -> type[HttpToolsProtocol]:
    """The class for uvicorn's `http=`; each connection is held to the limits, and all together to those of unsent answers."""
    shared = {"limits": limits or HeadLimits(), "unsent": UnsentAnswers(unsent_limits)}
    return type("BoundedHttpProtocol", (_BoundedHttpProtocol,), shared)


class _HeadWithBody(asyncio.Transport):
    """The transport of one answer, which writes its head together with the first piece of its body.

    uvicorn writes each by itself, and each would be a system call here and a reading there: a tenth of what a small answer costs.
    A head whose body has not come when the event loop comes round is written alone.
    """

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = b""

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Hold what comes first, and write it before what comes next."""
        if self._head is None:
            self._transport.write(data)
        elif self._head:
            self._transport.writelines((self._head, data))
            self._head = None
        else:
            self._head = bytes(data)
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Close the connection behind what has been written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            self._transport.write(self._head)
            self._head = None


class _BoundedHttpProtocol(HttpToolsProtocol):
    limits: ClassVar[HeadLimits]
    unsent: ClassVar[UnsentAnswers]

    _head_timer: asyncio.TimerHandle | None = None
    _is_head_unfinished = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self.unsent.leave(self.transport)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.unsent.enter(self.transport)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.unsent.leave(self.transport)

    def data_received(self, data: bytes) -> None:
        was_unfinished = self._is_head_unfinished
        super().data_received(data)
        if self._is_head_unfinished and self._head_timer is None:
            self._start_timer()  # not for a head that came whole, as nearly every one does
        # The piece in which a head begins is not counted: the end of a body before it may be in there too.
        if was_unfinished and self._is_head_unfinished:
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.max_unfinished_head_bytes:
                self._refuse(431, f"The headers are larger than {self.limits.max_unfinished_head_bytes} bytes.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_head_unfinished = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._is_head_unfinished = False
        self._stop_timer()
        former = self.cycle
        super().on_headers_complete()
        if self.cycle is not None and self.cycle is not former:
            self.cycle.transport = _HeadWithBody(self.transport, self.loop)

    def _start_timer(self) -> None:
        self._head_timer = self.loop.call_later(self.limits.head_seconds, self._head_is_late)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._start_timer()  # a request before this one is still being answered on the connection
        elif self._is_head_unfinished:
            self._refuse(408, f"The headers took longer than {self.limits.head_seconds:g} seconds.")
        else:
            self.transport.close()

    def _refuse(self, status: int, message: str) -> None:
        self._is_head_unfinished = False
        self._stop_timer()
        if self.transport.is_closing():
            return
        error: dict[str, Any] = {"error": {"code": ErrorCode.BAD_REQUEST, "message": message}}
        content = orjson.dumps(error)
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(content)
            + content
        )
        self.transport.close()
