"""GraphQL over websockets, in two protocols.

Written here because the handlers of the GraphQL library let a message go round the limits of requests, keep the person of the first
message for as long as the socket is open, and end in tracebacks on messages that are not objects.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from labelyard.domain.error import ClientError, Forbidden
from labelyard.server.door.graphql import header
from labelyard.server.door.socket_connection import Socket
from labelyard.server.door.socket_operation import SocketTools
from labelyard.server.door.socket_protocol import PROTOCOLS
from labelyard.server.edge.asked_address import AskedAddresses
from labelyard.server.edge.body import check_headers
from labelyard.server.edge.error import plain_response, to_error_payload
from labelyard.server.edge.exchange import Exchange

NO_PROTOCOL: Final = 4406


class SocketDoor:
    """ASGI application of the endpoint over websockets."""

    def __init__(self, tools: SocketTools, *, addresses: AskedAddresses, public_url: str) -> None:
        self._tools = tools
        self._addresses = addresses
        self._public_host = urlsplit(public_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until it ends."""
        await receive()  # websocket.connect
        client = scope["client"][0] if scope.get("client") else ""
        exchange = Exchange("websocket", "CONNECT", client, self._addresses.of(scope))
        try:
            self._check_handshake(scope)
            self._tools.sockets.enter()
        except ClientError as refusal:
            await self._refuse_handshake(exchange, refusal, scope, receive, send)
            return
        try:
            protocol = next((PROTOCOLS[name] for name in scope["subprotocols"] if name in PROTOCOLS), None)
            await send({"type": "websocket.accept", "subprotocol": protocol.name if protocol is not None else None})
            if protocol is None:
                await send({"type": "websocket.close", "code": NO_PROTOCOL, "reason": "Subprotocol not acceptable"})
                return
            exchange.method = protocol.name
            await Socket(self._tools, protocol, exchange, receive, send).run()
        finally:
            self._tools.sockets.leave()

    def _check_handshake(self, scope: Scope) -> None:
        """Refuse a head that is too large, and pages of other origins."""
        check_headers({**scope, "method": "GET"})
        origin, host = header(scope, b"origin"), header(scope, b"host")
        if origin is not None:
            origin_host = urlsplit(origin).netloc.lower()
            if not origin_host or origin_host not in (host.lower() if host else "", self._public_host):
                raise Forbidden("Pages of other origins may not open websockets here.")

    async def _refuse_handshake(
        self, exchange: Exchange, refusal: ClientError, scope: Scope, receive: Receive, send: Send
    ) -> None:
        payload = to_error_payload(refusal, exchange.request_id)
        response = plain_response(payload, exchange.request_id)
        exchange.code, exchange.status = payload.code, response.status_code
        if "websocket.http.response" in scope.get("extensions", {}):
            head = {
                "type": "websocket.http.response.start",
                "status": response.status_code,
                "headers": response.raw_headers,
            }
            await send(head)
            await send({"type": "websocket.http.response.body", "body": response.body})
        else:
            await send({"type": "websocket.close", "code": payload.form.close_code})
        self._tools.pipeline.log(exchange)
