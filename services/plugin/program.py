"""The program that a plugin runs in: one call, in an environment of the plugin's own. It imports nothing of the server.

The request is JSON on standard input. What the plugin logs, and what has become of the call, goes as lines of JSON to the descriptor
that the first argument names.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Mapping
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any, TextIO

METHODS = {
    "onSubmit": "on_submit",
    "onReview": "on_review",
    "onCustomInterfaceClick": "on_custom_interface_click",
    "onSendBackToQueue": "on_send_back_to_queue",
    "onProjectUpdated": "on_project_updated",
}

PACKAGE = "uploaded_plugin"


class ChannelHandler(logging.Handler):
    """Sends what is logged to the parent."""

    def __init__(self, channel: TextIO) -> None:
        super().__init__(logging.DEBUG)
        self.channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record with its level."""
        send(self.channel, {"level": record.levelname, "text": self.format(record)})


def send(channel: TextIO, message: Mapping[str, Any]) -> None:
    """Send one line."""
    channel.write(json.dumps(message) + "\n")
    channel.flush()


def main() -> None:
    """Read the request, do it, and say what has become of it."""
    channel = os.fdopen(int(sys.argv[1]), "w", encoding="utf-8", errors="replace")
    os.set_inheritable(channel.fileno(), False)
    request = json.load(sys.stdin)
    sys.path.insert(0, request["code"])
    logger = logging.getLogger("plugin")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(ChannelHandler(channel))
    logging.getLogger().addHandler(ChannelHandler(channel))
    logging.getLogger("kili.services.plugins").propagate = False
    try:
        handler = handler_in(request["code"])
        if request["task"] == "inspect":
            result = found(handler)
        else:
            result = []
            call(handler, request, logger)
    except BaseException as error:
        message: dict[str, Any] = {
            "error": traceback.format_exc(limit=20),
            "reason": f"{type(error).__name__}: {error}",
        }
    else:
        message = {"result": result}
    # The message ends the call: what was printed has to be out before.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    send(channel, message)


def handler_in(folder: str) -> Any:
    """The class in `main.py`, which may name what lies beside it with and without a dot: its folder is a package."""
    package = ModuleType(PACKAGE)
    package.__path__ = [folder]
    loader = SourceFileLoader(f"{PACKAGE}.main", os.path.join(folder, "main.py"))
    spec = ModuleSpec(loader.name, loader, origin=loader.path)
    spec.has_location = True
    main = module_from_spec(spec)
    # Under both names, so that a module that imports it is not given another one.
    sys.modules.update({PACKAGE: package, spec.name: main, "main": main})
    loader.exec_module(main)
    if not hasattr(main, "PluginHandler"):
        raise AttributeError("main.py has no class PluginHandler")
    return main.PluginHandler


def found(handler: Any) -> list[str]:
    """The handlers that a plugin has written itself."""
    core = importlib.import_module("kili.plugins").PluginCore
    if not inspect.isclass(handler) or not issubclass(handler, core):
        raise TypeError("PluginHandler in main.py has to be a class that inherits from kili.plugins.PluginCore")
    return [
        name for name, method in METHODS.items() if getattr(handler, method, None) is not getattr(core, method, None)
    ]


def call(handler: Any, request: Mapping[str, Any], logger: logging.Logger) -> None:
    """Make the plugin and have it handle one thing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the key ends soon is as it should be
        kili = importlib.import_module("kili.client").Kili(api_key=request["key"], api_endpoint=request["endpoint"])
    plugin = handler(kili, request["projectId"])
    plugin.logger = logger
    method = getattr(plugin, METHODS.get(request["handler"], "on_event"), None)
    if method is None:
        logger.warning("The plugin has no method for %s", request["handler"])
    else:
        method(*request["arguments"])


main()
