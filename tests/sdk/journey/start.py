"""A start, and what it warned of; with an argument, a start with that as the key."""

import os
import sys
import time
from pathlib import Path

from _support import connect_listening, release, report


def start():
    seen = {"warned": connect_listening()[1]}
    if release() >= (2, 129, 4):
        # The second start reads the schema that the first one kept under the home.
        seen["started again"] = connect_listening()[1]
        seen["schemas kept"] = len(list((Path.home() / ".cache" / "kili" / "graphql").glob("*.graphql")))
    return seen


def start_with(key):
    os.environ["KILI_API_KEY"] = key
    started = time.monotonic()
    try:
        connect_listening()
    except Exception as refused:  # what is looked at is which exception a user meets
        return {"refused": type(refused).__name__, "seconds": time.monotonic() - started}
    return {"refused": None, "seconds": time.monotonic() - started}


if __name__ == "__main__":
    report(start_with(sys.argv[1]) if sys.argv[1:] else start())
