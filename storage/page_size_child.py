"""The program of the child process that reads the sizes of the pages of PDFs: files come in, JSON goes out.

Uploaded files are parsed only here, in a process with tight limits that may be ended at any time.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from typing import Any, Final

from labelyard.storage.child_program import serve

CPU_SECONDS: Final = 30
MEMORY_BYTES: Final = 1 << 30
MAX_PAGES: Final = 10_000


def page_sizes(document: bytes) -> list[dict[str, float]]:
    """The visible box of each page in points, as it lies before it is turned, and by how much it is turned."""
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(document)).pages
    if len(pages) > MAX_PAGES:
        raise ValueError(f"more than {MAX_PAGES} pages")
    return list(_sizes(pages))


def _sizes(pages: Any) -> Iterator[dict[str, float]]:
    for number, page in enumerate(pages, start=1):
        unit = float(page.user_unit)
        width, height = (round(abs(float(side)) * unit, 3) for side in (page.cropbox.width, page.cropbox.height))
        if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
            raise ValueError(f"page {number} has no size")
        yield {"pageNumber": number, "width": width, "height": height, "rotation": int(page.rotation) % 360}


def answer(document: bytes) -> bytes:
    """The sizes as JSON, or `null` for what is no PDF that can be read."""
    try:
        return json.dumps(page_sizes(document), separators=(",", ":")).encode()
    except Exception:
        # The parser fails in many ways on files made to break it, and all of them mean the same.
        return b"null"


if __name__ == "__main__":
    serve(answer, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
