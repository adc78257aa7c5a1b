"""Types of projects: which asset type each is kept as, and which annotations it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from labelyard.domain.door.fastlabel.value import shown
from labelyard.domain.error import BadUserInput


class Kind(StrEnum):
    """Types of annotations and of their classes."""

    BBOX = "bbox"
    POLYGON = "polygon"
    KEYPOINT = "keypoint"
    LINE = "line"
    SEGMENTATION = "segmentation"
    POSE_ESTIMATION = "pose_estimation"
    CIRCLE = "circle"
    CLASSIFICATION = "classification"
    NER = "ner"
    CUBOID = "cuboid"
    SUB_TASK = "sub_task"


DRAWN: Final = (
    Kind.BBOX,
    Kind.POLYGON,
    Kind.KEYPOINT,
    Kind.LINE,
    Kind.SEGMENTATION,
    Kind.POSE_ESTIMATION,
    Kind.CIRCLE,
)


@dataclass(frozen=True, slots=True)
class ProjectType:
    """A type of project; `kinds` are the classes it takes, and the classification projects have the one class of that name.

    `is_verbatim` says that annotations are kept as they were sent, beside the store.
    """

    name: str
    input_type: str
    kinds: tuple[Kind, ...]
    family: str
    is_verbatim: bool = False

    @property
    def is_classification(self) -> bool:
        """Whether its tasks carry attributes in place of annotations."""
        return self.kinds == (Kind.CLASSIFICATION,)


_ALL: Final = (*DRAWN, Kind.CLASSIFICATION)
_KIND_OF_NAME: Final[Mapping[str, tuple[Kind, ...]]] = {
    "bbox": (Kind.BBOX,),
    "polygon": (Kind.POLYGON,),
    "keypoint": (Kind.KEYPOINT,),
    "line": (Kind.LINE,),
    "circle": (Kind.CIRCLE,),
    "segmentation": (Kind.SEGMENTATION,),
    "pose_estimation": (Kind.POSE_ESTIMATION,),
    "all": _ALL,
}
_VERBATIM: Final = (Kind.CUBOID, Kind.SUB_TASK, *DRAWN, Kind.CLASSIFICATION)


def _types() -> Iterable[ProjectType]:
    for name, kinds in _KIND_OF_NAME.items():
        yield ProjectType(f"image_{name}", "IMAGE", kinds, "image")
        yield ProjectType(f"sequential_image_{name}", "VIDEO", kinds, "sequential-image")
        yield ProjectType(f"video_{name}", "VIDEO", kinds, "video")
    for name, input_type, family in (
        ("image_classification", "IMAGE", "image/classification"),
        ("multi_image_classification", "VIDEO", "multi-image/classification"),
        ("video_single_classification", "VIDEO", "video/classification"),
        ("text_single_classification", "TEXT", "text/classification"),
        ("audio_single_classification", "AUDIO", "audio/classification"),
    ):
        yield ProjectType(name, input_type, (Kind.CLASSIFICATION,), family)
    yield ProjectType("text_ner", "TEXT", (Kind.NER,), "text")
    yield ProjectType("audio_segmentation_single", "AUDIO", (Kind.SEGMENTATION,), "audio")
    yield ProjectType("audio_segmentation_all", "AUDIO", (Kind.SEGMENTATION,), "audio")


TYPES: Final = {one.name: one for one in _types()}
# Types whose names are not public beyond their beginning: any of these is taken. The longest beginning decides.
_FAMILIES_BY_BEGINNING: Final = {
    "sequential_pcd_": "sequential-pcd",
    "pcd_": "pcd",
    "dicom_": "dicom",
    "robotics": "robotics",
    "multi_modal_": "multi-modal-video-audio",
}
_WORDS: Final = re.compile(r"[a-z0-9_]{1,100}")


def project_type_of(name: Any) -> ProjectType:
    """The type of a name."""
    if isinstance(name, str) and _WORDS.fullmatch(name):
        if name in TYPES:
            return TYPES[name]
        for beginning, family in _FAMILIES_BY_BEGINNING.items():
            if name.startswith(beginning):
                return ProjectType(name, "IMAGE", _VERBATIM, family, is_verbatim=True)
        if name.startswith("audio_"):
            is_classification = name.endswith("classification")
            kinds = (Kind.CLASSIFICATION,) if is_classification else (Kind.SEGMENTATION,)
            return ProjectType(name, "AUDIO", kinds, "audio/classification" if is_classification else "audio")
    others = ", ".join(f"{beginning}…" for beginning in _FAMILIES_BY_BEGINNING)
    raise BadUserInput(
        f"type is one of {', '.join(TYPES)}, or begins with {others}, not {shown(name)}.",
        field="type",
        value=shown(name),
    )


def derived_type(input_type: str, kinds: Iterable[Kind], *, has_frames: bool) -> ProjectType | None:
    """The type of a project that another door made, by its asset type and the classes of its interface.

    None where this door has no shape for it. `has_frames` says that its videos are lists of pictures.
    """
    present = set(kinds)
    is_classification = present == {Kind.CLASSIFICATION}
    match input_type:
        case "IMAGE":
            name = "image_classification" if is_classification else _name_of("image", present)
        case "TEXT":
            name = "text_single_classification" if is_classification else "text_ner"
        case "AUDIO":
            name = "audio_single_classification" if is_classification else "audio_segmentation_single"
        case "VIDEO" if has_frames:
            name = "multi_image_classification" if is_classification else _name_of("sequential_image", present)
        case "VIDEO":
            name = "video_single_classification" if is_classification else _name_of("video", present)
        case _:
            return None
    return TYPES[name]


def _name_of(beginning: str, present: set[Kind]) -> str:
    """The narrow type of projects with classes of one kind, `…_all` otherwise."""
    if len(present) == 1 and (only := f"{beginning}_{next(iter(present)).value}") in TYPES:
        return only
    return f"{beginning}_all"
