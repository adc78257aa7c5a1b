"""The beginnings of some sixty kinds of files, each with the type it is served as; shared by the tests of files."""

import io
import struct
import zlib
from dataclasses import dataclass

from pypdf import PdfWriter
from pypdf.generic import FloatObject, NameObject, RectangleObject

OCTETS = "application/octet-stream"


@dataclass(frozen=True)
class Sample:
    name: str
    head: bytes
    served: str = OCTETS


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *before: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * (1 + 3 * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + b"".join(before)
        + _chunk(b"IDAT", pixels)
        + _chunk(b"IEND", b"")
    )


def jpeg(width: int, height: int, comment: bytes = b"") -> bytes:
    note = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment if comment else b""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + note + frame + b"\xff\xd9"


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\x00\x00" + bytes(6) + b"\x2c" + bytes(8) + b";"


def bitmap(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 4, 0, 0, 54) + info + bytes(4)


def tiff(width: int, height: int, order: str = "<") -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = [(256, 4, 1, width), (257, 4, 1, height)]
    body = struct.pack(f"{order}H", len(entries)) + b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries)
    return mark + struct.pack(f"{order}I", 8) + body + bytes(4)


def riff(kind: bytes, body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + kind + body


def boxes(major: bytes, *compatible: bytes) -> bytes:
    brands = major + bytes(4) + b"".join(compatible)
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + struct.pack(">I", 8) + b"moov"


def ebml(kind: bytes) -> bytes:
    return b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82" + bytes([0x80 | len(kind)]) + kind + bytes(8)


WEBP = riff(b"WEBP", b"VP8 " + struct.pack("<I", 10) + b"\x30\x01\x00\x9d\x01\x2a" + struct.pack("<HH", 7, 5))
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
SCRIPT = b"<script>alert(1)</script>"
MP3_FRAME = b"\xff\xfb\x90\x64" + bytes(413)

SAMPLES = [
    # What is on the list.
    Sample("jpeg", jpeg(7, 5), "image/jpeg"),
    Sample("jpeg with xmp", jpeg(7, 5, b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'), "image/jpeg"),
    Sample("png", png(7, 5), "image/png"),
    Sample("animated png", png(7, 5, _chunk(b"acTL", bytes(8))), "image/png"),
    Sample("gif", gif(7, 5), "image/gif"),
    Sample("webp", WEBP, "image/webp"),
    Sample("bmp", bitmap(7, 5), "image/bmp"),
    Sample("tiff little endian", tiff(7, 5), "image/tiff"),
    Sample("tiff big endian", tiff(7, 5, ">"), "image/tiff"),
    Sample("avif", boxes(b"avif", b"mif1", b"miaf"), "image/avif"),
    Sample("avif by compatible brand", boxes(b"mif1", b"avif"), "image/avif"),
    Sample("mp4", boxes(b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4"),
    Sample("mp4 dash", boxes(b"dash", b"iso6"), "video/mp4"),
    Sample("m4v", boxes(b"M4V ", b"mp42"), "video/mp4"),
    Sample("m4a", boxes(b"M4A ", b"mp42", b"isom"), "video/mp4"),
    Sample("webm", ebml(b"webm"), "video/webm"),
    Sample("quicktime", boxes(b"qt  ", b"qt  "), "video/quicktime"),
    Sample("quicktime without ftyp", b"\x00\x00\x01\x00moov\x00\x00\x00\x6cmvhd" + bytes(100), "video/quicktime"),
    Sample("quicktime wide", b"\x00\x00\x00\x08wide\x00\x00\x01\x00mdat" + bytes(64), "video/quicktime"),
    Sample("mp3 frame", MP3_FRAME, "audio/mpeg"),
    Sample("mp3 with id3", b"ID3\x04\x00\x00\x00\x00\x0f\x76TIT2" + bytes(64), "audio/mpeg"),
    Sample("wav", riff(b"WAVE", b"fmt " + bytes(20)), "audio/wav"),
    Sample("flac", b"fLaC\x00\x00\x00\x22" + bytes(34), "audio/flac"),
    Sample("ogg", b"OggS\x00\x02" + bytes(22), "audio/ogg"),
    Sample("pdf", PDF, "application/pdf"),
    Sample("pdf in ascii", b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "application/pdf"),
    Sample("text", b"The cat sat on the mat.\n", "text/plain"),
    Sample("text in utf-8", "Üben, 猫, кот\r\n".encode(), "text/plain"),
    Sample("text with a byte order mark", b"\xef\xbb\xbfhello", "text/plain"),
    Sample("text that begins like a bitmap", b"BMW makes cars and motorcycles in Bavaria.", "text/plain"),
    Sample("text that begins like id3", b"ID3 tags hold the title of a song.", "text/plain"),
    Sample("text that begins like quicktime", b"the free encyclopedia that anyone can edit", "text/plain"),
    Sample("text that begins like a variable", b"let us go then, you and I", "text/plain"),
    Sample("text that begins with a bracket", b"[Music] and then [applause]", "text/plain"),
    Sample("text that begins with less than", b"<3 and other hearts", "text/plain"),
    Sample("a number", b"42", "text/plain"),
    Sample("csv", b"a;b;c\n1;2;3\n", "text/plain"),
    Sample("long text cut inside a letter", b"x" * 8191 + "é".encode() + b"x" * 100, "text/plain"),
    Sample("empty", b"", "text/plain"),
    # Active content.
    Sample("svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    Sample("svg with xml declaration", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
    Sample("svg behind a comment", b"<!-- a --><svg><script>alert(1)</script></svg>"),
    Sample("svg behind white space and mark", b"\xef\xbb\xbf \n\t<SVG >"),
    Sample("svg behind text", b"hello <svg onload=alert(1)>"),
    Sample("html", b"<!DOCTYPE html><html><body>hi</body></html>"),
    Sample("html in capitals", b"  <HTML><BODY>"),
    Sample("html fragment", b"<b onclick=alert(1)>hi</b>"),
    Sample("html behind text", b"just text, then " + SCRIPT),
    Sample("html in utf-16", "\ufeff<html><script>alert(1)</script>".encode("utf-16-le")),
    Sample("html with nul", b"<ht\x00ml>" + SCRIPT),
    Sample("xhtml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'),
    Sample("xml", b'<?xml version="1.0"?><a/>'),
    Sample("xml stylesheet", b'<?xml-stylesheet href="x.xsl"?><a/>'),
    Sample("mhtml", b"From: x\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n"),
    Sample("php", b"<?php echo 1; ?>"),
    Sample("javascript", b'"use strict";\nalert(1)'),
    Sample("javascript function", b"(function () { alert(1) })()"),
    Sample("javascript arrow", b"(() => alert(1))()"),
    Sample("javascript behind comments", b"// a\n/* b */ var x = 1;"),
    Sample("javascript module", b'import { a } from "./a.js"\n'),
    Sample("javascript call", b"document.write('x')"),
    Sample("json object", b'{"0": "http://x/files?id=1"}'),
    Sample("json list", b"[1, 2, 3]"),
    Sample("json empty", b"{}"),
    Sample("json cut short", b'{"a": "' + b"x" * 9000 + b'"}'),
    # Two things at once.
    Sample("gif and html", gif(7, 5)[:13] + b"<script >alert(1)</script>"),
    Sample("gif and javascript", b"GIF89a/*....*/=1;alert(1)"),
    Sample("gif and javascript assigned", b"GIF89a=/*....*/1;alert(1)"),
    Sample("jpeg and html", jpeg(7, 5, b"<html><body>" + SCRIPT)),
    Sample("png and svg", png(7, 5, _chunk(b"tEXt", b"Comment\0<svg onload=alert(1)>"))),
    Sample("bmp and html", bitmap(7, 5) + b"<!doctype html>" + SCRIPT),
    Sample("pdf and html", b"%PDF-1.4\n<html>" + SCRIPT),
    Sample("html and pdf", b"<html>" + PDF),
    Sample("mp4 and html", boxes(b"isom", b"mp41") + b"<iframe src=//x>"),
    Sample("webm and html", ebml(b"webm") + SCRIPT),
    Sample("wav and html", riff(b"WAVE", b"LIST" + SCRIPT)),
    Sample("mp3 and php", b"ID3\x03\x00\x00\x00\x00\x00\x40TIT2" + bytes(8) + b"<?php x ?>"),
    # Known, and not on the list.
    Sample("ico", b"\x00\x00\x01\x00\x01\x00" + bytes(16)),
    Sample("psd", b"8BPS\x00\x01" + bytes(20)),
    Sample("heic", boxes(b"heic", b"mif1")),
    Sample("jpeg 2000", b"\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 " + bytes(40)),
    Sample("3gp", boxes(b"3gp4", b"isom")),
    Sample("matroska", ebml(b"matroska")),
    Sample("avi", riff(b"AVI ", b"LIST" + bytes(20))),
    Sample("flv", b"FLV\x01\x05" + bytes(20)),
    Sample("midi", b"MThd\x00\x00\x00\x06" + bytes(8)),
    Sample("zip", b"PK\x03\x04\x14\x00" + bytes(40)),
    Sample("gzip", b"\x1f\x8b\x08\x00" + bytes(20)),
    Sample("7z", b"7z\xbc\xaf\x27\x1c" + bytes(20)),
    Sample("tar", b"a.txt" + bytes(252) + b"ustar\x0000" + bytes(200)),
    Sample("elf", b"\x7fELF\x02\x01\x01" + bytes(20)),
    Sample("windows program", b"MZ\x90\x00" + bytes(60)),
    Sample("flash", b"CWS\x0a" + bytes(20)),
    Sample("java class", b"\xca\xfe\xba\xbe\x00\x00\x00\x34"),
    Sample("wasm", b"\x00asm\x01\x00\x00\x00"),
    Sample("sqlite", b"SQLite format 3\x00" + bytes(20)),
    Sample("rtf", b"{\\rtf1\\ansi hello}"),
    Sample("postscript", b"%!PS-Adobe-3.0\n"),
    Sample("font", b"wOF2\x00\x01\x00\x00" + bytes(20)),
    Sample("text in latin-1", "caf\xe9 au lait".encode("latin-1")),
    Sample("text with nul", b"hello\x00world"),
    Sample("random bytes", bytes(range(256))[::-1]),
    Sample("bm and zeros", b"BM" + bytes(60)),
    Sample("gif header alone", b"GIF89a"),
]


def pdf(*pages: tuple[float, float], rotation: int = 0, unit: float = 1, crop: tuple[int, ...] | None = None) -> bytes:
    """A document with pages of these sizes, in points."""
    writer = PdfWriter()
    for width, height in pages:
        page = writer.add_blank_page(width, height)
        page.rotate(rotation)
        if unit != 1:
            page[NameObject("/UserUnit")] = FloatObject(unit)
        if crop:
            page.cropbox = RectangleObject(crop)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
