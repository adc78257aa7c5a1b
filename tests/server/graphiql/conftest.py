"""A small server with the page on it, and a headless Chromium that cannot reach anything else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import strawberry
import uvicorn
from selenium import webdriver
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from labelyard.domain.error import ClientError
from labelyard.server.edge.body import read_body
from labelyard.server.edge.document_cache import DocumentCache
from labelyard.server.graphiql import GraphiqlMode, graphiql_response, graphiql_routes
from tests.common.browser import start_chromium

ENDPOINT = "/api/label/v2/graphql"
API_KEY = "ly_test_0123456789abcdef"


@strawberry.type
class User:
    id: strawberry.ID
    email: str


@strawberry.type
class Project:
    id: strawberry.ID
    title: str


@strawberry.input
class ProjectWhere:
    id: strawberry.ID | None = None


@strawberry.type
class Query:
    @strawberry.field
    def viewer(self) -> User:
        return User(id=strawberry.ID("user-1"), email="ada@example.org")

    @strawberry.field
    def projects(self, where: ProjectWhere, first: int, skip: int) -> list[Project]:
        return [Project(id=strawberry.ID("project-1"), title="Leaves & <b>needles</b>")]


def small_app(mode: GraphiqlMode) -> Starlette:
    schema = strawberry.Schema(Query)
    documents = DocumentCache()

    async def endpoint(request: Request) -> Response:
        if request.method == "GET":
            page = graphiql_response(mode, path=ENDPOINT, query_string=request.scope["query_string"])
            return page or PlainTextResponse("", status_code=405, headers={"Allow": "POST"})
        if request.headers.get("authorization") != f"X-API-Key: {API_KEY}":
            error = {"message": "The key is not known.", "extensions": {"code": "UNAUTHENTICATED"}}
            return JSONResponse({"data": None, "errors": [error]}, status_code=401)
        try:
            body = await read_body(request.scope, request.receive)
            documents.get(body.query).facts.cost(body.variables, body.operation_name)
        except ClientError as refusal:
            error = {"message": refusal.message, "extensions": {"code": refusal.code}}
            return JSONResponse({"data": None, "errors": [error]}, status_code=400)
        result = await schema.execute(body.query, body.variables, operation_name=body.operation_name)
        answer: dict[str, object] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return JSONResponse(answer)

    return Starlette(routes=[*graphiql_routes(mode), Route(ENDPOINT, endpoint, methods=["GET", "POST"])])


@pytest.fixture
def serve() -> Iterator[Callable[[GraphiqlMode], str]]:
    """Serve the small app on a free port; answers its base URL."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(mode: GraphiqlMode) -> str:
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(small_app(mode), log_level="warning", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    chrome = start_chromium(
        tmp_path / "profile", "--window-size=1280,800", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    )
    yield chrome
    chrome.quit()
