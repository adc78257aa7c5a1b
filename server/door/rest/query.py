"""The query of a request to a door, read with refusals that name the parameter and what it takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from labelyard.domain.error import BadRequest, BadUserInput
from labelyard.domain.number import whole_number

MOST_PARAMETERS = 1_000
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")


class Query:
    """The parameters of a query. Given twice, the last one counts, except where `all` is asked for."""

    def __init__(self, query_string: bytes) -> None:
        try:
            self._pairs = parse_qsl(
                query_string.decode("ascii"),
                keep_blank_values=True,
                encoding="utf-8",
                errors="strict",
                max_num_fields=MOST_PARAMETERS,
            )
        except UnicodeError:
            raise BadRequest("The query is not UTF-8 with percent signs.") from None
        except ValueError:
            raise BadRequest(f"The query has more than {MOST_PARAMETERS:,} parameters.") from None

    def all(self, name: str) -> list[str]:
        """Every value of a parameter, in order."""
        return [value for key, value in self._pairs if key == name]

    def text(self, name: str, default: str | None = None) -> str | None:
        """A text; empty counts as absent."""
        values = self.all(name)
        return values[-1] if values and values[-1] else default

    def required(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if value is None:
            raise refused(name, "is missing")
        return value

    def number(self, name: str, *, default: int, least: int = 0, most: int) -> int:
        """A whole number from `least` to `most`."""
        text = self.text(name)
        if text is None:
            return default
        number = whole_number(text)
        if number is None or not least <= number <= most:
            raise refused(name, f"is a whole number from {least:,} to {most:,}, not {text[:50]!r}")
        return number

    def decimal(self, name: str, *, default: float, least: float = 0, most: float) -> float:
        """A number from `least` to `most`, with or without decimals."""
        text = self.text(name)
        if text is None:
            return default
        number = float(text) if _DECIMAL.fullmatch(text) else None
        if number is None or not least <= number <= most:
            raise refused(name, f"is a number from {least:,} to {most:,}, not {text[:50]!r}")
        return number

    def one_of(self, name: str, choices: Sequence[str], default: str | None = None) -> str | None:
        """One of the given words."""
        text = self.text(name, default)
        if text is not None and text not in choices:
            raise refused(name, f"is one of {', '.join(choices)}, not {text[:50]!r}")
        return text

    def flag(self, name: str, *, default: bool = False) -> bool:
        """`true` or `false`, in whatever case, or `1` or `0`."""
        text = self.text(name)
        if text is None:
            return default
        if text.lower() not in ("true", "false", "1", "0"):
            raise refused(name, f"is true or false, not {text[:50]!r}")
        return text.lower() in ("true", "1")


def refused(name: str, what: str) -> BadUserInput:
    """The refusal of one field or parameter: `what` goes on after its name."""
    return BadUserInput(f"{name} {what}.", field=name, fields={name: what})
