"""The type of a file, by its first bytes, and how it may be served.

Serving is by a closed list: everything that is not on it, and everything that could be read as a page or a script, goes
out as bytes to be saved. What was declared a plain text and is one goes out as that, whatever it begins like. `filetype`
knows the binary signatures; what it lacks or takes too lightly is decided here.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import filetype
import imagesize

from labelyard.domain.orientation import is_turned_png

SNIFFED_BYTES: Final = 8192
OCTET_STREAM: Final = "application/octet-stream"
PLAIN_TEXT: Final = "text/plain"
JSON: Final = "application/json"

# The types that are served as themselves, each with the ending a saved file gets.
_SERVED: Final[Mapping[str, str]] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "image/avif": ".avif",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
    PLAIN_TEXT: ".txt",
}
_INLINE_KINDS: Final = ("image/", "audio/", "video/")

# Names of `filetype` that differ from the registered ones, or that name a variant of a listed type.
_RENAMED: Final[Mapping[str, str]] = {
    "image/apng": "image/png",
    "audio/x-wav": "audio/wav",
    "audio/x-flac": "audio/flac",
}
# Signatures of `filetype` that are two or three letters long, or miss variants: decided by `_strict_type` only.
_TOO_LOOSE: Final = frozenset({"image/gif", "image/bmp", "audio/mpeg", "audio/ogg", "application/pdf", "video/webm"})
# Formats with a program in them that are written as text; a picture's signature with a script behind it is another.
_TEXTUAL_FORMATS: Final = frozenset({"application/rtf", "application/postscript"})

# Tags that make a browser treat a document as a page. Found in the beginning of a picture or a film, they say that
# the file was built to be two things at once.
_MARKUP_BYTES: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe|object|embed|meta|base|\?php)[\s>/]", re.IGNORECASE
)
_MARKUP: Final = re.compile(_MARKUP_BYTES.pattern.decode("ascii"), re.IGNORECASE)
_TAG_AT_START: Final = re.compile(r"<[a-z!?/]", re.IGNORECASE)
_MULTIPART_PAGE: Final = re.compile(r"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
# Tab, line feed, vertical tab, form feed, return and escape occur in texts; other controls do not.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_COMMENTS: Final = re.compile(r"(?:\s+|//[^\n]*(?:\n|\Z)|/\*.*?\*/|#![^\n]*\n)*", re.DOTALL)
# The ways scripts begin; a text that merely starts with such a word goes on differently.
_SCRIPT: Final = re.compile(
    r"""["']use\ strict["'] | (?:var|let|const)\s+[\w$]+\s*[=;] | (?:async\s+)?function\s*[\w$]*\s*\(
    | [(!;+-]*\(\s*(?:async\s+)?(?:function\b|\([\w$,\s]*\)\s*=>) | import\s+[\w{*"'][^\n]*\bfrom\s*["']
    | import\s*["'(] | export\s+(?:default|const|let|function|class)\b | class\s+[\w$]+\s*(?:extends\s+[\w$.]+\s*)?\{
    | (?:window|document|self|globalThis|module|exports|console)\.\w+ | (?:alert|eval|fetch|require)\s*\(
    | [\w$.]+\s*=\s*(?:function\b|require\s*\(|/\*)""",
    re.VERBOSE,
)
_JSON_START: Final = re.compile(r'\s*(?:\{\s*["}]|\[\s*[\[{"\]\d-])')

_QUICKTIME_ATOMS: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_MP4_BRANDS: Final = frozenset(
    {b"isom", b"mp41", b"mp42", b"mp71", b"avc1", b"hvc1", b"hev1", b"dash", b"cmfc", b"MSNV", b"mmp4", b"f4v "}
    | {b"M4V ", b"M4VH", b"M4VP", b"M4A ", b"M4B ", b"NDSC", b"XAVC"}
    | {b"iso%c" % digit for digit in b"123456789abc"}
)
_BITMAP_HEADER_SIZES: Final = frozenset({12, 16, 40, 52, 56, 64, 108, 124})


def media_type(head: bytes) -> str:
    """The type by the first bytes of a file (8 KiB are looked at); octet-stream when unknown or ambiguous."""
    head = head[:SNIFFED_BYTES]
    is_page = _MARKUP_BYTES.search(head) is not None
    # The one binary format whose beginning may be text through and through.
    if head.startswith(b"%PDF-"):
        return OCTET_STREAM if is_page else "application/pdf"
    text = _as_text(head)
    if text is not None:
        return _text_type(text, head)
    if is_page:
        return OCTET_STREAM
    strict = _strict_type(head)
    if strict is not None:
        return strict
    guess: str | None = filetype.guess_mime(head)
    if guess is None or guess in _TOO_LOOSE:
        return OCTET_STREAM
    return _RENAMED.get(guess, guess)


def recorded_media_type(head: bytes, *, declared: str, is_cut: bool) -> str:
    """The type to record: plain text for what was declared one and is UTF-8, else the type by the first bytes.

    `declared` is the media type the sender named, `is_cut` says that the file goes on behind `head`.
    """
    if declared.partition(";")[0].strip().lower() == PLAIN_TEXT and _is_utf8_text(head, is_cut=is_cut):
        return PLAIN_TEXT
    return media_type(head)


def servable_type(detected: str) -> str:
    """The type to put on the wire for a detected one: itself when listed, else octet-stream."""
    return detected if detected in _SERVED else OCTET_STREAM


def is_inline(detected: str) -> bool:
    """Whether a browser may show the file in place: listed pictures, sound and film only."""
    return detected in _SERVED and detected.startswith(_INLINE_KINDS)


def file_ending(detected: str) -> str:
    """The ending of a saved file, with its dot; `.bin` for what is not listed."""
    return _SERVED.get(detected, ".bin")


def content_disposition(detected: str, name: str) -> str:
    """The header's value, ASCII only: a name that needs more is given a second time in its extended form.

    Controls, direction marks and lone surrogates are dropped, slashes become underscores; a name of which nothing is
    left is not sent.
    """
    kind = "inline" if is_inline(detected) else "attachment"
    shown = "".join(
        letter for letter in name if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    )
    shown = re.sub(r"[/\\]", "_", shown).strip(" .")[:150]
    if not shown:
        return kind
    plain = re.sub(r"[^ !#$&()+,\-.0-9;=@A-Z\[\]^_`a-z{}~]", "_", shown)
    if plain == shown:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='')}"


def image_size(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels as browsers show the image, turned as the camera was held; None when the bytes do not tell.

    Reads no further than what is given: memory and time are bounded by it.
    """
    # Browsers turn JPEG and PNG; WebP they show as it is stored, TIFF not at all.
    width, height = imagesize.get(io.BytesIO(head), exif_rotation=head.startswith(b"\xff\xd8"))
    if is_turned_png(head):
        width, height = height, width
    return (int(width), int(height)) if 0 < width < 2**31 and 0 < height < 2**31 else None


def _as_text(head: bytes) -> str | None:
    """The beginning as text, or None. A character cut in two by the end of the window is no fault."""
    is_cut = len(head) == SNIFFED_BYTES
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=not is_cut)
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(text) else text.removeprefix("\ufeff")


def _is_utf8_text(head: bytes, *, is_cut: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=not is_cut)
    except UnicodeDecodeError:
        return False
    return b"\0" not in head


def _text_type(text: str, head: bytes) -> str:
    guess: str | None = filetype.guess_mime(head)
    if guess in _TEXTUAL_FORMATS or head.startswith((b"GIF87a", b"GIF89a")):
        return OCTET_STREAM
    if _TAG_AT_START.match(text.lstrip()):
        lowered = text.lower()
        if "<svg" in lowered and "<html" not in lowered:
            return "image/svg+xml"
        return "application/xml" if lowered.lstrip().startswith("<?xml") else "text/html"
    if _MARKUP.search(text):
        return "text/html"
    if _is_json(text, is_cut=len(head) == SNIFFED_BYTES):
        return JSON
    if _MULTIPART_PAGE.search(text):
        return "multipart/related"
    comments = _COMMENTS.match(text)
    if _SCRIPT.match(text, comments.end() if comments else 0):
        return "text/javascript"
    return PLAIN_TEXT


def _is_json(text: str, *, is_cut: bool) -> bool:
    """Objects and lists only: a lone number or word is a text like any other."""
    if _JSON_START.match(text) is None:
        return False
    if is_cut:
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _strict_type(head: bytes) -> str | None:
    """The listed types whose signatures need more than a prefix."""
    box = head[4:8]
    if box == b"ftyp":
        return _brand_type(head)
    if box in _QUICKTIME_ATOMS and (head[:4] == b"\0\0\0\1" or int.from_bytes(head[:4], "big") >= 8):
        return "video/quicktime"
    if head.startswith((b"GIF87a", b"GIF89a")) and len(head) >= 13:
        return "image/gif"
    if _is_bitmap(head):
        return "image/bmp"
    if head.startswith(b"OggS\0"):
        return "audio/ogg"
    if head.startswith(b"\x1a\x45\xdf\xa3") and re.search(
        rb"\x42\x82(?:\x84|[\x01\x08\x10\x20\x40]\0*\x04)webm", head[:80]
    ):
        return "video/webm"
    return "audio/mpeg" if _is_mpeg_audio(head) else None


def _brand_type(head: bytes) -> str:
    size = int.from_bytes(head[:4], "big")
    if not 16 <= size <= 4096 or size % 4:
        return OCTET_STREAM
    major = head[8:12]
    compatible = {head[at : at + 4] for at in range(16, min(size, len(head)), 4)}
    if major == b"qt  ":
        return "video/quicktime"
    if major in {b"avif", b"avis"} or (major in {b"mif1", b"msf1"} and compatible & {b"avif", b"avis"}):
        return "image/avif"
    if major[:2] in {b"he", b"mi", b"ms"}:
        return "image/heic"
    if major[:2] == b"3g":
        return "video/3gpp"
    if major in {b"jp2 ", b"jpx ", b"crx "}:
        return OCTET_STREAM
    return "video/mp4" if ({major} | compatible) & _MP4_BRANDS else OCTET_STREAM


def _is_bitmap(head: bytes) -> bool:
    if not head.startswith(b"BM") or len(head) < 26:
        return False
    pixels_at = int.from_bytes(head[10:14], "little")
    header_size = int.from_bytes(head[14:18], "little")
    return header_size in _BITMAP_HEADER_SIZES and pixels_at >= 14 + header_size


def _is_mpeg_audio(head: bytes) -> bool:
    if head.startswith(b"ID3"):
        # Version, flags, and a length whose bytes never use their top bit.
        return len(head) >= 10 and head[3] in {2, 3, 4} and not head[5] & 0x0F and max(head[6:10]) < 0x80
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bit_rate, sampling = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bit_rate not in {0, 15} and sampling != 3
