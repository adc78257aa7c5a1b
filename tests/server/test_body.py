from __future__ import annotations

import json
import math
import tracemalloc
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from domain.error import BadRequest, PayloadTooLarge, UnsupportedMediaType
from server.edge.body import (
    DEFAULT_LIMITS,
    MIB,
    BodyLimits,
    GraphQLRequest,
    check_headers,
    parse_body,
    read_body,
)
from tests.server.conftest import GOOD, JSON, Headers, Post, Sender, code, context, scope_of, with_variables


async def test_a_request_is_read_as_it_was_sent() -> None:
    body = b' {"query":"{a}","variables":{"b":[1,null,"\\u00e9"]},"operationName":"x","extensions":{},"other":[]}\n'
    request = await read_body(scope_of(), Sender(body[:7], b"", body[7:]))
    assert request == GraphQLRequest("{a}", {"b": [1, None, "é"]}, "x", {}, len(body))


async def test_absent_and_null_are_the_same() -> None:
    absent = await read_body(scope_of(), Sender(b'{"query":"a"}'))
    null = await read_body(scope_of(), Sender(b'{"query":"a","variables":null,"operationName":null,"extensions":null}'))
    assert (absent.variables, absent.operation_name, absent.extensions) == (None, None, None)
    assert (null.variables, null.operation_name, null.extensions) == (None, None, None)


@pytest.mark.parametrize(
    "media_type",
    [
        b"application/json",
        b"Application/JSON",
        b"application/json; charset=utf-8",
        b"application/json;charset=UTF-8",
        b'application/json ; charset="utf-8"',
    ],
)
async def test_json_in_utf_8_is_served(post: Post, media_type: bytes) -> None:
    assert (await post(GOOD, [(b"content-type", media_type)]))[0] == 200


@pytest.mark.parametrize(
    "media_type",
    [
        b"",
        b"text/plain",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"application/json5",
        b"application/jsonp",
        b"application/graphql",
        b"application/graphql+json",
        b"application/ld+json",
        b"text/json",
        b"application/json, text/plain",
        b"text/plain; application/json",
        b"text/plain;x=application/json",
        b"application /json",
        b"application/json;",
        b"application/json; charset=latin-1",
        b"application/json; charset=utf-16",
        b"application/json; charset=utf-8; charset=utf-8",
        b"application/json; boundary=x",
        b"application/json; charset=utf-8; x=y",
        b"\xff",
    ],
)
async def test_every_other_media_type_is_not(post: Post, media_type: bytes) -> None:
    sender = Sender(GOOD)
    assert code(await post(sender, [(b"content-type", media_type)])) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert sender.taken == 0


@pytest.mark.parametrize("headers", [[], [*JSON, *JSON], [*JSON, (b"content-type", b"text/plain")]])
async def test_there_is_exactly_one_media_type(post: Post, headers: Headers) -> None:
    assert code(await post(GOOD, headers)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_declared_size_above_the_limit_is_refused_unread(post: Post) -> None:
    sender = Sender(GOOD)
    answer = await post(sender, [*JSON, (b"content-length", b"%d" % (32 * MIB + 1))])
    assert code(answer) == (413, "PAYLOAD_TOO_LARGE")
    assert context(answer) == {"limit": "max_body_bytes", "value": 32 * MIB, "size": 32 * MIB + 1}
    assert sender.taken == 0


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"", b" 5", b"0x10", b"5, 5", b"\xb2"])
async def test_a_declared_size_is_a_number(post: Post, length: bytes) -> None:
    assert code(await post(GOOD, [*JSON, (b"content-length", length)])) == (400, "BAD_REQUEST")


async def test_a_declared_size_of_ten_thousand_digits_is_not_even_converted(post: Post) -> None:
    limits = BodyLimits(max_header_bytes=64 * 1024)
    answer = await post(GOOD, [*JSON, (b"content-length", b"9" * 10_000)], limits=limits)
    assert code(answer) == (413, "PAYLOAD_TOO_LARGE")


