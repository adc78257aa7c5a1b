"""The answers of labels in comparable form: frozen, with shapes built and categories named by their key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from labelyard.domain.agreement.shape import Shape
from labelyard.domain.interface.vocabulary import Input

Location: TypeAlias = int | str
"""Where in the asset a job is answered: the frame, page, chat item or point of a pose; `WHOLE` where there is only one."""

WHOLE: Location = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Chosen categories, each with what is answered under it."""

    categories: Mapping[str, Answers]
    is_single: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A text that is not empty."""

    text: str
    input: Input | None


@dataclass(frozen=True, slots=True)
class Preference:
    """A comparison: the better one of two messages, None when the option is mutual."""

    code: str
    winner: str | None
    nested: Answers


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rank of each element; lower is better, equal ranks are ties."""

    ranks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An annotation with a shape: an object or an entity."""

    mid: str | None
    categories: frozenset[str]
    shape: Shape
    nested: Answers


@dataclass(frozen=True, slots=True)
class Link:
    """A relation between annotations at the same location, named by their mids."""

    categories: frozenset[str]
    starts: frozenset[str]
    ends: frozenset[str]
    nested: Answers


@dataclass(frozen=True, slots=True)
class Drawing:
    """All objects or entities of a job at one location; never empty."""

    items: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """All relations of a job at one location; never empty."""

    links: tuple[Link, ...]


Answer: TypeAlias = Choice | Written | Preference | Ranking | Drawing | Links
Answers: TypeAlias = Mapping[str, Mapping[Location, Answer]]
"""By job, then by location. What is not answered is absent."""


@dataclass(frozen=True, slots=True)
class LabelAnswers:
    """All answers of a label. `extent` is the box around its points (least x, least y, most x, most y) where coordinates
    are not fractions of the asset, None otherwise or without points.
    """

    jobs: Answers
    extent: tuple[float, float, float, float] | None = None
