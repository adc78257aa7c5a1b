"""A film in H.264 that every reader can decode: each picture is one gray, written without any compression."""

from __future__ import annotations

import struct

from tests.video_samples import UPRIGHT, box, full_box

WIDTH, HEIGHT = 128, 96
FRAMES_PER_SECOND = 10
_PARAMETERS = bytes.fromhex("6742000af841a2")
_PICTURE_PARAMETERS = bytes.fromhex("68ce3880")
_SLICE = bytes.fromhex("05888421a0")
_MACROBLOCK = b"\x0d\x00"
_BLOCKS = WIDTH // 16 * HEIGHT // 16


def picture(gray: int) -> bytes:
    """One picture, as an MP4 keeps it: its length and what is in it."""
    block = bytes([gray]) * 256 + b"\x80" * 128
    body = _SLICE + _MACROBLOCK.join([block] * _BLOCKS) + b"\x80"
    return struct.pack(">I", len(body)) + body


def film(frames: int = 5) -> bytes:
    """A film of so many pictures, each lighter than the one before."""
    pictures = [picture(0x30 + 10 * number) for number in range(frames)]
    duration = frames * 1000 // FRAMES_PER_SECOND
    head = box(b"ftyp", b"isom", bytes(4), b"isommp42")
    settings = (
        b"\x01" + _PARAMETERS[1:4] + b"\xff\xe1" + struct.pack(">H", len(_PARAMETERS)) + _PARAMETERS
        + b"\x01" + struct.pack(">H", len(_PICTURE_PARAMETERS)) + _PICTURE_PARAMETERS
    )  # fmt: skip
    entry = box(
        b"avc1", bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HH", WIDTH, HEIGHT),
        struct.pack(">IIIH", 0x480000, 0x480000, 0, 1), bytes(32), struct.pack(">Hh", 24, -1), box(b"avcC", settings),
    )  # fmt: skip

    def index(offset: int) -> bytes:
        table = box(
            b"stbl",
            full_box(b"stsd", struct.pack(">I", 1), entry),
            full_box(b"stts", struct.pack(">III", 1, frames, 1000 // FRAMES_PER_SECOND)),
            full_box(b"stsc", struct.pack(">IIII", 1, 1, frames, 1)),
            full_box(b"stsz", struct.pack(">II", 0, frames), *(struct.pack(">I", len(one)) for one in pictures)),
            full_box(b"stco", struct.pack(">II", 1, offset)),
        )
        track = box(
            b"trak",
            box(
                b"tkhd", struct.pack(">IIIIII", 3, 0, 0, 1, 0, duration), bytes(16), struct.pack(">9i", *UPRIGHT),
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

    return head + index(len(head) + len(index(0)) + 8) + box(b"mdat", *pictures)
