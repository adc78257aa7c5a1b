"""Families of tasks: one table of their routes and of what they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labelyard.domain.door.fastlabel.project_type import ProjectType

MIB: Final = 1 << 20


class Carries(StrEnum):
    """How the files of a task are sent."""

    FILE = "file"
    CONTENTS = "contents"
    FILE_KEY = "fileKey"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A family of tasks.

    `route` follows `tasks/`. `input_type` is the asset type of its projects, `media` the beginnings of the media types of its
    files; `most_bytes` bounds each, `most_files` their number. `most_listed` bounds a page. Tasks of a `base` are the same objects
    seen in two ways: with annotations or with attributes.
    """

    route: str
    base: str
    input_type: str
    carries: Carries
    media: tuple[str, ...] = ()
    most_bytes: int = 0
    most_files: int = 1
    most_listed: int = 1_000
    is_classification: bool = False
    is_verbatim: bool = False
    takes_annotations: bool = True

    @property
    def field(self) -> str:
        """Where a task has what was labeled."""
        return "attributes" if self.is_classification else "annotations"

    @property
    def has_contents(self) -> bool:
        """Whether a task is made of several files."""
        return self.carries is Carries.CONTENTS or self.route == "robotics"

    @property
    def has_size(self) -> bool:
        """Whether a task has a width and a height."""
        return self.base in ("image", "video", "dicom")

    @property
    def is_sound(self) -> bool:
        """Whether its segments are of time."""
        return self.base == "audio"


_PICTURES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff")
_FILMS: Final = ("video/",)
_SOUNDS: Final = ("audio/", "video/mp4", "video/quicktime")
_TEXTS: Final = ("text/", "application/json")
_ANYTHING: Final = ("",)
_ALL: Final = (
    Family("image", "image", "IMAGE", Carries.FILE, _PICTURES, 20 * MIB),
    Family("image/classification", "image", "IMAGE", Carries.FILE, _PICTURES, 20 * MIB, is_classification=True),
    Family(
        "multi-image/classification",
        "sequence",
        "VIDEO",
        Carries.CONTENTS,
        _PICTURES,
        20 * MIB,
        6,
        is_classification=True,
    ),
    Family("sequential-image", "sequence", "VIDEO", Carries.CONTENTS, _PICTURES, 20 * MIB, 250, 10),
    Family("video", "video", "VIDEO", Carries.FILE, _FILMS, 250 * MIB, most_listed=10),
    Family("video/classification", "video", "VIDEO", Carries.FILE, _FILMS, 250 * MIB, is_classification=True),
    Family("text", "text", "TEXT", Carries.FILE, _TEXTS, 2 * MIB),
    Family("text/classification", "text", "TEXT", Carries.FILE, _TEXTS, 2 * MIB, is_classification=True),
    Family("audio", "audio", "AUDIO", Carries.FILE, _SOUNDS, 120 * MIB),
    Family("audio/classification", "audio", "AUDIO", Carries.FILE, _SOUNDS, 120 * MIB, is_classification=True),
    Family("pcd", "pcd", "IMAGE", Carries.FILE, _ANYTHING, 100 * MIB, is_verbatim=True),
    Family(
        "sequential-pcd", "sequential-pcd", "IMAGE", Carries.CONTENTS, _ANYTHING, 100 * MIB, 250, 10, is_verbatim=True
    ),
    Family(
        "dicom",
        "dicom",
        "IMAGE",
        Carries.FILE_KEY,
        ("application/zip",),
        2_000 * MIB,
        is_verbatim=True,
        takes_annotations=False,
    ),
    Family("robotics", "robotics", "IMAGE", Carries.NOTHING, most_listed=100, is_verbatim=True),
    Family(
        "multi-modal-video-audio",
        "multi-modal-video-audio",
        "IMAGE",
        Carries.NOTHING,
        most_listed=10,
        is_verbatim=True,
        takes_annotations=False,
    ),
)
FAMILIES: Final[Mapping[str, Family]] = {family.route: family for family in _ALL}


def family_of(kind: ProjectType) -> Family:
    """The family of the tasks of a type of projects."""
    return FAMILIES[kind.family]


def serves(family: Family, kind: ProjectType) -> bool:
    """Whether tasks of a project can be seen as a family's."""
    return family.base == family_of(kind).base
