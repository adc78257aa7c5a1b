import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.byte_range import ByteRange, UnsatisfiableRange, parse_range

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=0-99", ByteRange(0, 100)),
        ("bytes=100-", ByteRange(100, 1000)),
        ("bytes=0-", ByteRange(0, 1000)),
        ("bytes=-1", ByteRange(999, 1000)),
        ("bytes=-5000", ByteRange(0, 1000)),
        ("bytes=990-5000", ByteRange(990, 1000)),
        ("bytes=999-999", ByteRange(999, 1000)),
        ("Bytes = 5-6", ByteRange(5, 7)),
        ("items=0-1", None),
    ],
    ids=repr,
)
def test_one_range_is_understood(header: str | None, expected: ByteRange | None) -> None:
    assert parse_range(header, SIZE) == expected


@pytest.mark.parametrize(
    "header",
    [
        *("", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=--1", "bytes=1-2-3", "bytes=5-4"),
        *("bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=0-1,3-4", "bytes=0-1,", "bytes=+1-2", "bytes=1.5-2"),
        *("bytes=0x1-0x2", "bytes=٠-١", "0-1", "=0-1", "bytes 0-1", "bytes=99999999999999999999-", "bytes=1-2\n3"),
    ],
    ids=repr,
)
def test_nonsense_is_refused(header: str) -> None:
    with pytest.raises(UnsatisfiableRange):
        parse_range(header, SIZE)


@pytest.mark.parametrize("header", ["bytes=0-0", "bytes=0-", "bytes=-1"])
def test_nothing_of_an_empty_file_can_be_asked_for(header: str) -> None:
    with pytest.raises(UnsatisfiableRange):
        parse_range(header, 0)


@given(st.integers(1, 10**6), st.data())
def test_a_range_written_out_is_read_back(size: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    assert parse_range(f"bytes={start}-{end - 1}", size) == ByteRange(start, end)


@given(st.text(max_size=40), st.integers(0, 1000))
def test_any_header_is_a_range_within_the_file_or_refused(text: str, size: int) -> None:
    for header in (text, f"bytes={text}"):
        try:
            found = parse_range(header, size)
        except UnsatisfiableRange:
            continue
        assert found is None or 0 <= found.start < found.end <= size
