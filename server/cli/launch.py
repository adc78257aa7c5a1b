"""The command `labelyard`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Load the commands and run one.

    Loading makes hundreds of thousands of objects that stay: without looking for garbage among them, a start takes a fifth less. The
    server collects again once it is up, the other commands are over before it matters.
    """
    gc.disable()
    load_structlog()
    from labelyard.server.cli.command import main as run

    run()


def load_structlog() -> None:
    """Load structlog as if rich were not there: it would load it to draw tracebacks, and logs here are JSON."""
    sys.modules["rich"] = None  # type: ignore[assignment] # what an import statement takes for a missing module
    import structlog

    del sys.modules["rich"], structlog
