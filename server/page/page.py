"""Serving of the labeling page: one HTML text for each of its addresses, and its files."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable
from enum import StrEnum
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from labelyard.domain.text import parts_of
from labelyard.server.page.files import PageFiles, compressed, page_files

PAGE_PATH: Final = "/label"

# A host is letters, digits, dots and hyphens, or an IPv6 address: nothing that could end a directive of the policy.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)

# Loaded with the HTML and not one after another as modules name them.
PRELOADED: Final = (
    *("vendor/preact.mjs", "vendor/hooks.mjs", "vendor/signals.mjs", "vendor/signals-core.mjs", "vendor/htm.mjs"),
    *("main.js", "router.js", "session.js", "preferences.js", "sign-in.js", "api/ask.js", "api/user.js"),
    *("messages/en.js", "messages/text.js", "parts/html.js", "parts/dialog.js", "parts/field.js", "parts/notice.js"),
    "parts/asked.js",
)
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
        text = _html(page, content_origins)
        self._plain, self._compressed = text, compressed(text)
        self._etag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
        self._headers = {
            **HTML_HEADERS,
            "Content-Security-Policy": content_security_policy(page.import_map, content_origins),
            "ETag": self._etag,
        }

    async def answer(self, request: Request) -> Response:
        """The HTML, the same at every address: the page reads its own."""
        if request.headers.get("if-none-match") == self._etag:
            return Response(status_code=304, headers=self._headers)
        return _sent(request, self._plain, self._compressed, media_type="text/html", headers=self._headers)

    async def file(self, request: Request) -> Response:
        """A file of this version of the page."""
        found = self._files.by_name.get(request.path_params["name"])
        if found is None or request.path_params["digest"] != self._files.digest:
            return PlainTextResponse("Not found", status_code=404, headers={"Cache-Control": "no-store"})
        return _sent(request, found.plain, found.compressed, media_type=found.media_type, headers=FILE_HEADERS)


def _html(page: PageFiles, content_origins: tuple[str, ...]) -> bytes:
    template = files("labelyard.server.page").joinpath("page.html").read_text(encoding="utf-8")
    preloads = "\n    ".join(f'<link rel="modulepreload" href="{page.base}/{name}" />' for name in PRELOADED)
    return (
        template.replace("{{base}}", page.base)
        .replace("{{import_map}}", page.import_map)
        .replace("{{preloads}}", preloads)
        .replace("{{content_origins}}", html.escape(" ".join(content_origins), quote=True))
        .encode()
    )


def _sent(request: Request, plain: bytes, packed: bytes, *, media_type: str, headers: dict[str, str]) -> Response:
    if _takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(packed, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(plain, media_type=media_type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, quality = part.strip().partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