async def test_an_undeclared_size_is_counted_while_reading(post: Post) -> None:
    sender = Sender(*[b" " * MIB] * 40)
    answer = await post(sender)
    assert code(answer) == (413, "PAYLOAD_TOO_LARGE")
    assert sender.taken == 33


async def test_one_piece_above_the_limit_is_refused(post: Post) -> None:
    assert code(await post(b" " * 101, limits=BodyLimits(max_body_bytes=100))) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_body_of_exactly_the_limit_is_read(post: Post) -> None:
    assert (await post(GOOD.ljust(32 * MIB)))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"  \n", id="only space"),
        pytest.param(b"\xef\xbb\xbf" + GOOD, id="byte order mark"),
        pytest.param(GOOD.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(GOOD.decode().encode("utf-16-le"), id="UTF-16 without mark"),
        pytest.param(GOOD.decode().encode("utf-32"), id="UTF-32"),
        pytest.param(b'{"query":"\xff"}', id="invalid UTF-8"),
        pytest.param(b'{"query":"\xc0\xaf"}', id="overlong UTF-8"),
        pytest.param(b'{"query":"\xed\xa0\x80"}', id="surrogate in UTF-8"),
        pytest.param(b'{"query":"\\ud800"}', id="lone surrogate"),
        pytest.param(GOOD + b"x", id="something behind it"),
        pytest.param(GOOD + GOOD, id="two objects"),
        pytest.param(GOOD[:-1], id="cut short"),
        pytest.param(b"query={viewer{id}}", id="a form"),
        pytest.param(b"null", id="null"),
        pytest.param(b"1", id="number"),
        pytest.param(b"true", id="boolean"),
        pytest.param(b'"{viewer{id}}"', id="string"),
        pytest.param(b"[]", id="empty array"),
        pytest.param(b"[" + GOOD + b"]", id="batch"),
        pytest.param(b"{}", id="no query"),
        pytest.param(b'{"query":null}', id="query null"),
        pytest.param(b'{"query":""}', id="query empty"),
        pytest.param(b'{"query":1}', id="query number"),
        pytest.param(b'{"query":["{a}"]}', id="query array"),
        pytest.param(with_variables("[]"), id="variables array"),
        pytest.param(with_variables('"{}"'), id="variables string"),
        pytest.param(with_variables("false"), id="variables boolean"),
        pytest.param(b'{"query":"{a}","operationName":1}', id="operationName number"),
        pytest.param(b'{"query":"{a}","operationName":{}}', id="operationName object"),
        pytest.param(b'{"query":"{a}","extensions":[]}', id="extensions array"),
        pytest.param(with_variables('{"a":NaN}'), id="NaN"),
        pytest.param(with_variables('{"a":Infinity}'), id="Infinity"),
        pytest.param(with_variables('{"a":-Infinity}'), id="-Infinity"),
        pytest.param(with_variables('{"a":1e999}'), id="number beyond double"),
        pytest.param(with_variables('{"a":01}'), id="leading zero"),
        pytest.param(with_variables("{'a':1}"), id="single quotes"),
        pytest.param(with_variables('{"a":1,}'), id="trailing comma"),
        pytest.param(with_variables('{"a":"\n"}'), id="control character in a string"),
    ],
)
async def test_what_is_not_an_acceptable_request_is_a_bad_request(post: Post, body: bytes) -> None:
    assert code(await post(body)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 10**17, 0, -1])
async def test_integers_of_64_bits_are_kept_exactly(post: Post, number: int) -> None:
    _, answer = await post(with_variables(json.dumps({"a": [number, {"b": number}]})))
    assert answer["data"]["variables"] == {"a": [number, {"b": number}]}


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64, 10**19, 10**30, -(10**300)], ids=lambda n: f"{n:.0e}")
@pytest.mark.parametrize("form", ['{"a":%s}', '{"a":[1, %s ]}', '{"a":{"b":\n%s\n}}'])
async def test_wider_integers_are_refused(post: Post, number: int, form: str) -> None:
    answer = await post(with_variables(form % number))
    assert code(answer) == (400, "BAD_REQUEST")
    assert len(answer[1]["errors"][0]["message"]) < 120


