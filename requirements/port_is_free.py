"""`make serve` runs this before it sets anything up: a port in use is said at once, not after minutes.

It runs as a script under any Python, before a package is installed, and leaves all other checks to `labelyard serve`.
"""

from __future__ import annotations

import os
import socket
import sys


def main() -> int:
    """Answer 1, with one line, when something listens on the port that the server would take."""
    host = os.environ.get("LABELYARD_HOST") or "127.0.0.1"
    port = os.environ.get("LABELYARD_PORT") or "8000"
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            pass
    except (OSError, ValueError, OverflowError):
        return 0
    print(
        f"labelyard: {host}:{port} is in use; stop what listens there, or take another port: LABELYARD_PORT=8080 make serve",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
