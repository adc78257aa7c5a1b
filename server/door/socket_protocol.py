"""The two protocols of GraphQL over websockets: `graphql-transport-ws`, and the older `graphql-ws` that SDK releases speak.

They differ in the names of their messages and in what they do about mistakes of the client.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

INIT: Final = "connection_init"
ACKNOWLEDGED: Final = "connection_ack"
TERMINATE: Final = "connection_terminate"
REFUSED: Final = "connection_error"
PING: Final = "ping"
PONG: Final = "pong"
COMPLETE: Final = "complete"
ERROR: Final = "error"


@dataclass(frozen=True, slots=True)
class SocketProtocol:
    """One protocol: the names of the messages that begin and stop an operation and hold a result."""

    name: str
    begin: str
    stop: str
    result: str
    is_legacy: bool = False

    def of_result(self, identifier: str, body: bytes) -> bytes:
        """A result, whose encoded body is put in place."""
        return orjson.dumps({"id": identifier, "type": self.result, "payload": orjson.Fragment(body)})

    def of_errors(self, identifier: str, entries: list[dict[str, Any]]) -> bytes:
        """An operation that was refused; the older protocol has room for one error."""
        payload: object = entries[0] if self.is_legacy else entries
        return orjson.dumps({"id": identifier, "type": ERROR, "payload": payload})

    def of_end(self, identifier: str) -> bytes:
        """An operation that is over."""
        return orjson.dumps({"id": identifier, "type": COMPLETE})


TRANSPORT_WS: Final = SocketProtocol("graphql-transport-ws", begin="subscribe", stop="complete", result="next")
LEGACY_WS: Final = SocketProtocol("graphql-ws", begin="start", stop="stop", result="data", is_legacy=True)
PROTOCOLS: Final[Mapping[str, SocketProtocol]] = {protocol.name: protocol for protocol in (TRANSPORT_WS, LEGACY_WS)}


def authorization_in(payload: object) -> str | None:
    """The header in the first message, wherever this client generation puts it: clients cannot set HTTP headers."""
    if not isinstance(payload, Mapping):
        return None
    headers = payload.get("headers")
    for holder in (payload, headers if isinstance(headers, Mapping) else {}):
        value = holder.get("Authorization") or holder.get("authorization")
        if isinstance(value, str):
            return value
    return None