@pytest.mark.parametrize("digits", [5_000, 1_000_000])
async def test_integers_too_long_to_convert_are_refused(post: Post, digits: int) -> None:
    assert code(await post(with_variables('{"a":' + "1" * digits + "}"))) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "text",
    [
        '"12345678901234567890123"',
        "1234567890123456789012.5",
        "0.1234567890123456789012",
        "1e300",
        '"[1,9999999999999999999]"',
    ],
)
async def test_digits_that_are_no_integer_are_taken(post: Post, text: str) -> None:
    status, answer = await post(with_variables('{"a":' + text + "}"))
    assert (status, answer["data"]["variables"]) == (200, {"a": json.loads(text)})


@pytest.mark.parametrize("opening", ["[", '{"a":'], ids=["arrays", "objects"])
async def test_64_levels_are_taken_and_65_are_not(post: Post, opening: str) -> None:
    def nested(levels: int) -> bytes:
        # The outermost object is a level, and so are the variables.
        closing = "]" if opening == "[" else "}"
        return with_variables('{"v":' + opening * (levels - 2) + "1" + closing * (levels - 2) + "}")

    assert (await post(nested(64)))[0] == 200
    answer = await post(nested(65))
    assert code(answer) == (400, "BAD_REQUEST")
    assert context(answer) == {"limit": "max_json_depth", "value": 64}
    assert code(await post(nested(100_000))) == (400, "BAD_REQUEST")


async def test_brackets_within_strings_are_not_levels(post: Post) -> None:
    text = json.dumps({"a": "[" * 1000 + '"\\"' + "{" * 1000, '[{"': ['\\"', "\\"]})
    assert (await post(with_variables(text)))[0] == 200


async def test_a_million_values_are_taken_and_one_more_is_not(post: Post) -> None:
    def values(count: int) -> bytes:
        # The outermost object, the query, the variables and the array are values too.
        return with_variables('{"a":[' + "0," * (count - 5) + "0]}")

    assert (await post(values(1_000_000)))[0] == 200
    answer = await post(values(1_000_001))
    assert code(answer) == (400, "BAD_REQUEST")
    assert context(answer) == {"limit": "max_json_values", "value": 1_000_000}


def test_values_are_counted_before_they_are_built() -> None:
    body = with_variables('{"a":[' + "[]," * 8_000_000 + "[]]}")
    tracemalloc.start()
    try:
        with pytest.raises(BadRequest, match="more than 1000000 values"):
            parse_body(body, DEFAULT_LIMITS)
        assert tracemalloc.get_traced_memory()[1] < len(body) + 16 * MIB  # a copy with its digits blanked, a window
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "body",
    [
        b'{"query":"{a}","query":"{b}"}',
        b'{"query":"{a}","variables":null,"variables":{}}',
        b'{"query":"{a}","x":1,"x":2}',
        b'{"query":"{a}","qu\\u0065ry":"{b}"}',
        b'{"a\\/b":1,"query":"{a}","a/b":2}',
        b'{"query":"{a}","\\"":1,"\\"":2}',
        '{"é":1,"query":"{a}","é":2}'.encode(),
        b'{"":1,"query":"{a}","":2}',
        b'{"variables":{"query":{"query":1}},"query":"{a}", "query" :"{b}"}',
    ],
)
async def test_a_key_given_twice_at_the_top_is_refused(post: Post, body: bytes) -> None:
    answer = await post(body)
    assert code(answer) == (400, "BAD_REQUEST")
    assert "repeats a key" in answer[1]["errors"][0]["message"]


