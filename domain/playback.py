"""How long a film or a sound lasts, as its container says, and how many frames a document lists."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from labelyard.domain.document import count_entries

MOST_SECONDS: Final = 10**7
MOST_FRAMES: Final = 10**9
MOST_FRAMES_PER_SECOND: Final = 10**5
MOST_PIXELS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Playback:
    """What is known of a stored film or sound, or of a document of frames; None for what it does not say."""

    seconds: float | None = None
    frames: int | None = None
    frames_per_second: float | None = None

    @property
    def whole_seconds(self) -> int | None:
        """The duration as clients read it."""
        return None if self.seconds is None else round(self.seconds)

    @property
    def processing_parameters(self) -> dict[str, float]:
        """What metadata of a film says of it; nothing for a sound."""
        parameters = {"framesPlayedPerSecond": self.frames_per_second, "numberOfFrames": self.frames}
        return {name: value for name, value in parameters.items() if value is not None}

    def as_text(self) -> str:
        """The JSON text that is kept with the file."""
        return orjson.dumps(asdict(self)).decode()


def playback_of(text: str | None) -> Playback | None:
    """What was kept with a file; None for files that are neither film nor sound, or could not be read."""
    return None if text is None else Playback(**orjson.loads(text))


def listed_frames(document: bytes) -> Playback | None:
    """The frames that a JSON document lists, one for each entry; None for what is no list and no object, or has none."""
    try:
        text = document.decode().strip()
    except UnicodeDecodeError:
        return None
    frames = count_entries(text) if text.startswith(("{", "[")) else 0
    return Playback(frames=frames) if 0 < frames <= MOST_FRAMES else None


@dataclass(frozen=True, slots=True)
class Film:
    """A film or a sound that has been read: how long it is, and the size of its pictures as they are shown."""

    playback: Playback
    width: int | None = None
    height: int | None = None


def film_of(values: Mapping[str, Any]) -> Film | None:
    """A film from what a reader found in a container, whose numbers may be anything; None when it says nothing."""
    seconds = _number(values.get("seconds"), MOST_SECONDS)
    frames = _number(values.get("frames"), MOST_FRAMES)
    rate = _number(values.get("frames_per_second"), MOST_FRAMES_PER_SECOND)
    width, height = (_number(values.get(name), MOST_PIXELS) for name in ("width", "height"))
    playback = Playback(
        seconds=round(seconds, 3) if seconds else None,
        frames=int(frames) if frames else None,
        frames_per_second=(int(rate) if rate == int(rate) else rate) if rate else None,
    )
    if playback == Playback():
        return None
    return Film(playback, int(width), int(height)) if width and height else Film(playback)


def _number(value: Any, most: float) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and 0 <= number <= most else None
