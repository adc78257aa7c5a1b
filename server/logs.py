"""Structured logs: one JSON object a line on standard error."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import structlog


@contextmanager
def without_logs() -> Iterator[None]:
    """Log nothing while the block runs: a command says by itself what has become of what it does."""
    before = structlog.get_config()
    structlog.configure(**{**before, "wrapper_class": structlog.make_filtering_bound_logger(logging.CRITICAL)})
    try:
        yield
    finally:
        structlog.configure(**before)


def set_up_logs(level: str) -> None:
    """Log as JSON lines from a level on, the libraries' records too; those speak from WARNING on."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    render = structlog.processors.JSONRenderer(serializer=lambda value, **_: orjson.dumps(value, default=repr))
    structlog.configure(
        processors=[structlog.processors.add_log_level, stamp, structlog.processors.format_exc_info, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, stamp],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(
                    serializer=lambda value, **_: orjson.dumps(value, default=repr).decode()
                ),
            ],
        )
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler])
