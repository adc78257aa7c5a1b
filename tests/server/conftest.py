"""The smallest application around the body reader and the document limits, driven as a server drives it; commands run as a shell
runs them.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
import pytest

from labelyard.domain.error import ClientError, ErrorCode
from labelyard.server.cli.command import main
from labelyard.server.edge.body import BodyLimits, check_head, read_body
from labelyard.server.edge.document_cache import DocumentCache
from labelyard.storage.database import Database
from tests.common.command import Done, Run
from tests.common.server import ServerProcess
from tests.common.socket import Two
from tests.common.world import new_organization

Headers = Sequence[tuple[bytes, bytes]]
JSON: Headers = ((b"content-type", b"application/json"),)
GOOD = b'{"query":"{viewer{id}}"}'
STATUS = {ErrorCode.PAYLOAD_TOO_LARGE: 413, ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415}


def scope_of(headers: Headers = JSON, **more: Any) -> dict[str, Any]:
    path = "/api/label/v2/graphql"
    base = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    return {**base, "headers": list(headers), **more}


class Sender:
    """A client that sends its body in the given pieces and counts how many were taken."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self.taken = 0

    async def __call__(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        self.taken += 1
        body = self._pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(self._pieces)}


Answer = tuple[int, dict[str, Any]]
Post = Callable[..., Awaitable[Answer]]


@pytest.fixture
def post() -> Post:
    """Post a body; answers the status and the decoded answer, with the request echoed under `data`."""
    documents = DocumentCache()

    async def send(
        body: bytes | Sender, headers: Headers = JSON, *, limits: BodyLimits | None = None, **scope: Any
    ) -> Answer:
        sender = body if isinstance(body, Sender) else Sender(body)
        try:
            head = scope_of(headers, **scope)
            check_head(head, limits or BodyLimits())
            request = await read_body(head, sender, limits or BodyLimits())
            cost = documents.get(request.query).facts.cost(request.variables, request.operation_name)
        except ClientError as refusal:
            error = {"message": refusal.message, "extensions": {"code": refusal.code, "context": refusal.context}}
            # What cannot be encoded cannot be answered.
            return STATUS.get(refusal.code, 400), orjson.loads(orjson.dumps({"data": None, "errors": [error]}))
        return 200, {"data": {"query": request.query, "variables": request.variables, "cost": cost}}

    return send


def with_variables(text: str) -> bytes:
    return b'{"query":"{viewer{id}}","variables":' + text.encode() + b"}"


def code(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    return answer[0], answer[1]["errors"][0]["extensions"]["code"]


def context(answer: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = answer[1]["errors"][0]["extensions"]["context"]
    return found


@pytest.fixture
def run(own_database_url, tmp_path, monkeypatch, capsys) -> Run:
    """Run a command as the shell does, and give what it printed."""
    monkeypatch.setenv("LABELYARD_DATABASE_URL", own_database_url)
    monkeypatch.setenv("LABELYARD_ALLOW_UNSAFE_DATABASE", "true")
    monkeypatch.setenv("LABELYARD_DATA_DIR", str(tmp_path / "data"))

    async def command(*arguments: str, said: str = "") -> Done:
        monkeypatch.setattr(sys, "argv", ["labelyard", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(said))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(main)  # a command runs a loop of its own
        printed = capsys.readouterr()
        return Done(ended.value.code or 0, printed.out.splitlines(), printed.err.splitlines())

    return command


@pytest.fixture
def tell(run: Run) -> Callable[..., Awaitable[list[str]]]:
    """The lines a command prints when it succeeds and complains of nothing."""

    async def told(*arguments: str, said: str = "") -> list[str]:
        done = await run(*arguments, said=said)
        assert (done.code, done.complaints) == (0, []), done
        return done.lines

    return told


@pytest.fixture(scope="module")
async def two(cluster, tmp_path_factory):
    url = await cluster.new_database()
    key = f"ly_test_{secrets.token_hex(16)}"
    data_dir = tmp_path_factory.mktemp("two") / "data"
    servers = [ServerProcess(url, data_dir, api_key=key).start() for _ in range(2)]
    database = await Database.open(url, size=2)
    yield Two(*servers, database)
    await database.close()
    for server in servers:
        server.stop()


@pytest.fixture
async def place(two):
    """A project whose client is the second process."""
    organization = await new_organization(two.database, two.client(two.second, None))
    project = await organization.project()
    yield project
    await organization.http.http.aclose()
