"""Times: ISO 8601 with exactly three decimals and `Z`."""

from __future__ import annotations

from datetime import UTC, datetime


def text_of_time(time: datetime | None) -> str | None:
    """A time as it is answered."""
    if time is None:
        return None
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


def time_of(text: str) -> datetime:
    """A time that was kept as it is answered."""
    return datetime.fromisoformat(text)
