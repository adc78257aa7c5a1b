"""JSON documents that clients send as text: reading them strictly, and naming paths inside them.

A path is a chain of pairs from the inside out, so that walking costs a tuple a step and text is only
made for the paths that are reported.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import orjson

from labelyard.domain.error import Problem

Path: TypeAlias = "tuple[Path, str | int] | tuple[()]"
ROOT: Path = ()

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_]+")
_SIGN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_EMPTY = re.compile(r"\s*(?:\[\s*\]|\{\s*\})\s*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?')


def render(path: Path) -> str:
    """`TAGS.categories[1].name`: dots before keys, positions in brackets, unusual keys quoted, `$` for the root."""
    steps: list[str] = []
    while path:
        path, step = path
        if isinstance(step, int):
            steps.append(f"[{step}]")
        elif _PLAIN_KEY.fullmatch(step):
            steps.append(f".{step}")
        else:
            steps.append(f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(reversed(steps)).removeprefix(".") or "$"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may weigh: bytes of UTF-8, levels of objects and lists, values of any kind."""

    size_bytes: int
    depth: int
    values: int


class Reason(StrEnum):
    """Why a text is not read."""

    NOT_JSON = "NOT_JSON"
    TOO_LARGE = "TOO_LARGE"
    DUPLICATE_KEY = "DUPLICATE_KEY"


class Unreadable(Exception):
    """The text is not a document that can be kept; `paths` are the repeated keys, when that is the reason."""

    def __init__(self, reason: Reason, detail: str, paths: tuple[Path, ...] = (ROOT,)) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.paths = paths

    def as_problems(self, code: str) -> tuple[Problem, ...]:
        """Return a problem for each repeated key."""
        return tuple(
            Problem(code, render(location), f'the key "{location[1]}" is written twice')
            for location in self.paths
            if location
        )


def read(text: str, limits: Limits) -> Any:
    """Read JSON within the limits; repeated keys, NUL, lone surrogates and numbers beyond a double are refused."""
    value = parse(text, limits)
    refuse_repeated_keys(text, value)
    return value


def parse(text: str, limits: Limits) -> Any:
    """Read JSON within the limits, not yet looking for repeated keys and NUL."""
    if len(text) * 4 > limits.size_bytes and len(text.encode("utf-8", "surrogatepass")) > limits.size_bytes:
        raise Unreadable(Reason.TOO_LARGE, f"more than {limits.size_bytes // 2**20} MiB")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if _written_depth(text) > limits.depth:
            raise Unreadable(Reason.TOO_LARGE, f"more than {limits.depth} levels") from error
        raise Unreadable(Reason.NOT_JSON, str(error)) from error
    # Opening signs and characters bound depth and number of values: most documents need no walk.
    if text.count("{") + text.count("[") > limits.depth or len(text) > limits.values:
        _weigh(value, limits)
    return value


def count_entries(text: str) -> int:
    """How many entries the object or list has that a JSON text is; an object's repeated keys count each.

    A parser holds the interpreter until it has read the whole text. This walk lets other threads run in between.
    """
    if _EMPTY.fullmatch(text):
        return 0
    depth = commas = end = 0
    for match in _SIGN.finditer(text):
        start = match.start()
        if depth == 1:
            commas += text.count(",", end, start)
        sign = text[start]
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        end = match.end()
    return commas + 1


def is_absent(text: str) -> bool:
    """Whether a JSON text says that there is nothing, as clients write None and the empty text."""
    return text.strip() in {"null", '""'}


def refuse_repeated_keys(text: str, value: Any) -> None:
    """Refuse a text that was parsed to `value` when it repeats keys, or holds NUL."""
    # Serialising again drops repeated keys, and with them at least one colon. An escape may hide a colon from the
    # comparison, so texts with escapes are read by the slow parser.
    if "\\" not in text and text.count(":") == orjson.dumps(value).count(b":"):
        return
    paths = repeated_keys(text)
    if paths:
        named = ", ".join(render(location) for location in paths[:3])
        raise Unreadable(Reason.DUPLICATE_KEY, f"repeated: {named}", paths)
    if "\\u0000" in text:
        _refuse_nul(value)


def _written_depth(text: str) -> int:
    """Levels of a text that may not even be JSON."""
    depth = deepest = 0
    for sign in re.findall(r"[\[{\]}]", _STRING.sub("", text)):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _weigh(value: Any, limits: Limits) -> None:
    values = 0
    level = [value]
    depth = 0
    while level:
        values += len(level)
        inside: list[Any] = []
        containers = 0
        for item in level:
            if type(item) is dict:
                containers += 1
                inside.extend(item.values())
            elif type(item) is list:
                containers += 1
                inside.extend(item)
        depth += 1 if containers else 0
        if depth > limits.depth:
            raise Unreadable(Reason.TOO_LARGE, f"more than {limits.depth} levels")
        if values + len(inside) > limits.values:
            raise Unreadable(Reason.TOO_LARGE, f"more than {limits.values:,} values")
        level = inside


def _refuse_nul(value: Any) -> None:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str) and "\0" in item:
            raise Unreadable(Reason.NOT_JSON, "a text holds the character NUL")
        if isinstance(item, dict):
            pending.extend(item)
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


class _Repeating(dict[str, Any]):
    """An object whose text names some keys more than once."""

    repeated: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeating = _Repeating(plain)
    seen: set[str] = set()
    repeating.repeated = tuple(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return repeating


def repeated_keys(text: str) -> tuple[Path, ...]:
    """Return the paths of the keys written more than once in one object, in document order; the text must be JSON."""
    paths: list[Path] = []
    pending: list[tuple[Path, Any]] = [(ROOT, json.loads(text, object_pairs_hook=_object))]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            if isinstance(value, _Repeating):
                paths.extend((path, key) for key in value.repeated)
            pending.extend(((path, key), item) for key, item in reversed(value.items()))
        elif isinstance(value, list):
            pending.extend(((path, index), item) for index, item in reversed(list(enumerate(value))))
    return tuple(paths)
