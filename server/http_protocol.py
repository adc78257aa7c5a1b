"""Bound the head of a request while it arrives, before there is a request to judge, and an answer while it leaves.

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
        super().on_headers_complete()

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
