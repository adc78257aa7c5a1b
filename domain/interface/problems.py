"""The problems of an interface, in the order they are found."""

from __future__ import annotations

from dataclasses import dataclass, field

from labelyard.domain.document import Path, render
from labelyard.domain.error import Problem
from labelyard.domain.interface.rules import INTERFACE_RULES


@dataclass
class Problems:
    """Problems that refuse the interface, and those that only warn."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def add(self, code: str, path: Path, message: str) -> None:
        """Note a problem; its code says whether it blocks."""
        problems = self.errors if INTERFACE_RULES[code].blocks else self.warnings
        problems.append(Problem(code, render(path), message))


def shown(value: object) -> str:
    """Return a value of the document as a message quotes it, cut where it is long."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 100 else text[:99] + "…"
