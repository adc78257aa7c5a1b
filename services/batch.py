"""The outcome of a batch of rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from labelyard.domain.error import ClientError


@dataclass(slots=True)
class Outcome:
    """How many rows were written and how many were there before; what was refused, as (location, reason)."""

    written: int = 0
    known: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    warned: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, location: str, refusal: ClientError) -> None:
        """Note a row that was refused."""
        self.refused.append((location, refusal.message))
