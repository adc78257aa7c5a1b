"""Serving of the labeling page: one HTML text for each of its addresses, and its files."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable
from enum import StrEnum
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from labelyard.domain.text import parts_of
from labelyard.server.page.files import PageFile, PageFiles, page_files
from labelyard.server.page.modules import needed_by, pages

PAGE_PATH: Final = "/label"

_NONE = re.compile(r"q=0(?:\.0{0,3})?")  # the quality of an encoding that a client does not take
# A host is letters, digits, dots and hyphens, or an IPv6 address: nothing that could end a directive of the policy.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)

SHELL: Final = "main.js"
# What people need who have not signed in.
SIGN_IN: Final = "sign-in.js"
GUARDS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid"),
            *("magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb"),
        )
    ),
}
HTML_HEADERS: Final = {**GUARDS, "Cache-Control": "no-cache", "Vary": "Accept, Accept-Encoding"}
FILE_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}


class PageMode(StrEnum):
    """Whether the page is served."""

    ON = "on"
    OFF = "off"


def labeling_page(mode: PageMode, content_origins: Iterable[str]) -> LabelingPage | None:
    """The page, or None when it is off. Assets that are kept elsewhere load from `content_origins` only."""
    return LabelingPage(page_files(), tuple(content_origins)) if mode is PageMode.ON else None


def page_routes(page: LabelingPage) -> list[Route]:
    """The routes of the page and its files."""
    return [
        Route(PAGE_PATH, page.answer, methods=["GET"]),
        Route(f"{PAGE_PATH}/{{rest:path}}", page.answer, methods=["GET"]),
        Route("/page/{digest}/{name:path}", page.file, methods=["GET"]),
    ]


def content_origins(value: str) -> tuple[str, ...]:
    """The origins of a setting, which has commas between them; ValueError names one that is none."""
    origins = tuple(origin for part in parts_of(value) if (origin := part.rstrip("/")))
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"{origin!r} is no origin; write scheme, host and port alone, like https://storage.example.org"
            )
    return origins


def content_security_policy(import_map: str, content_origins: Iterable[str]) -> str:
    """What the page may load. Nothing of other hosts, save for the assets of `content_origins`."""
    import_map_hash = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    origins = "".join(f" {origin}" for origin in content_origins)
    return "; ".join(
        (
            "default-src 'self'",  # 'none' would stop Firefox from loading modules ahead
            f"script-src 'self' 'sha256-{import_map_hash}'",
            "style-src 'self'",
            f"img-src 'self' blob:{origins}",
            f"media-src 'self' blob:{origins}",
            f"connect-src 'self'{origins}",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types labelyard-worker",
        )
    )


class LabelingPage:
    """The HTML and the files, ready to be sent."""

    def __init__(self, page: PageFiles, content_origins: tuple[str, ...]) -> None:
        self._files = page
        self._html = PageFile("text/html; charset=utf-8", _html(page, content_origins))
        self._etag = f'"{hashlib.sha256(self._html.plain).hexdigest()[:32]}"'
        self._headers = {
            **HTML_HEADERS,
            "Content-Security-Policy": content_security_policy(page.import_map, content_origins),
            "ETag": self._etag,
        }

    async def answer(self, request: Request) -> Response:
        """The HTML, the same at every address: the page reads its own."""
        if request.headers.get("if-none-match") == self._etag:
            return Response(status_code=304, headers=self._headers)
        return await _sent(request, self._html, self._headers)

    async def file(self, request: Request) -> Response:
        """A file of this version of the page."""
        found = self._files.by_name.get(request.path_params["name"])
        if found is None or request.path_params["digest"] != self._files.digest:
            return PlainTextResponse("Not found", status_code=404, headers={"Cache-Control": "no-store"})
        return await _sent(request, found, FILE_HEADERS)


def _html(page: PageFiles, content_origins: tuple[str, ...]) -> bytes:
    template = files("labelyard.server.page").joinpath("page.html").read_text(encoding="utf-8")
    shell = needed_by(page, SHELL)
    sign_in = [name for name in needed_by(page, SIGN_IN) if name not in shell]
    by_pattern = pages(page, shell)
    names = sorted({name for some in (*by_pattern.values(), sign_in) for name in some})
    ahead = {
        "base": page.base,
        "names": names,
        "signIn": [names.index(name) for name in sign_in],
        "pages": {pattern: [names.index(name) for name in some] for pattern, some in by_pattern.items()},
    }
    preloads = "\n    ".join(f'<link rel="modulepreload" href="{page.base}/{name}" />' for name in shell)
    return (
        template.replace("{{base}}", page.base)
        .replace("{{import_map}}", page.import_map)
        .replace("{{preloads}}", preloads)
        .replace("{{ahead}}", json.dumps(ahead, separators=(",", ":")))
        .replace("{{content_origins}}", html.escape(" ".join(content_origins), quote=True))
        .encode()
    )


async def _sent(request: Request, file: PageFile, headers: dict[str, str]) -> Response:
    accepted = _encodings(request.headers.get("accept-encoding", ""))
    encoding = next((one for one in PageFile.ENCODINGS if one in accepted), None)
    if encoding is None:
        return Response(file.plain, media_type=file.media_type, headers=headers)
    packed = await file.packed(encoding)
    return Response(packed, media_type=file.media_type, headers={**headers, "Content-Encoding": encoding})


def _encodings(accepted: str) -> set[str]:
    """The content encodings that a client takes; those with the quality 0 it does not."""
    parts = (part.strip().partition(";") for part in accepted.lower().split(","))
    return {name.strip() for name, _, quality in parts if not _NONE.fullmatch(quality.replace(" ", ""))}
