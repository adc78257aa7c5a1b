"""The page and its files. Everything is served from here: the page works on a machine without a network."""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

ASSET_PATH = "/api/label/v2/graphiql"

# Scripts are files, so none needs a nonce. Styles need no exception either: GraphiQL sets them through the CSSOM, which
# the policy does not govern, and takes the refusal of one <style> element (a scroll lock) without harm.
CONTENT_SECURITY_POLICY = "default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'"
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
ASSET_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Asked for again each time and answered 304: an upgrade is seen at the next load.
    "Cache-Control": "no-cache",
}

# GraphiQL's style sheet carries its fonts as data: URLs, nine tenths of it, which the policy above does not let load.
_FONT_FACE = re.compile(rb"@font-face\s*\{[^}]*\}")


class GraphiqlMode(StrEnum):
    """Whether the page is served. `AUTHENTICATED` opens the editor once the server has accepted a key."""

    ON = "on"
    AUTHENTICATED = "authenticated"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page, by its path in this package."""

    path: str
    media_type: str
    prepare: Callable[[bytes], bytes] | None = None

    def read(self) -> bytes:
        """The bytes as they are served."""
        content = files("labelyard.server.graphiql").joinpath(self.path).read_bytes()
        return self.prepare(content) if self.prepare else content


def _without_fonts(style_sheet: bytes) -> bytes:
    return _FONT_FACE.sub(b"", style_sheet)


_JAVASCRIPT, _CSS = "text/javascript; charset=utf-8", "text/css; charset=utf-8"

# Nothing but what stands here is ever served. `vendor/vendored.json` says where each library file comes from.
ASSETS = {
    "react.production.min.js": Asset("vendor/react.production.min.js", _JAVASCRIPT),
    "react-dom.production.min.js": Asset("vendor/react-dom.production.min.js", _JAVASCRIPT),
    "graphql-ws.min.js": Asset("vendor/graphql-ws.min.js", _JAVASCRIPT),
    "graphiql.min.js": Asset("vendor/graphiql.min.js", _JAVASCRIPT),
    "graphiql.min.css": Asset("vendor/graphiql.min.css", _CSS, _without_fonts),
    "page.js": Asset("page.js", _JAVASCRIPT),
    "page.css": Asset("page.css", _CSS),
    "icon.svg": Asset("icon.svg", "image/svg+xml"),
}


def graphiql_response(mode: GraphiqlMode, *, path: str, query_string: bytes = b"") -> Response | None:
    """The answer to GET on an endpoint at `path`, or None where the page is not what is asked for and the answer is 405.

    That is when it is off, and when the URL carries a query: operations are not run by GET, and pretending to load one
    into the editor would make the page a place to send people to.
    """
    if mode is GraphiqlMode.OFF or (query_string and b"query" in parse_qs(query_string, keep_blank_values=True)):
        return None
    # Relative, so that the page finds its files behind a proxy that serves it under a prefix.
    assets = posixpath.relpath(ASSET_PATH, posixpath.dirname(path))
    return Response(_page(mode, assets), media_type="text/html", headers=PAGE_HEADERS)


def graphiql_routes(mode: GraphiqlMode) -> list[Route]:
    """The routes of the page's files; none when the page is off."""
    if mode is GraphiqlMode.OFF:
        return []
    return [Route(f"{ASSET_PATH}/{{name}}", _asset, methods=["GET"], name="graphiql-asset")]


@lru_cache(maxsize=8)
def _page(mode: GraphiqlMode, assets: str) -> str:
    template = files("labelyard.server.graphiql").joinpath("page.html").read_text(encoding="utf-8")
    return template.replace("{{mode}}", mode.value).replace("{{assets}}", assets)


async def _asset(request: Request) -> Response:
    asset = ASSETS.get(request.path_params["name"])
    if asset is None:
        return PlainTextResponse("Not found", status_code=404)
    content = await asyncio.to_thread(asset.read)
    headers = {**ASSET_HEADERS, "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=asset.media_type, headers=headers)
