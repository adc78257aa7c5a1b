"""Which URLs name a file of this server, alone and inside JSON documents.

Clients build such URLs themselves (`<endpoint up to /graphql>/files?id=<id>`) and some change the scheme, so only
the path and the id count. That a URL has the form says nothing about the file: whoever uses the id must look it up
within the organization.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Lower case only: some file systems do not tell cases apart. No dot and no slash: never a path.
_BLOB_ID = re.compile(r"[0-9a-z][0-9a-z-]{15,63}")

_FILE_URL = re.compile(r"(?i:https?:)?//[^/?#\s]+(?:/[^?#\s]*)?/api/label(?:/v[12])?/files(?:/upload)?\?([^#\s]+)")

MAX_URL_LENGTH = 2048
# What a scanner keeps of a piece: room for a URL of full length with its slashes escaped.
_KEPT_BYTES = 2 * MAX_URL_LENGTH

# A whole JSON string that holds a URL. Escapes that an encoder may put into one are `\/` and `\u0026`; a quote that
# is itself escaped lies inside a longer text and starts nothing.
_QUOTED_URL = re.compile(rb'"(?<!\\")((?i:https?:)?(?:\\?/){2}(?:[^"\\\x00-\x20]|\\/|\\u0026){1,2040})"')


def is_blob_id(text: str) -> bool:
    """Whether the text has the form of an id this server gives to files."""
    return _BLOB_ID.fullmatch(text) is not None


def blob_id_of(url: str) -> str | None:
    """The id in an upload URL, a download URL or a client-built file URL, whatever its scheme and host."""
    if len(url) > MAX_URL_LENGTH:
        return None
    match = _FILE_URL.fullmatch(url)
    if match is None:
        return None
    ids = [part[3:] for part in match[1].split("&") if part.startswith("id=")]
    return ids[0] if len(ids) == 1 and is_blob_id(ids[0]) else None


def _unescaped(quoted: bytes) -> str:
    return quoted.replace(b"\\/", b"/").replace(b"\\u0026", b"&").decode("utf-8", "replace")


class BlobIdScanner:
    """Finds file URLs in a JSON document of any size while it passes by, in constant memory."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[str]:
        """The ids of the URLs that end in this piece."""
        window = self._rest + piece
        blob_ids = []
        end = 0
        for match in _QUOTED_URL.finditer(window):
            end = match.end()
            blob_id = blob_id_of(_unescaped(match[1]))
            if blob_id is not None:
                blob_ids.append(blob_id)
        # The next URL may have begun in what is kept; what has been matched is not found twice.
        self._rest = window[max(end, len(window) - _KEPT_BYTES) :]
        return blob_ids


def replace_file_urls(document: bytes, url_of: Callable[[str], str | None]) -> bytes:
    """The document with each file URL replaced by `url_of(id)`; None leaves it. All else stays byte for byte.

    The URLs given back must need no escaping in JSON.
    """

    def replaced(match: re.Match[bytes]) -> bytes:
        blob_id = blob_id_of(_unescaped(match[1]))
        url = None if blob_id is None else url_of(blob_id)
        return match[0] if url is None else b'"' + url.encode("ascii") + b'"'

    return _QUOTED_URL.sub(replaced, document)