@pytest.mark.parametrize(
    "body",
    [
        with_variables('{"query":1,"variables":{"query":2},"a":["query"]}'),
        with_variables('{"a":1,"a":2}'),
        b'{"query":"{a(b:\\"\\\\\\"query\\\\\\":\\")}"}',
        b'{"query":"{a}","variables":{"x":"\\u0065\\/"}}',
    ],
)
async def test_the_same_name_elsewhere_is_no_repetition(post: Post, body: bytes) -> None:
    assert (await post(body))[0] == 200


@pytest.mark.parametrize(("document", "status"), [("a" * 65_536, 200), ("a" * 65_537, 400), ("é" * 32_769, 400)])
def test_a_document_has_at_most_65536_bytes(document: str, status: int) -> None:
    body = orjson.dumps({"query": document})
    if status == 200:
        assert parse_body(body, DEFAULT_LIMITS).query == document
    else:
        with pytest.raises(BadRequest) as refused:
            parse_body(body, DEFAULT_LIMITS)
        assert refused.value.context["limit"] == "max_query_bytes"


def headers_of(count: int, size: int) -> Headers:
    """So many headers, together so large when each line is written `name: value` with its end."""
    names = [(b"x-%03d" % index, b"") for index in range(count - len(JSON))]
    used = sum(len(name) + len(value) + 4 for name, value in (*JSON, *names))
    return [*JSON, *names[:-1], (names[-1][0], b"v" * (size - used))]


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        pytest.param(headers_of(64, 16_384), None, id="at both limits"),
        pytest.param(headers_of(65, 8_000), "max_headers", id="one too many"),
        pytest.param(headers_of(10, 16_385), "max_header_bytes", id="a byte too many"),
    ],
)
async def test_headers_are_few_and_short(post: Post, headers: Headers, limit: str | None) -> None:
    sender = Sender(GOOD)
    answer = await post(sender, headers)
    if limit is None:
        assert answer[0] == 200
    else:
        assert (code(answer), context(answer)["limit"], sender.taken) == ((400, "BAD_REQUEST"), limit, 0)


@pytest.mark.parametrize(("length", "is_refused"), [(8_192, False), (8_193, True)])
def test_the_request_line_has_at_most_8_kib(length: int, is_refused: bool) -> None:
    line = len(b"POST /p? HTTP/1.1")
    scope = scope_of(raw_path=b"/p", query_string=b"q" * (length - line))
    if is_refused:
        with pytest.raises(BadRequest) as refused:
            check_headers(scope)
        assert refused.value.context == {"limit": "max_request_line_bytes", "value": 8_192, "found": length}
    else:
        check_headers(scope)


async def test_nobody_is_answered_who_has_left() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        await read_body(scope_of(), receive)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
request_like = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("query", "variables", "operationName", "extensions", "other"), json_values)
)


@given(st.one_of(st.binary(max_size=200), (json_values | request_like).map(lambda value: json.dumps(value).encode())))
def test_any_body_is_a_request_or_a_refusal(body: bytes) -> None:
    try:
        request = parse_body(body, DEFAULT_LIMITS)
    except (BadRequest, PayloadTooLarge, UnsupportedMediaType):
        pass
    else:
        assert request.query
        root = json.loads(body)
        assert (request.query, request.variables) == (root["query"], root.get("variables"))


def is_finite_64_bit(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(is_finite_64_bit, value))
    if isinstance(value, dict):
        return all(map(is_finite_64_bit, value.values()))
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4), st.booleans())
def test_variables_come_back_exactly_unless_a_number_does_not_fit(variables: dict[str, Any], is_ascii: bool) -> None:
    body = json.dumps({"query": "{a}", "variables": variables}, ensure_ascii=is_ascii).encode()
    if is_finite_64_bit(variables):
        assert parse_body(body, DEFAULT_LIMITS).variables == variables
    else:
        with pytest.raises(BadRequest):
            parse_body(body, DEFAULT_LIMITS)
