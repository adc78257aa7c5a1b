"""One headless Chromium that can reach this machine only, and windows in it that share nothing with each other."""

from __future__ import annotations

import itertools
import json
import os
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selenium.webdriver import Chrome
from websockets.sync.client import connect

from tests.common.browser import start_chromium

FLAGS = (
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--window-size=1440,900",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
BLANK_SCHEMES = {"data", "chrome", "chrome-untrusted", "about", "blob"}


class Chromium:
    """The browser of a run, which trusts the certificates of one key.

    `window` opens a window that no other shares storage, cookies or a cache with.
    """

    def __init__(self, profile: Path, *, trusted_key: str) -> None:
        self.driver = start_chromium(profile, *FLAGS, f"--ignore-certificate-errors-spki-list={trusted_key}")
        self._home = self.driver.current_window_handle
        self._current = self._home
        self._numbers = itertools.count(1)
        address = self.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        with urllib.request.urlopen(f"http://{address}/json/version", timeout=20) as answer:
            self._endpoint = json.load(answer)["webSocketDebuggerUrl"]
        self._socket = connect(self._endpoint, proxy=None, legacy=True)

    def window(self) -> tuple[str, str]:
        """Open an empty window in a context of its own; answers the handles of both."""
        context = self._command("Target.createBrowserContext", {})["browserContextId"]
        target = self._command("Target.createTarget", {"url": "about:blank", "browserContextId": context})["targetId"]
        return target, context

    def tab(self, context: str) -> str:
        """Open one more window in a context."""
        return str(
            self._command("Target.createTarget", {"url": "about:blank", "browserContextId": context})["targetId"]
        )

    def show(self, window: str) -> Chrome:
        """The driver, with a window to the front."""
        if self._current != window:
            self.driver.switch_to.window(window)
            self._current = window
        return self.driver

    def dispose(self, context: str) -> None:
        """Close the windows of a context, with all that they stored."""
        self.show(self._home)
        self._command("Target.disposeBrowserContext", {"browserContextId": context})

    def quit(self) -> None:
        self._socket.close()
        self.driver.quit()

    def complaints(self) -> list[str]:
        """Errors and warnings of the console since it was last asked, refusals by the content security policy among them."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def hosts_asked(self) -> set[str]:
        """Every scheme, host and port that a request or a websocket went to since it was last asked."""
        hosts = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = urlsplit(message["params"]["request"]["url"])
            elif message["method"] == "Network.webSocketCreated":
                url = urlsplit(message["params"]["url"].replace("ws", "http", 1))
            else:
                continue
            if url.scheme not in BLANK_SCHEMES:
                hosts.add(f"{url.scheme}://{url.netloc}")
        return hosts

    def _command(self, method: str, values: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": values}))
        while True:
            answer = json.loads(self._socket.recv(timeout=20))
            if answer.get("id") == number:
                return dict(answer["result"])


def screenshots() -> Path | None:
    """Where pictures of failures and of pages are kept: a folder that `LABELYARD_TEST_SCREENSHOTS` names."""
    folder = os.environ.get("LABELYARD_TEST_SCREENSHOTS")
    return Path(folder) if folder else None
