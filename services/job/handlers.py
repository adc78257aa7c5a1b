"""The rooms that have handlers of jobs; a worker imports them all."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from labelyard.services.job.handler import HANDLERS, Handler

MODULES: Final[tuple[str, ...]] = (
    "data_connection.application",
    "data_connection.comparison",
    "door.dataapi.callback",
    "plugin.build",
    "plugin.run",
    "trained_model.annotating",
    "trained_model.training",
    "webhook.job",
)


def all_handlers() -> Mapping[str, Handler]:
    """Every handler by the kind of its jobs."""
    for module in MODULES:
        import_module(f"labelyard.services.{module}")
    return HANDLERS
