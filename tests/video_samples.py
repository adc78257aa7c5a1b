"""Small films, built box by box: as much of a container as says how long it is, and what hostile ones look like."""

from __future__ import annotations

import struct

FRAMES, FRAMES_PER_SECOND, WIDTH, HEIGHT = 50, 25, 320, 240
UPRIGHT = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
TURNED = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of MP4: its length, its name and what is in it."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full_box(kind: bytes, *parts: bytes) -> bytes:
    """A box with version and flags."""
    return box(kind, bytes(4), *parts)


def mp4(*, brand: bytes = b"isom", matrix: tuple[int, ...] = UPRIGHT, frames: int = FRAMES) -> bytes:
    """A film of so many frames of one byte each, with its index before them."""
    duration = frames * 1000 // FRAMES_PER_SECOND
    head = box(b"ftyp", brand, bytes(4), b"isommp42" if brand == b"isom" else brand * 2)
    entry = box(
        b"mp4v", bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HH", WIDTH, HEIGHT),
        struct.pack(">IIIH", 0x480000, 0x480000, 0, 1), bytes(32), struct.pack(">Hh", 24, -1),
    )  # fmt: skip

    def index(offset: int) -> bytes:
        table = box(
            b"stbl",
            full_box(b"stsd", struct.pack(">I", 1), entry),
            full_box(b"stts", struct.pack(">III", 1, frames, 1000 // FRAMES_PER_SECOND)),
            full_box(b"stsc", struct.pack(">IIII", 1, 1, frames, 1)),
            full_box(b"stsz", struct.pack(">II", 1, frames)),
            full_box(b"stco", struct.pack(">II", 1, offset)),
        )
        track = box(
            b"trak",
            box(
                b"tkhd", struct.pack(">IIIIII", 3, 0, 0, 1, 0, duration), bytes(16), struct.pack(">9i", *matrix),
                struct.pack(">II", WIDTH << 16, HEIGHT << 16),
            ),
            box(
                b"mdia",
                full_box(b"mdhd", struct.pack(">IIIIHH", 0, 0, 1000, duration, 0x55C4, 0)),
                full_box(b"hdlr", bytes(4), b"vide", bytes(13)),
                box(
                    b"minf",
                    box(b"vmhd", struct.pack(">I", 1), bytes(8)),
                    box(b"dinf", full_box(b"dref", struct.pack(">I", 1), box(b"url ", struct.pack(">I", 1)))),
                    table,
                ),
            ),
        )  # fmt: skip
        header = full_box(
            b"mvhd", struct.pack(">IIIIIH", 0, 0, 1000, duration, 0x10000, 0x100), bytes(10),
            struct.pack(">9i", *UPRIGHT), bytes(24), struct.pack(">I", 2),
        )  # fmt: skip
        return box(b"moov", header, track)

    return head + index(len(head) + len(index(0)) + 8) + box(b"mdat", b"\x01" * frames)


def element(identifier: int, body: bytes) -> bytes:
    """An element of WebM: its id, its length in eight bytes and what is in it."""
    name = identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")
    return name + (1 << 56 | len(body)).to_bytes(8, "big") + body


def number(value: int) -> bytes:
    """A number as WebM writes it."""
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def webm(*, frames: int = FRAMES) -> bytes:
    """A film in WebM, whose header says how long it is."""
    kind = element(0x4282, b"webm")
    head = element(0x1A45DFA3, element(0x4286, b"\1") + element(0x42F7, b"\1") + kind + element(0x4287, b"\4"))
    info = element(
        0x1549A966,
        element(0x2AD7B1, number(1_000_000))
        + element(0x4489, struct.pack(">d", frames * 1000 / FRAMES_PER_SECOND))
        + element(0x4D80, b"t")
        + element(0x5741, b"t"),
    )
    picture = element(0xE0, element(0xB0, number(WIDTH)) + element(0xBA, number(HEIGHT)))
    entry = element(
        0xAE,
        element(0xD7, b"\1")
        + element(0x73C5, b"\1")
        + element(0x83, b"\1")
        + element(0x86, b"V_VP8")
        + element(0x23E383, number(1_000_000_000 // FRAMES_PER_SECOND))
        + picture,
    )
    blocks = b"".join(
        element(0xA3, b"\x81" + struct.pack(">hB", frame * 1000 // FRAMES_PER_SECOND, 0x80) + b"\0" * 16)
        for frame in range(frames)
    )
    cluster = element(0x1F43B675, element(0xE7, b"\0") + blocks)
    return head + element(0x18538067, info + element(0x1654AE6B, entry) + cluster)


def deep(levels: int) -> bytes:
    """Boxes in boxes."""
    body = b""
    for _ in range(levels):
        body = box(b"moov", body) if len(body) < 1 << 30 else body
    return box(b"ftyp", b"isom", bytes(4), b"isommp42") + body


HOSTILE = {
    "cut in its index": mp4()[:300],
    "cut behind its head": mp4()[:32],
    "cut in its frames": mp4()[:-20],
    "boxes of length zero": box(b"ftyp", b"isom", bytes(4), b"isommp42") + struct.pack(">I4s", 0, b"moov") * 1000,
    "boxes shorter than their head": box(b"ftyp", b"isom", bytes(4), b"isommp42") + struct.pack(">I4s", 1, b"moov") * 9,
    "a box of 2⁶⁴ bytes": box(b"ftyp", b"isom", bytes(4), b"isommp42") + struct.pack(">I4sQ", 1, b"moov", 2**64 - 1),
    "boxes in boxes": deep(20_000),
    "elements in elements": webm()[:60] + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" * 20_000,
    "noise": mp4()[:40] + bytes(range(256)) * 400,
    "WebM cut in its head": webm()[:50],
}
