"""Asking an OpenAI-compatible endpoint for the answer of a model."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from labelyard.domain.completion import CompletionReader, UnusableCompletion
from labelyard.domain.error import BadUserInput, ClientError, ErrorCode
from labelyard.domain.model import ModelRequest
from labelyard.services.outgoing.client import AddressRefused, CallFailed, OutgoingClient

MAX_ANSWER_BYTES: Final = 8 * 2**20
EVENT_STREAM: Final = "text/event-stream"

# Of what an endpoint says, the status is all that is passed on.
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


async def complete(
    outgoing: OutgoingClient, name: str, request: ModelRequest, *, seconds: float, most_bytes: int = MAX_ANSWER_BYTES
) -> str:
    """The answer of a model. Raises `ModelFailed` or `ModelTimedOut`, which hold neither what the endpoint said nor the key."""
    try:
        async with asyncio.timeout(seconds):
            return await _completed(outgoing, name, request, seconds, most_bytes)
    except TimeoutError as error:
        raise ModelTimedOut(name, seconds) from error
    except UnusableCompletion as error:
        raise ModelFailed(name, error.reason.value) from error
    except AddressRefused as error:
        raise ModelFailed(name, f"its endpoint may not be called, {error.reason}") from error
    except CallFailed as error:
        raise ModelFailed(name, f"its endpoint cannot be read, {error.reason}") from error


async def _completed(
    outgoing: OutgoingClient, name: str, request: ModelRequest, seconds: float, most_bytes: int
) -> str:
    async with outgoing.stream(
        "POST",
        request.url,
        headers=request.headers,
        content=request.body,
        seconds=seconds,
        most_bytes=2 * most_bytes,  # the reader says it first, and better
    ) as answer:
        if answer.status != 200:
            raise ModelFailed(name, _reason(answer.status), status=answer.status)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        reader = CompletionReader(is_stream=kind == EVENT_STREAM, max_bytes=most_bytes)
        async for piece in answer.pieces():
            reader.feed(piece)
            if reader.is_complete:
                break
        return reader.text()


def _reason(status: int) -> str:
    if 300 <= status < 400:
        return f"its endpoint leads elsewhere, which is not followed (status {status})"
    known = REASONS.get(status, "its endpoint failed" if status >= 500 else "its endpoint refused the request")
    return f"{known} (status {status})"
