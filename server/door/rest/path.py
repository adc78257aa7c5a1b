"""Paths of a door: patterns such as `/tasks/{id}`, matched against what a client has sent, segment by segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes


@dataclass(frozen=True, slots=True)
class Pattern:
    """The segments of a path; those in braces take any text. A slash in such a text is sent as %2F.

    A last segment such as `{name...}` takes the rest of the path, slashes and all.
    """

    text: str
    segments: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Pattern:
        """A pattern as it is declared."""
        if not text.startswith("/") or text.endswith("/"):
            raise ValueError(f"a path begins with a slash and does not end with one: {text!r}")
        return cls(text, tuple(text[1:].split("/")))

    @property
    def rank(self) -> tuple[bool, ...]:
        """What patterns are tried in order of: a word comes before a name in braces."""
        return tuple(is_name(segment) for segment in self.segments)

    def match(self, segments: Sequence[str]) -> Mapping[str, str] | None:
        """The texts behind the names, or None."""
        if self.segments[-1].endswith("...}"):
            count = len(self.segments) - 1
            segments = [*segments[:count], *(["/".join(segments[count:])] if segments[count:] else [])]
        if len(segments) != len(self.segments):
            return None
        found: dict[str, str] = {}
        for own, sent in zip(self.segments, segments, strict=True):
            if is_name(own):
                if not sent:
                    return None
                found[own[1:-1].removesuffix("...")] = sent
            elif own != sent:
                return None
        return found


def is_name(segment: str) -> bool:
    """Whether a segment of a pattern takes any text."""
    return segment.startswith("{")


def segments_of(raw_path: bytes) -> list[str] | None:
    """The decoded segments of a path as it was sent; None when it is not UTF-8. One slash at the end is passed over."""
    try:
        segments = [unquote_to_bytes(part).decode() for part in raw_path[1:].split(b"/")]
    except UnicodeDecodeError:
        return None
    return segments[:-1] if len(segments) > 1 and not segments[-1] else segments
