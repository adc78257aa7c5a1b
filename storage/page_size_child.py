"""The program of the child process that reads the sizes of the pages of a PDF: the file comes in, JSON goes out.

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


def main() -> None:
    """Read standard input to its end and write the sizes; anything that goes wrong ends in an exit code."""
    limit_resources()
    print(json.dumps(page_sizes(sys.stdin.buffer.read()), separators=(",", ":")))


if __name__ == "__main__":
    main()
