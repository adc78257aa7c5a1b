"""Read a GraphQL request from an HTTP body or a websocket message: everything wrong with it is found before the GraphQL library."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.types import Receive, Scope

from labelyard.domain.error import BadRequest, PayloadTooLarge, UnsupportedMediaType
from labelyard.server.edge.body_pace import Clock, Pace, PacedReceive
from labelyard.server.edge.body_room import LARGE_BYTES, BodyReservation
from labelyard.server.edge.json_shape import may_pass, measure

KIB = 1024
MIB = 1024 * KIB

_GZIP = 16 + zlib.MAX_WBITS
_SPELLED = {name: b'"%b"' % name.encode() for name in ("query", "variables", "operationName", "extensions")}
_PIECE_BYTES = 256 * KIB
_REMEDY_LARGE = "Send fewer items in one request."


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What a request may bring. Sizes in bytes; each limit is named in the error it causes."""

    max_body_bytes: int = 32 * MIB
    max_body_bytes_decompressed: int = 64 * MIB
    max_json_depth: int = 64
    max_json_values: int = 1_000_000
    max_query_bytes: int = 64 * KIB
    max_headers: int = 64
    max_header_bytes: int = 16 * KIB
    max_request_line_bytes: int = 8 * KIB
    # Bodies from this size on are parsed in a thread, as are compressed ones from the second.
    thread_from_bytes: int = MIB
    thread_from_compressed_bytes: int = 8 * KIB
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One request as the client sent it; `wire_bytes` counts the body before decompression."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None
    wire_bytes: int


DEFAULT_LIMITS = BodyLimits()


async def read_body(
    scope: Scope,
    receive: Receive,
    limits: BodyLimits = DEFAULT_LIMITS,
    *,
    reservation: BodyReservation | None = None,
    clock: Clock = time.monotonic,
) -> GraphQLRequest:
    """The request in the body, whose head `check_head` has accepted; `reservation` is charged with what is kept of a body in pieces.

    Raises BadRequest, PayloadTooLarge or TooManyRequests, or Starlette's ClientDisconnect when nobody is left to answer.
    """
    is_compressed = any(name == b"content-encoding" for name, _ in scope["headers"])
    wire = await _receive_all(PacedReceive(receive, limits.pace, clock=clock), limits, reservation)
    if len(wire) >= (limits.thread_from_compressed_bytes if is_compressed else limits.thread_from_bytes):
        return await asyncio.to_thread(parse_body, wire, limits, is_compressed=is_compressed, reservation=reservation)
    return parse_body(wire, limits, is_compressed=is_compressed, reservation=reservation)


def check_head(scope: Scope, limits: BodyLimits = DEFAULT_LIMITS) -> None:
    """Refuse a request by its head alone: too large, another media type, a body declared too long."""
    check_headers(scope, limits)
    _check_content_headers(scope["headers"], limits)


def check_headers(scope: Scope, limits: BodyLimits = DEFAULT_LIMITS) -> None:
    """Refuse a head that is too large, whatever the route."""
    headers = scope["headers"]
    if len(headers) > limits.max_headers:
        raise BadRequest(
            f"The request has {len(headers)} headers; at most {limits.max_headers} are taken.",
            limit="max_headers",
            value=limits.max_headers,
            found=len(headers),
        )
    # Each header line has four more bytes: the colon, a space, and the line's end.
    size = 4 * len(headers) + sum([len(name) + len(value) for name, value in headers])
    if size > limits.max_header_bytes:
        raise BadRequest(
            f"The headers are {size} bytes; at most {limits.max_header_bytes} are taken.",
            limit="max_header_bytes",
            value=limits.max_header_bytes,
            found=size,
        )
    target = len(scope.get("raw_path") or scope["path"].encode()) + len(scope.get("query_string", b""))
    # The method, two spaces, a question mark, and "HTTP/1.1".
    size = target + len(scope["method"]) + 11
    if size > limits.max_request_line_bytes:
        raise BadRequest(
            f"The request line is {size} bytes; at most {limits.max_request_line_bytes} are taken.",
            limit="max_request_line_bytes",
            value=limits.max_request_line_bytes,
            found=size,
        )


