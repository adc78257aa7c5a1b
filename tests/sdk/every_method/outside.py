"""What the server of the tests calls: a listener for webhooks, an endpoint of models, and a store."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.common.model_endpoint import ModelEndpoint
from tests.stores.conftest import S3, started_moto


class Listener:
    """Hears webhooks on the loopback address."""

    def __init__(self) -> None:
        heard: list[tuple[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                heard.append((self.path, body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._heard = heard
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    async def heard_of(self, project: str, *, seconds: float = 20) -> list[str]:
        """The paths that were called about a project, once there are any."""
        for _ in range(int(seconds * 10)):
            if found := [path for path, body in self._heard if project in body]:
                return found
            await asyncio.sleep(0.1)
        return []

    def stop(self) -> None:
        self._server.shutdown()


class Outside:
    """All three, each started when it is asked for first."""

    def __init__(self) -> None:
        self._listener: Listener | None = None
        self._models: ModelEndpoint | None = None
        self._store: tuple[subprocess.Popen[str], S3] | None = None

    @property
    def listener(self) -> Listener:
        self._listener = self._listener or Listener()
        return self._listener

    @property
    def models(self) -> ModelEndpoint:
        self._models = self._models or ModelEndpoint().start()
        return self._models

    @property
    def store(self) -> S3:
        self._store = self._store or started_moto()
        return self._store[1]

    def stop(self) -> None:
        if self._listener:
            self._listener.stop()
        if self._models:
            self._models.stop()
        if self._store:
            self._store[0].kill()
            self._store[0].wait()
