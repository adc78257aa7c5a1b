"""A bucket of any size that only lists its keys, as S3 does: `python -m tests.common.large_bucket PORT COUNT`.

Servers that keep objects take minutes to be filled with a hundred thousand, and a second for each page.
"""

from __future__ import annotations

import bisect
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGE = 1_000
LISTING = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>large</Name><Prefix></Prefix>\
<KeyCount>{count}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>{is_truncated}</IsTruncated>{token}{contents}</ListBucketResult>"""
OBJECT = (
    "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;0&quot;</ETag>"
    "<Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>"
)


def keys_of(count: int) -> list[str]:
    """The keys of a bucket, in the order in which stores list them."""
    return sorted(f"camera {number % 7}/{number:06}.jpg" for number in range(count))


def main(port: int, count: int) -> None:
    """Serve until killed."""
    keys = keys_of(count)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            prefix = asked.get("prefix", "")
            after = asked.get("continuation-token") or asked.get("start-after", "")
            first = bisect.bisect_right(keys, after) if after else 0
            page = [key for key in keys[first : first + PAGE] if key.startswith(prefix)]
            is_last = first + PAGE >= len(keys)
            body = LISTING.format(
                count=len(page),
                is_truncated=str(not is_last).lower(),
                token="" if is_last else f"<NextContinuationToken>{page[-1]}</NextContinuationToken>",
                contents="".join(OBJECT.format(key=key) for key in page),
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