def _check_content_headers(headers: Iterable[tuple[bytes, bytes]], limits: BodyLimits) -> None:
    media_types: list[bytes] = []
    encodings: list[bytes] = []
    lengths: list[bytes] = []
    for name, value in headers:
        if name == b"content-type":
            media_types.append(value)
        elif name == b"content-length":
            lengths.append(value)
        elif name == b"content-encoding":
            encodings.append(value)
    if media_types != [b"application/json"]:
        _check_media_type(media_types)
    if encodings and (len(encodings) > 1 or encodings[0].strip().lower() != b"gzip"):
        shown = ", ".join(encoding.decode("latin-1") for encoding in encodings)
        raise UnsupportedMediaType(
            f"Content-Encoding {shown!r} is not served. Send the body as it is, or compressed once with gzip.",
            contentEncoding=shown,
        )
    for length in lengths:
        if not length.isdigit() or length != lengths[0]:
            raise BadRequest("Content-Length must be one number of bytes.", contentLength=length.decode("latin-1"))
        # More digits than any size that is taken: not even converted.
        if len(length) > 18 or int(length) > limits.max_body_bytes:
            raise _too_large(int(length) if len(length) <= 18 else 10**18, limits)


def _check_media_type(media_types: list[bytes]) -> None:
    shown = ", ".join(media_type.decode("latin-1") for media_type in media_types)
    refusal = UnsupportedMediaType(
        f"The media type {shown!r} is not served. Send 'Content-Type: application/json'."
        if media_types
        else "The request names no media type. Send 'Content-Type: application/json'.",
        contentType=shown,
    )
    if len(media_types) != 1:
        raise refusal
    essence, *parameters = (part.strip(" \t").lower() for part in shown.split(";"))
    if essence != "application/json" or parameters not in ([], ["charset=utf-8"], ['charset="utf-8"']):
        raise refusal


def _too_large(size: int, limits: BodyLimits) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The body is larger than {limits.max_body_bytes} bytes (at least {size}). {_REMEDY_LARGE}",
        limit="max_body_bytes",
        value=limits.max_body_bytes,
        size=size,
    )


async def _receive_all(
    receive: PacedReceive, limits: BodyLimits, reservation: BodyReservation | None
) -> bytes | bytearray:
    message = await receive()
    body: bytes | bytearray = message.get("body", b"")
    if len(body) > limits.max_body_bytes:
        raise _too_large(len(body), limits)
    if not message.get("more_body", False):
        if reservation is not None:
            reservation.require_memory(len(body))
        return body
    if reservation is not None:
        reservation.add(len(body))
    collected = bytearray(body)
    while message.get("more_body", False):
        message = await receive()
        piece = message.get("body", b"")
        if reservation is not None:
            reservation.add(len(piece))
        collected += piece
        if len(collected) > limits.max_body_bytes:
            raise _too_large(len(collected), limits)
    if reservation is not None:
        reservation.is_whole = True
    return collected


def decompress(wire: bytes | bytearray, limits: BodyLimits, reservation: BodyReservation | None = None) -> bytearray:
    """The content of one gzip stream, unpacked piece by piece so that a bomb is noticed before it is large.

    `reservation`, when there is one, is asked before a body becomes a large one.
    """
    unpacker = zlib.decompressobj(_GZIP)
    collected = bytearray()
    pending: bytes | bytearray = wire
    try:
        while not unpacker.eof:
            piece = unpacker.decompress(pending, _PIECE_BYTES)
            pending = unpacker.unconsumed_tail
            if not piece and not pending and not unpacker.eof:
                raise BadRequest("The gzip body ends too early. Send it whole.", wireBytes=len(wire))
            if reservation is not None and len(collected) <= LARGE_BYTES:
                reservation.require_memory(len(collected) + len(piece))
            collected += piece
            if len(collected) > limits.max_body_bytes_decompressed:
                raise PayloadTooLarge(
                    f"The body is larger than {limits.max_body_bytes_decompressed} bytes when decompressed. "
                    f"{_REMEDY_LARGE}",
                    limit="max_body_bytes_decompressed",
                    value=limits.max_body_bytes_decompressed,
                    size=len(collected),
                )
    except zlib.error:
        # zlib's own text speaks of codes and windows; what the sender can do is the same for all of them.
        raise BadRequest("The body is not valid gzip. Compress it again.", wireBytes=len(wire)) from None
    if unpacker.unused_data:
        raise BadRequest(
            f"There are {len(unpacker.unused_data)} bytes behind the end of the gzip body. Send one stream only.",
            wireBytes=len(wire),
        )
    return collected


