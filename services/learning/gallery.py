"""The images of a project side by side: which are the nearest to one, and which are nearly the same. Exact, without an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

PIECE: Final = 50_000
ROWS: Final = 512
GROWTH: Final = 1.25
WHOLE_UP_TO: Final = 12_000
"""Images that are kept as they are computed with, of 4 bytes a number: five times as fast, and 60 MB."""


class Gallery:
    """Features of images by name, of unit length; an image that is added again is left as it is."""

    def __init__(self, features: int) -> None:
        self._matrix = np.zeros((0, features), np.float32)
        self._names: list[str] = []
        self._known: set[str] = set()

    def __len__(self) -> int:
        return len(self._names)

    def keep(self, names: Sequence[str]) -> list[str]:
        """Leave only the images of these names; answers those of the names that are not there."""
        wanted = set(names)
        if not self._known <= wanted:
            kept = [index for index, name in enumerate(self._names) if name in wanted]
            self._matrix = self._matrix[kept]
            self._names = [self._names[index] for index in kept]
            self._known = set(self._names)
        return [name for name in names if name not in self._known]

    def add(self, names: Sequence[str], data: memoryview) -> None:
        """Add images with their features, of 2 bytes a number."""
        values = np.frombuffer(data, "<f2").reshape(len(names), self._matrix.shape[1])
        fresh = [index for index, name in enumerate(names) if name not in self._known]
        needed = len(self._names) + len(fresh)
        if needed > len(self._matrix):
            kind = np.float32 if needed <= WHOLE_UP_TO else np.float16
            grown = np.zeros((max(needed, int(GROWTH * len(self._matrix))), self._matrix.shape[1]), kind)
            grown[: len(self._names)] = self._matrix[: len(self._names)]
            self._matrix = grown
        self._matrix[len(self._names) : needed] = values[fresh]
        self._names += [names[index] for index in fresh]
        self._known.update(names)

    def nearest(self, vector: np.ndarray, limit: int, threshold: float) -> list[tuple[str, float]]:
        """The names of the images with the highest cosine to a vector, the highest first, at least `threshold`."""
        cosines = np.concatenate(
            [self._rows(start, min(start + PIECE, len(self))) @ vector for start in range(0, max(len(self), 1), PIECE)]
        )
        chosen = np.argpartition(-cosines, limit - 1)[:limit] if limit < len(cosines) else np.arange(len(cosines))
        chosen = chosen[np.argsort(-cosines[chosen], kind="stable")]
        return [(self._names[index], float(cosines[index])) for index in chosen if cosines[index] >= threshold]

    def pairs(self, start: int, limit: int, threshold: float) -> tuple[list[tuple[str, str, float]], int | None]:
        """Pairs of images at least so near, of which one is among the next rows; and where to go on, None at the end."""
        end = min(start + ROWS, len(self))
        rows = self._rows(start, end)
        found: list[tuple[float, int, int]] = []
        for piece in range(start, len(self), ROWS * 8):
            stop = min(piece + ROWS * 8, len(self))
            cosines = rows @ self._rows(piece, stop).T
            # Each pair once, and no image with itself.
            is_wanted = (cosines >= threshold) & (np.arange(piece, stop) > np.arange(start, end)[:, None])
            firsts, seconds = np.nonzero(is_wanted)
            values = cosines[firsts, seconds]
            if len(values) > limit:
                best = np.argpartition(-values, limit - 1)[:limit]
                firsts, seconds, values = firsts[best], seconds[best], values[best]
            found += zip(values.tolist(), (start + firsts).tolist(), (piece + seconds).tolist(), strict=True)
            found = sorted(found, reverse=True)[:limit]
        pairs = [(self._names[first], self._names[second], cosine) for cosine, first, second in found]
        return pairs, end if end < len(self) else None

    def _rows(self, start: int, end: int) -> np.ndarray:
        return self._matrix[start:end].astype(np.float32, copy=False)
