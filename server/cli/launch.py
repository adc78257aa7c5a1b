"""The command `labelyard`."""

from __future__ import annotations

import gc


def main() -> None:
    """Load the commands and run one.

    Loading makes hundreds of thousands of objects that stay: without looking for garbage among them, a start takes a fifth less. The
    server collects again once it is up, the other commands are over before it matters.
    """
    gc.disable()
    from labelyard.server.cli.command import main as run

    run()