def parse_body(
    wire: bytes | bytearray,
    limits: BodyLimits,
    *,
    is_compressed: bool = False,
    reservation: BodyReservation | None = None,
) -> GraphQLRequest:
    """The request in a complete body; pure, so that it may run in a thread."""
    data = decompress(wire, limits, reservation) if is_compressed else wire
    return request_of(parse_object(data, limits), limits, len(wire))


def parse_value(data: bytes | bytearray, limits: BodyLimits) -> Any:
    """The JSON value in the bytes, within the limits on depth, values and integers."""
    if _may_pass(data, limits):
        _check_shape(data, limits)
    return _loaded(data)


def parse_object(data: bytes | bytearray, limits: BodyLimits) -> dict[str, Any]:
    """The JSON object in the bytes, within the limits on depth, values, integers and repeated keys."""
    members = _check_shape(data, limits) if _may_pass(data, limits) else None
    root = _loaded(data)
    if not isinstance(root, dict):
        is_batch = isinstance(root, list)
        raise BadRequest(
            "The body is a JSON array. Batches are not served: send each request on its own."
            if is_batch
            else "The body must be a JSON object with a 'query'.",
            found="array" if is_batch else _kind(root),
        )
    if members is None and _may_repeat_a_key(data, root):
        members = _check_shape(data, limits)
    if members is not None and members != len(root):
        raise BadRequest(
            f"The body repeats a key: it has {members} members and {len(root)} names. Send each key once.",
            members=members,
            names=len(root),
        )
    return root


def _loaded(data: bytes | bytearray) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not valid JSON in UTF-8: {error.msg} at byte {error.pos}.") from None


def _may_pass(data: bytes | bytearray, limits: BodyLimits) -> bool:
    return may_pass(data, max_values=limits.max_json_values, max_depth=limits.max_json_depth)


def _check_shape(data: bytes | bytearray, limits: BodyLimits) -> int:
    """The number of members of the outermost object, once the limits hold."""
    shape = measure(data, max_values=limits.max_json_values, max_depth=limits.max_json_depth)
    if shape.depth > limits.max_json_depth:
        raise BadRequest(
            f"The body is nested deeper than {limits.max_json_depth} levels.",
            limit="max_json_depth",
            value=limits.max_json_depth,
        )
    if shape.values > limits.max_json_values:
        raise BadRequest(
            f"The body holds more than {limits.max_json_values} values. {_REMEDY_LARGE}",
            limit="max_json_values",
            value=limits.max_json_values,
        )
    if shape.wide_integer is not None:
        raise BadRequest(
            f"The integer {shape.wide_integer} does not fit 64 bits. Send it as a string.", found=shape.wide_integer
        )
    return shape.members


def _may_repeat_a_key(data: bytes | bytearray, root: dict[str, Any]) -> bool:
    """Whether a key of the outermost object could be written twice; `False` is certain.

    Without these two escapes each key has exactly one spelling, so a repeated key shows as repeated bytes.
    """
    if len(root) > 16 or b"\\u" in data or b"\\/" in data:
        return True
    return any(data.count(_SPELLED.get(key) or orjson.dumps(key)) > 1 for key in root)


def request_of(root: dict[str, Any], limits: BodyLimits, wire_bytes: int) -> GraphQLRequest:
    """The request that an object holds."""
    query = root.get("query")
    if not isinstance(query, str):
        raise BadRequest(
            "The body has no 'query'." if query is None else f"'query' must be a string, not {_kind(query)}.",
            field="query",
        )
    size = len(query) if query.isascii() else len(query.encode())
    if not 1 <= size <= limits.max_query_bytes:
        raise BadRequest(
            f"'query' is {size} bytes; it must have 1 to {limits.max_query_bytes}.",
            field="query",
            limit="max_query_bytes",
            value=limits.max_query_bytes,
            found=size,
        )
    operation_name = root.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest(
            f"'operationName' must be a string or null, not {_kind(operation_name)}.", field="operationName"
        )
    return GraphQLRequest(query, _object(root, "variables"), operation_name, _object(root, "extensions"), wire_bytes)


def _object(root: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = root.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise BadRequest(f"{name!r} must be an object or null, not {_kind(value)}.", field=name)


def _kind(value: object) -> str:
    """The JSON name of a value's type."""
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]
