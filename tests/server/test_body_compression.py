from __future__ import annotations

import contextlib
import gzip
import json
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.error import ClientError, PayloadTooLarge
from labelyard.server.edge.body import DEFAULT_LIMITS, MIB, BodyLimits, decompress, parse_body, read_body
from tests.server.conftest import GOOD, JSON, Headers, Post, Sender, code, context, scope_of, with_variables

GZIP: Headers = (*JSON, (b"content-encoding", b"gzip"))


async def test_gzip_is_unpacked_and_counted_as_sent() -> None:
    packed = gzip.compress(GOOD)
    request = await read_body(scope_of(GZIP), Sender(packed[:5], packed[5:]))
    assert (request.query, request.wire_bytes) == ("{viewer{id}}", len(packed))


async def test_a_large_gzip_body_is_read(post: Post) -> None:
    sent = with_variables(json.dumps({"n": list(range(200_000))}))
    status, answer = await post(gzip.compress(sent), [*JSON, (b"content-encoding", b"GZIP")])
    assert status == 200
    assert answer["data"]["variables"] == {"n": list(range(200_000))}


@pytest.mark.parametrize(
    "encodings",
    [[b"br"], [b"deflate"], [b"zstd"], [b"identity"], [b"x-gzip"], [b"gzip, gzip"], [b"gzip", b"gzip"], [b""]],
)
async def test_other_and_stacked_encodings_are_not_served(post: Post, encodings: list[bytes]) -> None:
    headers = [*JSON, *((b"content-encoding", encoding) for encoding in encodings)]
    assert code(await post(gzip.compress(GOOD), headers)) == (415, "UNSUPPORTED_MEDIA_TYPE")


PACKED = gzip.compress(GOOD)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(GOOD, id="not compressed"),
        pytest.param(PACKED[:-1], id="last byte missing"),
        pytest.param(PACKED[:12], id="cut short"),
        pytest.param(PACKED[:3], id="header only"),
        pytest.param(PACKED[:-8] + b"\0" * 8, id="wrong checksum"),
        pytest.param(PACKED + b"x", id="something behind it"),
        pytest.param(PACKED + PACKED, id="two streams"),
        pytest.param(zlib.compress(GOOD), id="zlib"),
        pytest.param(gzip.compress(PACKED), id="compressed twice"),
    ],
)
async def test_broken_gzip_is_a_bad_request(post: Post, body: bytes) -> None:
    assert code(await post(body, GZIP)) == (400, "BAD_REQUEST")


def test_a_bomb_is_noticed_before_it_has_grown() -> None:
    bomb = gzip.compress(b" " * (256 * MIB), 9)
    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooLarge) as refused:
            decompress(bomb, DEFAULT_LIMITS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refused.value.context["limit"] == "max_body_bytes_decompressed"
    assert refused.value.context["value"] == 64 * MIB
    assert peak < 160 * MIB  # of 256, growing the buffer included


async def test_a_body_too_large_when_unpacked_is_refused(post: Post) -> None:
    limits = BodyLimits(max_body_bytes_decompressed=2 * MIB)
    answer = await post(gzip.compress(GOOD.ljust(2 * MIB + 1)), GZIP, limits=limits)
    assert code(answer) == (413, "PAYLOAD_TOO_LARGE")
    assert context(answer)["limit"] == "max_body_bytes_decompressed"
    assert (await post(gzip.compress(GOOD.ljust(2 * MIB)), GZIP, limits=limits))[0] == 200


async def test_a_body_may_be_compressed_as_well_as_it_can(post: Post) -> None:
    answers = [{"T": {"text": "-" * 15_000}} for _ in range(100)]
    packed = gzip.compress(with_variables(json.dumps({"answers": answers})), 9)
    assert 200 * len(packed) < 100 * 15_000
    status, answer = await post(packed, GZIP)
    assert status == 200
    assert answer["data"]["variables"] == {"answers": answers}


@given(st.binary(max_size=200))
def test_any_gzip_is_a_request_or_a_refusal(body: bytes) -> None:
    for wire in (body, gzip.compress(body), gzip.compress(body)[: len(body) // 2]):
        with contextlib.suppress(ClientError):
            parse_body(wire, DEFAULT_LIMITS, is_compressed=True)
