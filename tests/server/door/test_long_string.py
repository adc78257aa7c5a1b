"""Long strings of JSON bodies: whatever the document, and wherever it is cut, what comes back is what orjson reads."""

import base64
import tempfile
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from labelyard.domain.error import BadUserInput
from labelyard.server.door.rest.long_string import LongStrings
from labelyard.server.door.rest.long_text import LongText, file_of
from labelyard.storage.spool import Spool

LONG = some.builds(lambda text, times: text * times, some.text(min_size=1, max_size=8), some.integers(1, 3000))
SHORT = some.text(max_size=20)
DOCUMENTS = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**53), 2**53) | SHORT | LONG,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(SHORT, inner, max_size=4),
    max_leaves=8,
)


async def whole(value):
    if isinstance(value, LongText):
        return await value.text(name="text", most_bytes=1 << 20)
    if isinstance(value, list):
        return [await whole(item) for item in value]
    if isinstance(value, dict):
        return {key: await whole(item) for key, item in value.items()}
    return value


async def read(document: bytes, piece: int):
    spool = Spool(Path(tempfile.gettempdir()))
    try:
        strings = LongStrings(spool, most_rest_bytes=1 << 20)
        for at in range(0, len(document), piece):
            strings.feed(document[at : at + piece])
        assert len(strings.rest) <= len(document)
        return await whole(strings.replace(orjson.loads(strings.rest)))
    finally:
        spool.close()


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, some.integers(1, 9000), some.booleans())
async def test_a_document_comes_back_whole(document, piece, is_escaped):
    import json

    text = json.dumps(document, ensure_ascii=is_escaped).encode() if is_escaped else orjson.dumps(document)
    if is_escaped:
        text = text.replace(b"/", b"\\/")
    assert await read(text, piece) == document


@settings(max_examples=60, deadline=None)
@given(some.binary(min_size=1, max_size=20_000), some.sampled_from(["", "data:image/png;base64,", "DATA:;base64,"]))
async def test_a_file_comes_back_byte_for_byte(data, beginning):
    text = beginning + base64.encodebytes(data).decode()
    for value in (text, await long(text)):
        pieces = [piece async for piece in file_of(value, name="f", most_bytes=20_000).pieces()]
        assert b"".join(pieces) == data


async def long(text: str) -> LongText:
    spool = Spool(Path(tempfile.gettempdir()))
    strings = LongStrings(spool, most_rest_bytes=1 << 20)
    strings.feed(orjson.dumps([text + " " * 5000]))
    (found,) = strings.replace(orjson.loads(strings.rest))
    return found


@settings(max_examples=60, deadline=None)
@given(some.text(max_size=60) | some.text("AB=\n ", max_size=30))
async def test_what_is_no_base64_is_refused_or_read_as_python_reads_it(text):
    compact = "".join(text.split()).rstrip("=")
    for value in (text, await long(text)):
        try:
            pieces = [piece async for piece in file_of(value, name="f", most_bytes=100).pieces()]
        except BadUserInput:
            pass
        else:
            assert b"".join(pieces) == base64.b64decode(compact + "=" * (-len(compact) % 4))


async def test_what_is_left_of_a_document_is_bounded():
    strings = LongStrings(Spool(Path(tempfile.gettempdir())), most_rest_bytes=1000)
    with pytest.raises(Exception, match="at most 1,000 bytes"):
        strings.feed(b"[" + b"1," * 1000)
