"""What a client does without a server."""

from __future__ import annotations

from tests.sdk.every_method.row import Row, row

ROWS: list[Row] = [
    row("format_result 2.160.0..", call={"name": "data", "result": {"data": [1]}}, answer=[1]),
]
