"""One websocket: its messages, its operations, and its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import orjson
from starlette.types import Message, Receive, Send

from labelyard.domain.error import ClientError, ErrorCode, Forbidden, TooManyRequests
from labelyard.domain.permission import Action, Actor
from labelyard.server.door.socket_operation import (
    MAX_OPERATIONS,
    MESSAGE_LIMITS,
    Operation,
    Outcome,
    SocketTools,
    Stream,
)
from labelyard.server.door.socket_protocol import (
    ACKNOWLEDGED,
    INIT,
    PING,
    PONG,
    REFUSED,
    TERMINATE,
    SocketProtocol,
    authorization_in,
)
from labelyard.server.edge.body import parse_object
from labelyard.server.edge.body_room import BodyReservation
from labelyard.server.edge.error import ErrorPayload, close_reason, error_entry, to_error_payload
from labelyard.server.edge.exchange import Exchange
from labelyard.server.edge.execution import KEY_MISSING, GraphQLAnswer
from labelyard.services.guard import require

MAX_ID_CHARACTERS: Final = 128
INIT_SECONDS: Final = 10.0
KEEP_ALIVE_SECONDS: Final = 20.0
CLOSE_SECONDS: Final = 2.0

NORMAL: Final = 1000
BAD_MESSAGE: Final = 4400
NOT_INITIALISED: Final = 4401
GONE: Final = 4401
FORBIDDEN: Final = 4403
INIT_LATE: Final = 4408
ID_TAKEN: Final = 4409
TOO_MANY: Final = 4429


class Closing(Exception):
    """The socket is to be closed with a code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class ClientGone(Exception):
    """The client has closed the socket, or the line is cut."""


