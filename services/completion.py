"""Asking an OpenAI-compatible endpoint for the answer of a model."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

import httpx
import structlog

from labelyard.domain.completion import CompletionReader, Unusable, UnusableCompletion
from labelyard.domain.error import BadUserInput, ClientError, ErrorCode
from labelyard.domain.model import ModelRequest

MAX_ANSWER_BYTES: Final = 8 * 2**20
EVENT_STREAM: Final = "text/event-stream"
CONNECT_SECONDS: Final = 3.0
log = structlog.get_logger("labelyard.completion")

# What is said of statuses; what else an endpoint says stays between it and the log.
REASONS: Final = {
    400: "its endpoint does not accept the request; look at the configuration of the model",
    401: "its endpoint does not accept the key",
    403: "its endpoint does not accept the key",
    404: "its endpoint knows no such address or model",
    408: "its endpoint took too long",
    413: "its endpoint finds the conversation too long",
    422: "its endpoint does not accept the request; look at the configuration of the model",
    429: "its endpoint takes no more requests now, or its quota is used up; try again later",
}


class Sender(Protocol):
    """What sends requests, and refuses addresses that may not be asked: a client of httpx."""

    def stream(self, method: str, url: str, **options: Any) -> AbstractAsyncContextManager[httpx.Response]:
        """Send a request, and read its answer in the block."""


class ModelFailed(BadUserInput):
    """A model has not answered; nothing was written."""

    def __init__(self, name: str, reason: str, **context: Any) -> None:
        super().__init__(
            f"[modelFailed] Model {name!r} has not answered: {reason}. Nothing was written.", modelName=name, **context
        )


class ModelTimedOut(ClientError):
    """A model has not answered in time; nothing was written."""

    code = ErrorCode.TIMEOUT

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(
            f"[modelFailed] Model {name!r} has not answered within {seconds:g} seconds. Nothing was written; try again, or "
            "ask for a shorter answer.",
            modelName=name,
            seconds=seconds,
        )


class ModelEndpoints:
    """Asks models, each within a time and up to a size."""

    def __init__(self, sender: Sender, *, seconds: float, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        self._sender = sender
        self._seconds = seconds
        self._max_bytes = max_bytes

    async def complete(self, name: str, request: ModelRequest) -> str:
        """The answer of a model. Raises `ModelFailed` or `ModelTimedOut`, which never hold what the endpoint said, nor the key."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._complete(name, request)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ModelTimedOut(name, self._seconds) from error
        except UnusableCompletion as error:
            raise ModelFailed(name, error.reason.value) from error
        except httpx.RemoteProtocolError as error:
            raise ModelFailed(name, Unusable.CUT.value) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            log.info("model not reached", error=type(error).__name__)
            raise ModelFailed(name, "its endpoint cannot be reached") from error

    async def _complete(self, name: str, request: ModelRequest) -> str:
        timeout = httpx.Timeout(self._seconds, connect=min(CONNECT_SECONDS, self._seconds))
        async with self._sender.stream(
            "POST", request.url, headers=dict(request.headers), content=request.body, timeout=timeout
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise ModelFailed(name, _reason(response.status_code), status=response.status_code)
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            reader = CompletionReader(is_stream=kind == EVENT_STREAM, max_bytes=self._max_bytes)
            async for data in response.aiter_bytes():
                reader.feed(data)
                if reader.is_complete:
                    break
            return reader.text()


def _reason(status: int) -> str:
    if 300 <= status < 400:
        return f"its endpoint leads elsewhere (status {status}), which is not followed"
    known = REASONS.get(status, "its endpoint failed" if status >= 500 else "its endpoint refused the request")
    return f"{known} (status {status})"
