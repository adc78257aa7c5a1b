"""Times as clients write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from labelyard.domain.error import BadUserInput

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Timestamp:
    """An instant, or a whole day when the client gave a bare date."""

    instant: datetime
    is_day: bool

    @property
    def start(self) -> datetime:
        """The first instant meant: what `Gte` compares with."""
        return self.instant

    @property
    def end(self) -> datetime:
        """The last instant meant, at the precision of stored times (1 ms): what `Lte` compares with."""
        return self.instant + timedelta(days=1, milliseconds=-1) if self.is_day else self.instant

    @property
    def day(self) -> tuple[datetime, datetime]:
        """First and last instant (1 ms) of the UTC day the moment lies in."""
        midnight = self.instant.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight, midnight + timedelta(days=1, milliseconds=-1)


def parse_timestamp(text: object) -> Timestamp:
    """Read ISO 8601 or `YYYY-MM-DD` of the years 1 to 9999; without an offset, UTC is meant."""
    if not isinstance(text, str):
        raise BadUserInput(f"A date is a text such as 2024-08-05 or 2024-08-05T13:03:00.051Z, not {text!r}.")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadUserInput(
            f"{text!r} is not a date; write 2024-08-05 or 2024-08-05T13:03:00.051Z.", value=text
        ) from None
    try:
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError:  # within a day of the first or the last instant that there is
        instant = instant.replace(tzinfo=UTC)
    return Timestamp(instant, bool(DAY.fullmatch(text)))
