"""A receiver of webhooks: `python -m tests.common.webhook_receiver PORT FILE` keeps what it is sent, a line of JSON for each call."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STATUS = 200


def main(port: int, path: Path) -> None:
    """Serve until killed. What has been kept was answered 200, or was about to be."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # whoever sent it was killed
            line = json.dumps({"headers": dict(self.headers), "body": body.decode()})
            with lock, path.open("a") as file:
                file.write(line + "\n")
                file.flush()
            self.send_response(STATUS)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
