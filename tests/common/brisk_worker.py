"""`labelyard worker` whose jobs are taken up soon after it was killed: `python -m tests.common.brisk_worker`."""

from __future__ import annotations

from dataclasses import replace

from labelyard.server.logs import set_up_logs
from labelyard.server.loop.job_loop import every_handler
from labelyard.server.settings import read_settings
from labelyard.server.worker import run
from labelyard.services.job.handler import HANDLERS

LEASE_SECONDS = 2.0


def main() -> None:
    """Work with short leases, no long waits and many tries: all else is as an operator's worker has it."""
    for kind, handler in every_handler().items():
        HANDLERS[kind] = replace(handler, lease_seconds=LEASE_SECONDS, backoff_seconds=0.2, attempts=100)
    settings = read_settings()
    set_up_logs(settings.log_level)
    run(settings)


if __name__ == "__main__":
    main()
