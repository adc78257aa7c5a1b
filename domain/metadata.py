"""`jsonMetadata`: the free object that comes with an asset, and the OCR that clients send inside it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from labelyard.domain.document import Limits, Reason, Unreadable, parse
from labelyard.domain.error import BadUserInput
from labelyard.domain.playback import Playback

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
MAX_KEYS = 500
PROCESSING = "processingParameters"
PLAYED_RATE = "framesPlayedPerSecond"

# Results of text recognition as Google Vision writes them. They are kept apart: a page of them is larger than all else.
OCR_KEYS = ("fullTextAnnotation", "textAnnotations")
MAX_OCR_BYTES = 16 * 2**20
MAX_OCR_DEPTH = 32

_METADATA = Limits(size_bytes=MAX_BYTES, depth=MAX_DEPTH, values=MAX_BYTES)
# The object around the OCR keys is a level of its own.
_WHOLE = Limits(size_bytes=MAX_OCR_BYTES + MAX_BYTES, depth=MAX_OCR_DEPTH + 1, values=MAX_OCR_BYTES)
_SPACE = " \t\n\r"
# Of a text that is read as Python writes it, so that reading it costs next to nothing.
MAX_PYTHON_LENGTH = 2_000


class Metadata(NamedTuple):
    """A checked metadata text without its OCR, its values, and the OCR.

    `ocr` is the JSON text of an object with the OCR keys, empty when the keys are there and say that there is none, and
    None when the metadata does not speak of OCR.
    """

    text: str
    values: Mapping[str, Any]
    ocr: str | None = None


NO_METADATA = Metadata("{}", {})


class NotJson(BadUserInput):
    """A metadata text that is no JSON."""


def read_metadata(text: str) -> Metadata:
    """Parse and check a metadata text: an object of at most 64 KiB, 8 levels and 500 keys beside its OCR.

    A short text may also be what `str` makes of a dictionary of Python: a plugin among Kili's public samples writes it so.
    """
    if text in ("", "{}"):
        return NO_METADATA
    try:
        return _read(text)
    except NotJson:
        rewritten = _from_python(text)
        if rewritten is None:
            raise
        return _read(rewritten)


def _read(text: str) -> Metadata:
    ocr = None
    # Without an escape, a key is spelled as it is.
    if any(f'"{key}"' in text for key in OCR_KEYS) or "\\u" in text:
        text, ocr = _without_ocr(text)
    size = len(text.encode())
    if size > MAX_BYTES:
        raise BadUserInput(
            f"jsonMetadata has at most {MAX_BYTES // 1024} KiB{' beside its OCR' if ocr else ''}, not {size:,} bytes.",
            limit=MAX_BYTES,
        )
    value = _parsed(text, _METADATA)
    if len(value) > MAX_KEYS:
        raise BadUserInput(f"jsonMetadata has at most {MAX_KEYS} keys, not {len(value)}.", limit=MAX_KEYS)
    if "\\u0000" in text and "\0" in orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode(
        "unicode_escape", "ignore"
    ):
        raise BadUserInput("jsonMetadata holds a NUL character, which cannot be stored.")
    return Metadata(text, value, ocr)


def _from_python(text: str) -> str | None:
    """The JSON of a dictionary that was written as Python shows it; None for anything else."""
    if len(text) > MAX_PYTHON_LENGTH or not text.startswith("{"):
        return None
    try:
        return orjson.dumps(ast.literal_eval(text)).decode()
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def replaced(before: str, metadata: Metadata) -> str:
    """The text to store when metadata is replaced: without processing parameters of its own, the former ones stay."""
    if PROCESSING in metadata.values or f'"{PROCESSING}"' not in before:
        return metadata.text
    kept = orjson.loads(before).get(PROCESSING)
    return metadata.text if kept is None else orjson.dumps({**metadata.values, PROCESSING: kept}).decode()


def _parsed(text: str, limits: Limits) -> dict[str, Any]:
    try:
        value = parse(text, limits)
    except Unreadable as unreadable:
        if unreadable.reason is Reason.TOO_LARGE:
            if limits is _METADATA:
                raise BadUserInput(f"jsonMetadata is at most {MAX_DEPTH} levels deep.", limit=MAX_DEPTH) from unreadable
            raise BadUserInput(
                f"The OCR in jsonMetadata ({', '.join(OCR_KEYS)}) is at most {MAX_OCR_DEPTH} levels deep.",
                limit=MAX_OCR_DEPTH,
            ) from unreadable
        raise NotJson(f"jsonMetadata is not JSON: {unreadable.detail}.") from unreadable
    if not isinstance(value, dict):
        raise BadUserInput(f"jsonMetadata is an object, not {text[:40]}.")
    return value


def _without_ocr(text: str) -> tuple[str, str | None]:
    """The text without the OCR keys, every other character as sent, and the OCR."""
    size = len(text.encode())
    if size > _WHOLE.size_bytes:
        raise BadUserInput(
            f"The OCR in jsonMetadata ({', '.join(OCR_KEYS)}) has at most {MAX_OCR_BYTES // 2**20} MiB, and everything else "
            f"{MAX_BYTES // 1024} KiB; these are {size:,} bytes.",
            limit=MAX_OCR_BYTES,
        )
    whole = _parsed(text, _WHOLE)
    if not any(key in whole for key in OCR_KEYS):
        return text, None
    members = dict(_members(text))
    rest = {key: written for key, written in members.items() if key not in OCR_KEYS}
    ocr = {key: members[key] for key in OCR_KEYS if whole.get(key) is not None}
    ocr_text = _object(ocr) if ocr else ""
    ocr_size = len(ocr_text.encode())
    if ocr_size > MAX_OCR_BYTES:
        raise BadUserInput(
            f"The OCR in jsonMetadata ({', '.join(OCR_KEYS)}) has at most {MAX_OCR_BYTES // 2**20} MiB, not {ocr_size:,} bytes.",
            limit=MAX_OCR_BYTES,
        )
    return _object(rest), ocr_text


def _members(text: str) -> Iterator[tuple[str, str]]:
    """The members of the outermost object of a valid JSON text: each key, and its value as written."""
    decoder = json.JSONDecoder()
    at = _after_space(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        start = _after_space(text, _after_space(text, at) + 1)
        _, at = decoder.raw_decode(text, start)
        yield key, text[start:at]
        at = _after_space(text, at)
        if text[at] == ",":
            at = _after_space(text, at + 1)


def _after_space(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _object(members: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {value}" for key, value in members.items()) + "}"


def frame_rate_of(text: str) -> Any:
    """The frame rate that metadata give for playing a film; None where they give none."""
    if PLAYED_RATE not in text:
        return None
    parameters = orjson.loads(text).get(PROCESSING)
    return parameters.get(PLAYED_RATE) if isinstance(parameters, dict) else None


def with_playback(text: str, playback: Playback) -> str:
    """Metadata with what the file of a film says in its processing parameters, all else as written.

    A frame rate that was given stays: it is the one to play the film at.
    """
    played = playback.processing_parameters
    if not played:
        return text
    members = dict(_members(text))
    parameters = orjson.loads(members.get(PROCESSING, "{}")) or {}
    if not isinstance(parameters, dict):
        return text
    if parameters.get(PLAYED_RATE) is not None:
        played[PLAYED_RATE] = parameters[PLAYED_RATE]
    return _object({**members, PROCESSING: orjson.dumps({**parameters, **played}).decode()})
