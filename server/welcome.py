"""The answer at the root: the addresses of endpoint, version and health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labelyard.server.edge.error import json_response

Endpoint = Callable[[Request], Awaitable[Response]]


def welcome_routes(addresses: dict[str, str], page: Endpoint | None = None) -> list[Route]:
    """`GET /`, which answers browsers with the page, when there is one, and others with the given addresses by name."""

    async def welcome(request: Request) -> Response:
        if page is not None and "text/html" in request.headers.get("accept", ""):
            return await page(request)
        return json_response({"name": "labelyard", **addresses})

    return [Route("/", welcome, methods=["GET"])]
