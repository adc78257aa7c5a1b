"""A proxy between browser and server that may change answers, or lose them."""

from __future__ import annotations

import http.client
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# Each says something about one connection, or is set anew.
_OWN_HEADERS = {"content-length", "connection", "transfer-encoding", "date", "server"}


class PassingProxy(ThreadingHTTPServer):
    """Passes requests to a server, at a port of its own."""

    daemon_threads = True

    def __init__(self, url: str) -> None:
        self.target = urlsplit(url)
        super().__init__(("127.0.0.1", 0), _Passing)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def changed(self, path: str, body: bytes, content: bytes) -> bytes | None:
        """What is sent of an answer; None loses it. `body` is that of the request."""
        return content


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PassingProxy

    def do_GET(self) -> None:
        self._pass(b"")

    def do_POST(self) -> None:
        self._pass(self.rfile.read(int(self.headers["Content-Length"])))

    def _pass(self, body: bytes) -> None:
        target = http.client.HTTPConnection(self.server.target.hostname or "", self.server.target.port, timeout=30)
        dropped = ("host", "connection", "accept-encoding")
        headers = {header: value for header, value in self.headers.items() if header.lower() not in dropped}
        target.request(self.command, self.path, body, headers)
        answer = target.getresponse()
        content = self.server.changed(self.path, body, answer.read())
        if content is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        for header, value in answer.getheaders():
            if header.lower() not in _OWN_HEADERS:
                self.send_header(header, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass
