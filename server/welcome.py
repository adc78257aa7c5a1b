"""The answer at the root: the addresses of endpoint, version and health."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labelyard.server.edge.error import json_response


def welcome_routes(addresses: dict[str, str]) -> list[Route]:
    """`GET /`, which answers the given addresses by name."""

    async def welcome(_request: Request) -> Response:
        return json_response({"name": "labelyard", **addresses})

    return [Route("/", welcome, methods=["GET"])]
