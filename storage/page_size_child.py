"""The program of the child process that reads the sizes of the pages of PDFs: files come in, lines of JSON go out.

A stranger's file is parsed here and nowhere else, by a process that may take little and whose end harms nobody.
"""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Iterator
from typing import Any, Final

CPU_SECONDS: Final = 30
MEMORY_BYTES: Final = 1 << 30
MAX_PAGES: Final = 10_000
# Each file follows its length, a number of so many bytes, the greatest first.
LENGTH_BYTES: Final = 8


def limit_resources() -> None:
    """Bound what this process may use: no more time, memory or files than a PDF needs."""
    try:
        import resource
    except ImportError:
        return  # only where there are no such limits; the parent's clock still counts
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


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


def answer(document: bytes) -> str:
    """The sizes as one line of JSON, or `null` for what is no PDF that can be read."""
    try:
        return json.dumps(page_sizes(document), separators=(",", ":"))
    except Exception:
        # The parser fails in many ways on files made to break it, and all of them mean the same.
        return "null"


def main() -> None:
    """Answer each file on standard input, until it ends or a limit ends this process."""
    limit_resources()
    read = sys.stdin.buffer.read
    while len(length := read(LENGTH_BYTES)) == LENGTH_BYTES:
        print(answer(read(int.from_bytes(length, "big"))), flush=True)


if __name__ == "__main__":
    main()