class Socket:
    """One connection."""

    def __init__(
        self, tools: SocketTools, protocol: SocketProtocol, exchange: Exchange, receive: Receive, send: Send
    ) -> None:
        self.tools = tools
        self.protocol = protocol
        self.address = exchange.address
        self.authorization: str | None = None
        self.key = ""
        self._exchange = exchange
        self._receive = receive
        self._send = send
        self.operations: dict[str, asyncio.Task[None]] = {}
        # Every operation until its task is done, those that the client has stopped included.
        self._running: dict[asyncio.Task[None], Operation] = {}
        self._streams: dict[str, Stream] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False

    async def run(self) -> None:
        """Speak the protocol until either side ends it."""
        self._task = asyncio.current_task()
        keeping_alive: asyncio.Task[None] | None = None
        try:
            await self._initialise()
            if self.protocol.is_legacy:
                keeping_alive = asyncio.create_task(self._keep_alive())
            while True:
                await self._take(*await self._next())
        except ClientGone:
            pass
        except Closing as closing:
            await self.close(closing.code, closing.reason)
        except asyncio.CancelledError:
            if not self._is_closing:
                raise
        finally:
            self.tools.sockets.remove(self)
            if keeping_alive is not None:
                keeping_alive.cancel()
            await self._end_operations()
            self.tools.pipeline.log(self._exchange, "websocket")

    async def check(self, actor: Actor | None) -> None:
        """See `OpenSocket.check`."""
        if actor is None:
            await self.close(GONE, KEY_MISSING)
            return
        try:
            for stream in list(self._streams.values()):
                for heard in stream.context.heard:
                    require(actor, Action.READ_PROJECT, heard.project_id)
        except ClientError as refusal:
            await self.close(FORBIDDEN, refusal.message)

    async def close(self, code: int, reason: str) -> None:
        """Close with a code; a client that does not read is cut off."""
        if self._is_closing:
            return
        self._is_closing = True
        self._exchange.code = str(code)
        shown = reason.encode()[:120].decode(errors="ignore")
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._send({"type": "websocket.close", "code": code, "reason": shown})
        except TimeoutError:
            if self._task is not None and self._task is not asyncio.current_task():
                self._task.cancel()
        except Exception:  # noqa: S110 - the line is cut already
            pass

    async def send(self, message: bytes) -> None:
        """Send an encoded message; raises ClientGone when nobody is there."""
        if self._is_closing:
            raise ClientGone
        try:
            await self._send({"type": "websocket.send", "text": message.decode()})
        except (OSError, RuntimeError) as error:  # that the socket is closed: servers differ in how they say so
            raise ClientGone from error
        self._exchange.bytes += len(message)

    async def _next(self) -> tuple[dict[str, Any], int]:
        """The next message, an object with a `type`, and its bytes."""
        received: Message = await self._receive()
        if received["type"] == "websocket.disconnect":
            raise ClientGone
        text = received.get("text")
        if text is None:
            raise Closing(BAD_MESSAGE, "Messages are JSON in text frames.")
        encoded = text.encode(errors="surrogatepass")
        try:
            message = parse_object(encoded, MESSAGE_LIMITS)
        except ClientError as refusal:
            raise Closing(
                BAD_MESSAGE, f"The message is not a JSON object that can be read: {refusal.message}"
            ) from None
        if not isinstance(message.get("type"), str):
            raise Closing(BAD_MESSAGE, "The message has no 'type'.")
        return message, len(encoded)

    async def _initialise(self) -> None:
        """Hear the first message, which brings the key."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                message, _ = await self._next()
        except TimeoutError:
            raise Closing(INIT_LATE, f"No {INIT} within {INIT_SECONDS:g} seconds.") from None
        if message["type"] == TERMINATE:
            raise Closing(NORMAL, "")
        if message["type"] != INIT:
            raise Closing(NOT_INITIALISED, f"Send {INIT} first.")
        self.authorization = authorization_in(message.get("payload"))
        try:
            caller = self._exchange.caller = await self.tools.callers.find(self.authorization, self.address)
            if caller is None:
                raise Forbidden("The API key is missing, unknown, expired or revoked.")
            self.key = caller.key
            self.tools.sockets.add(self)
        except Exception as error:
            payload = to_error_payload(error, self._exchange.request_id)
            if self.protocol.is_legacy:
                await self.send(orjson.dumps({"type": REFUSED, "payload": {"message": payload.message}}))
            raise Closing(payload.form.close_code, close_reason(payload)) from None
        await self.send(orjson.dumps({"type": ACKNOWLEDGED}))

    async def _take(self, message: dict[str, Any], size: int) -> None:
        """Do what one message says."""
        kind = message["type"]
        if kind == self.protocol.begin:
            await self._begin(_id_of(message), message.get("payload"), size)
        elif kind == self.protocol.stop:
            self._stop(_id_of(message))
        elif kind == PING and not self.protocol.is_legacy:
            await self.send(
                orjson.dumps({"type": PONG, **({"payload": message["payload"]} if "payload" in message else {})})
            )
        elif kind == PONG and not self.protocol.is_legacy:
            pass
        elif kind == INIT:
            if not self.protocol.is_legacy:
                raise Closing(TOO_MANY, "Too many initialisation requests")
        elif kind == TERMINATE and self.protocol.is_legacy:
            raise Closing(NORMAL, "")
        else:
            raise Closing(BAD_MESSAGE, f"{kind[:40]!r} is not a type of message of {self.protocol.name}.")

    async def _begin(self, identifier: str, payload: object, size: int) -> None:
        if identifier in self.operations:
            if not self.protocol.is_legacy:
                raise Closing(ID_TAKEN, f"Subscriber for {identifier} already exists")
            self._stop(identifier)
        exchange = Exchange("websocket", self.protocol.name, self.address, self._exchange.asked_at)
        pipeline = self.tools.pipeline
        reservation = pipeline.load.bodies.open()
        reservation.is_whole = True
        try:
            await self._require_room()
            reservation.add(size)
        except TooManyRequests as refusal:
            await self._refuse(identifier, refusal, exchange)
            return
        operation = Operation(self.tools, self.authorization, payload, size)
        task = asyncio.create_task(self._operate(identifier, operation, exchange, reservation))
        self.operations[identifier] = task
        self._running[task] = operation
        task.add_done_callback(lambda done: self._over(identifier, done, reservation))

    async def _require_room(self) -> None:
        """Refuse an operation too many; subscriptions that are just ending are waited for."""
        ending = [task for task in self._running if task.cancelling()]
        if ending and len(self._running) >= MAX_OPERATIONS:
            await asyncio.wait(ending, timeout=CLOSE_SECONDS)
        if len(self._running) >= MAX_OPERATIONS:
            raise TooManyRequests(
                f"{MAX_OPERATIONS} operations are open on this websocket, as many as may; end one, or open another websocket."
            )

    async def _refuse(self, identifier: str, refusal: TooManyRequests, exchange: Exchange) -> None:
        """Refuse an operation before anything is looked up for it; it counts as a request all the same."""
        pipeline, caller = self.tools.pipeline, self._exchange.caller
        exchange.caller = caller
        try:
            if caller is not None:
                pipeline.load.admit(caller)
        except TooManyRequests as too_often:
            refusal = too_often
        payload = to_error_payload(refusal, exchange.request_id)
        exchange.code = payload.code
        pipeline.log(exchange)
        await self.send(self.protocol.of_errors(identifier, [error_entry(payload, exchange.request_id)]))

    def _stop(self, identifier: str) -> None:
        """End a subscription. A query or a mutation is finished, and its answer goes nowhere.

        What is not known yet to be a subscription is ended by `_operate` when it turns out to be one.
        """
        task = self.operations.pop(identifier, None)
        if task is not None and self._running[task].is_subscription:
            task.cancel()

    def _over(self, identifier: str, task: asyncio.Task[None], reservation: BodyReservation) -> None:
        reservation.release()
        del self._running[task]
        if self.operations.get(identifier) is task:
            del self.operations[identifier]

    def _is_stopped(self, identifier: str) -> bool:
        """Whether the client has stopped the operation of this task."""
        return self.operations.get(identifier) is not asyncio.current_task()

    async def _operate(
        self, identifier: str, operation: Operation, exchange: Exchange, reservation: BodyReservation
    ) -> None:
        """One operation from its first message to its last."""
        pipeline = self.tools.pipeline
        try:
            outcome: Outcome | None = await pipeline.answer(exchange, operation)
            reservation.release()
            if isinstance(outcome, Stream):
                if self._is_stopped(identifier):
                    outcome.context.close()
                    return
                pipeline.log(exchange, "subscribed")
                await self._deliver(identifier, outcome, exchange)
            elif outcome is not None:
                await self._send_outcome(identifier, outcome, exchange)
        except ClientGone:
            exchange.code = "CLIENT_LEFT"
        finally:
            pipeline.log(exchange)

    async def _send_outcome(self, identifier: str, outcome: GraphQLAnswer | ErrorPayload, exchange: Exchange) -> None:
        if self._is_stopped(identifier):
            return
        if isinstance(outcome, ErrorPayload):
            if outcome.code is ErrorCode.UNAUTHENTICATED:
                await self.close(outcome.form.close_code, outcome.message)
            else:
                await self.send(self.protocol.of_errors(identifier, [error_entry(outcome, exchange.request_id)]))
            return
        if outcome.status != 200:
            await self.send(self.protocol.of_errors(identifier, orjson.loads(outcome.body)["errors"]))
            return
        exchange.bytes = len(outcome.body)
        await self.send(self.protocol.of_result(identifier, outcome.body))
        await self.send(self.protocol.of_end(identifier))

    async def _deliver(self, identifier: str, stream: Stream, exchange: Exchange) -> None:
        """Send the events of a subscription until it ends."""
        self._streams[identifier] = stream
        try:
            async for result in stream.events:
                try:
                    body = await self.tools.execution.event(exchange, result, stream.context)
                except ClientError as refusal:
                    entry = error_entry(to_error_payload(refusal, exchange.request_id), exchange.request_id)
                    body = orjson.dumps({"data": None, "errors": [entry]})
                exchange.bytes += len(body)
                await self.send(self.protocol.of_result(identifier, body))
            await self.send(self.protocol.of_end(identifier))
        except (ClientGone, asyncio.CancelledError):
            raise
        except Exception as error:
            payload = to_error_payload(error, exchange.request_id)
            exchange.code = payload.code
            if payload.code in (ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND):
                await self.close(payload.form.close_code, payload.message)
            else:
                await self.send(self.protocol.of_errors(identifier, [error_entry(payload, exchange.request_id)]))
        finally:
            if self._streams.get(identifier) is stream:
                del self._streams[identifier]
            stream.context.close()

    async def _end_operations(self) -> None:
        """End the subscriptions, and let queries and mutations come to their end: each runs within its time limit."""
        self.operations.clear()
        for task, operation in self._running.items():
            if operation.is_subscription:
                task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _keep_alive(self) -> None:
        with suppress(ClientGone):
            while True:
                await asyncio.sleep(KEEP_ALIVE_SECONDS)
                await self.send(orjson.dumps({"type": "ka"}))


def _id_of(message: dict[str, Any]) -> str:
    identifier = message.get("id")
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= MAX_ID_CHARACTERS:
        raise Closing(BAD_MESSAGE, f"The message has no 'id' of 1 to {MAX_ID_CHARACTERS} characters.")
    return identifier
