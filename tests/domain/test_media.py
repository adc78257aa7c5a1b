import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.media import (
    OCTET_STREAM,
    SNIFFED_BYTES,
    content_disposition,
    file_ending,
    image_size,
    is_inline,
    media_type,
    servable_type,
)
from labelyard.domain.orientation import orientation_in
from tests.file_samples import SAMPLES, WEBP, Sample, bitmap, gif, jpeg, png, tiff

LISTED = {
    *("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", "image/avif"),
    *("video/mp4", "video/webm", "video/quicktime", "audio/mpeg", "audio/wav", "audio/flac", "audio/ogg"),
    *("application/pdf", "text/plain"),
}


def served_media_type(head: bytes) -> str:
    """The type of a file that begins with these bytes, on the wire."""
    return servable_type(media_type(head))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_file_is_served_as_what_its_first_bytes_say(sample: Sample) -> None:
    assert served_media_type(sample.head) == sample.served


def test_every_listed_type_has_a_sample() -> None:
    assert {sample.served for sample in SAMPLES} == LISTED | {OCTET_STREAM}
    assert sum(sample.served == OCTET_STREAM for sample in SAMPLES) >= 50


@pytest.mark.parametrize(
    ("head", "detected"),
    [
        (b'{"a": 1}', "application/json"),
        (b"<svg/>", "image/svg+xml"),
        (b"<html>", "text/html"),
        (b'<?xml version="1.0"?><a/>', "application/xml"),
        (b'"use strict"', "text/javascript"),
        (b"PK\x03\x04\x14\x00" + bytes(40), "application/zip"),
    ],
)
def test_what_is_not_served_is_still_known(head: bytes, detected: str) -> None:
    assert media_type(head) == detected
    assert servable_type(detected) == OCTET_STREAM
    assert not is_inline(detected)


@given(st.binary(max_size=600))
def test_any_bytes_have_a_listed_type_or_none(head: bytes) -> None:
    assert served_media_type(head) in LISTED | {OCTET_STREAM}


@given(st.sampled_from([sample.head for sample in SAMPLES]), st.binary(max_size=100), st.integers(0, 60))
def test_damaged_files_have_a_listed_type_or_none(head: bytes, noise: bytes, at: int) -> None:
    assert served_media_type(head[:at] + noise + head[at:]) in LISTED | {OCTET_STREAM}


@given(st.binary(max_size=300), st.sampled_from(["html", "script", "svg", "iframe", "body", "object", "meta"]))
def test_bytes_with_a_page_in_them_are_never_shown(before: bytes, tag: str) -> None:
    for head in (before + f"<{tag}>".encode(), before + f"<{tag.upper()} a=b>".encode()):
        assert served_media_type(head) == OCTET_STREAM


@given(st.binary(max_size=64))
def test_bytes_behind_the_window_change_nothing(tail: bytes) -> None:
    head = b"a" * SNIFFED_BYTES
    assert served_media_type(head + tail) == "text/plain"


@pytest.mark.parametrize("served", sorted(LISTED))
def test_pictures_sound_and_film_are_inline(served: str) -> None:
    assert is_inline(served) == (served.split("/", maxsplit=1)[0] in {"image", "audio", "video"})
    assert re.fullmatch(r"\.[a-z0-9]{3,4}", file_ending(served))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cat.png", 'inline; filename="cat.png"'),
        ("my cat (1).png", 'inline; filename="my cat (1).png"'),
        ('a"b.png', "inline; filename=\"a_b.png\"; filename*=UTF-8''a%22b.png"),
        ("käse.png", "inline; filename=\"k_se.png\"; filename*=UTF-8''k%C3%A4se.png"),
        ("100%.png", "inline; filename=\"100_.png\"; filename*=UTF-8''100%25.png"),
        (
            "a\r\nSet-Cookie: x=1\0.png",
            "inline; filename=\"aSet-Cookie_ x=1.png\"; filename*=UTF-8''aSet-Cookie%3A%20x%3D1.png",
        ),
        ("../../etc/passwd", 'inline; filename="_.._etc_passwd"'),
        ("c:\\x.png", "inline; filename=\"c__x.png\"; filename*=UTF-8''c%3A_x.png"),
        ("exe\u202egnp.png", 'inline; filename="exegnp.png"'),
        ("\ud800", "inline"),
        ("..", "inline"),
        ("", "inline"),
    ],
    ids=repr,
)
def test_the_name_of_a_file_is_encoded(name: str, value: str) -> None:
    assert content_disposition("image/png", name) == value


@given(st.text(max_size=400), st.sampled_from(["image/png", "text/plain", OCTET_STREAM]))
def test_any_name_makes_one_header_of_printable_ascii(name: str, detected: str) -> None:
    value = content_disposition(detected, name)
    assert re.fullmatch(r"(inline|attachment)(; filename=\"[^\"\\%]+\"(; filename\*=UTF-8''[!-~]+)?)?", value)
    assert value.startswith("inline") == is_inline(detected)
    assert re.fullmatch(r"[ -~]+", value)


@pytest.mark.parametrize(
    "head",
    [png(7, 5), jpeg(7, 5), gif(7, 5), bitmap(7, 5), tiff(7, 5), tiff(7, 5, ">"), WEBP],
    ids=["png", "jpeg", "gif", "bmp", "tiff", "tiff big endian", "webp"],
)
def test_the_size_of_an_image_is_read_from_its_beginning(head: bytes) -> None:
    assert image_size(head) == (7, 5)


@given(st.sampled_from([sample.head for sample in SAMPLES]), st.binary(max_size=200), st.integers(0, 60))
def test_a_damaged_image_has_a_size_or_none(head: bytes, noise: bytes, at: int) -> None:
    size = image_size(head[:at] + noise)
    assert size is None or (0 < size[0] < 2**31 and 0 < size[1] < 2**31)


@given(st.binary(max_size=200), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_whatever_stands_for_exif_data_is_read_to_its_end(content, head):
    assert 1 <= orientation_in(head + content) <= 8


@pytest.mark.parametrize(("order", "mark"), [("little", b"II*\0"), ("big", b"MM\0*")])
@pytest.mark.parametrize("orientation", range(10))
def test_a_png_is_shown_as_its_camera_was_held(order, mark, orientation):
    entry = b"".join(
        number.to_bytes(size, order) for number, size in ((0x0112, 2), (3, 2), (1, 4), (orientation, 2), (0, 2))
    )
    exif = mark + (8).to_bytes(4, order) + (1).to_bytes(2, order) + entry
    chunk = len(exif).to_bytes(4, "big") + b"eXIf" + exif + zlib.crc32(b"eXIf" + exif).to_bytes(4, "big")
    assert image_size(png(40, 20, chunk)) == ((20, 40) if orientation in (5, 6, 7, 8) else (40, 20))
    assert image_size(png(40, 20, chunk)[:50]) == (40, 20)
