"""Which events a plugin or webhook handles, and by which name it is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labelyard.domain.plugin import DEFAULT_HANDLERS, PluginHandlerType, event_matches

# A custom interface is clicked in a browser, of which nothing is recorded.
HANDLED: Final = {
    "label.workflow.created.default": PluginHandlerType.onSubmit,
    "label.workflow.created.review": PluginHandlerType.onReview,
    "label.workflow.rejected": PluginHandlerType.onSendBackToQueue,
    "project.settings.updated": PluginHandlerType.onProjectUpdated,
    "project.workflow.settings.updated": PluginHandlerType.onProjectUpdated,
    "project.interface.updated": PluginHandlerType.onProjectUpdated,
}


def handled_as(event: str, handler_types: Sequence[str] | None, event_matcher: Sequence[str]) -> str | None:
    """The handler of an event, or the event itself where a pattern matches it; None when it is not handled.

    Who names neither handlers nor patterns handles what is submitted and reviewed.
    """
    if any(event_matches(pattern, event) for pattern in event_matcher):
        return event
    handlers = handler_types or (() if event_matcher else DEFAULT_HANDLERS)
    handler = HANDLED.get(event)
    return handler.value if handler is not None and handler in handlers else None
