"""An OpenAI-compatible endpoint of the test's own: what it is asked is kept, and how it answers is chosen."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.common.client import Json

KEY = "sk-of-the-endpoint"


def event(content: str | None = None, *, end: str | None = None, **more: Any) -> bytes:
    """One piece of a streamed answer."""
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": end}
    return b"data: " + orjson.dumps({"object": "chat.completion.chunk", "choices": [choice], **more}) + b"\n\n"


async def spoken(text: str) -> AsyncIterator[bytes]:
    """An answer as OpenAI streams it."""
    yield b": keep-alive\n\n"
    yield b"data: " + orjson.dumps({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}) + b"\n\n"
    for word in text.split(" "):
        yield event(word if word == text.split(" ", maxsplit=1)[0] else f" {word}")
    yield event(end="stop")
    yield b"data: " + orjson.dumps({"choices": [], "usage": {"total_tokens": 3}}) + b"\n\n"
    yield b"data: [DONE]\n\n"


async def whole(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield event("again and again " * 1_000)
        await asyncio.sleep(0)


async def silent() -> AsyncIterator[bytes]:
    yield event("wait")
    await asyncio.sleep(30)


async def broken() -> AsyncIterator[bytes]:
    yield event("half an")
    raise ConnectionResetError


def stream(pieces: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(pieces, media_type="text/event-stream")


Answering = Callable[[Json], Response]


def echo(body: Json) -> Response:
    """Says which model it is, how hot, and what it was asked last."""
    return stream(spoken(f"{body['model']} at {body.get('temperature')} says {body['messages'][-1]['content']}"))


FAILURES: dict[str, tuple[Answering, str, str, int | None]] = {
    "no key": (
        lambda _: JSONResponse({"error": {"message": "bad key sk-leak"}}, 401),
        "BAD_USER_INPUT",
        "the key",
        401,
    ),
    "no quota": (lambda _: PlainTextResponse("slow down", 429), "BAD_USER_INPUT", "try again later", 429),
    "an error of the server": (lambda _: PlainTextResponse("trace", 500), "BAD_USER_INPUT", "its endpoint failed", 500),
    "another address": (lambda _: RedirectResponse("http://127.0.0.1:1/"), "BAD_USER_INPUT", "not followed", 307),
    "no such model": (lambda _: JSONResponse({}, 404), "BAD_USER_INPUT", "no such address or model", 404),
    "a request it refuses": (lambda _: JSONResponse({}, 400), "BAD_USER_INPUT", "configuration", 400),
    "silence": (lambda _: stream(silent()), "TIMEOUT", "within 1 second", None),
    "a stream that is cut": (lambda _: stream(broken()), "BAD_USER_INPUT", "the connection broke", None),
    "a stream that ends early": (
        lambda _: stream(whole(event("half"))),
        "BAD_USER_INPUT",
        "before it was complete",
        None,
    ),
    "an endless stream": (lambda _: stream(endless()), "BAD_USER_INPUT", "too long", None),
    "no JSON in the stream": (lambda _: stream(whole(b"data: <html>\n\n")), "BAD_USER_INPUT", "not in the form", None),
    "no stream in the stream": (lambda _: stream(whole(b"<html>\n")), "BAD_USER_INPUT", "not in the form", None),
    "a page": (lambda _: PlainTextResponse("<html>hello</html>"), "BAD_USER_INPUT", "not in the form", None),
    "JSON of another form": (lambda _: JSONResponse({"text": "hello"}), "BAD_USER_INPUT", "not in the form", None),
    "content that is no text": (
        lambda _: JSONResponse({"choices": [{"message": {"content": ["x"]}}]}),
        "BAD_USER_INPUT",
        "not in the form",
        None,
    ),
    "an error in the stream": (
        lambda _: stream(whole(b'data: {"error": {"message": "sk-leak"}}\n\n')),
        "BAD_USER_INPUT",
        "reported an error",
        None,
    ),
    "nothing said": (lambda _: stream(whole(event(end="stop"))), "BAD_USER_INPUT", "empty", None),
}


class ModelEndpoint:
    """A server on the loopback address, in a thread of its own."""

    def __init__(self) -> None:
        self.answer: Answering = echo
        self.asked: list[Json] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        routes = [Route("/{path:path}", self._respond, methods=["POST"])]
        config = uvicorn.Config(
            Starlette(routes=routes), log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def start(self) -> ModelEndpoint:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    @property
    def bodies(self) -> list[Json]:
        """What was asked, in order of the models' names."""
        return sorted((dict(request["body"]) for request in self.asked), key=lambda body: body.get("model", ""))

    async def _respond(self, request: Request) -> Response:
        body = orjson.loads(await request.body())
        kept = {"path": str(request.url.path), "query": str(request.url.query), "headers": dict(request.headers)}
        self.asked.append({**kept, "body": body})
        return self.answer(body)
