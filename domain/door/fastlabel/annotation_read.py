"""Annotations as they are answered, of labels made through any door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from labelyard.domain.door.fastlabel.annotation_class import AnnotationClass, Ontology
from labelyard.domain.door.fastlabel.attribute import values_in
from labelyard.domain.door.fastlabel.file import File
from labelyard.domain.door.fastlabel.geometry import (
    Part,
    Size,
    box_points,
    circle_points,
    line_points,
    marker_points,
    mask_points,
    pixel,
    pixels,
    polygon_points,
)
from labelyard.domain.door.fastlabel.project_type import Kind
from labelyard.domain.door.fastlabel.value import is_number
from labelyard.domain.interface.vocabulary import ASSET_LEVEL
from labelyard.domain.number import whole_number

Root = dict[str, Any]
BY_A_PERSON: Final = -1
"""The `confidenceScore` of what a person drew."""


@dataclass(slots=True)
class _Track:
    """One annotation as it is found in a label: its parts, by frame."""

    one: AnnotationClass
    place: int
    parts: dict[int | None, list[Part]] = field(default_factory=dict)

    @property
    def first(self) -> Part:
        """The part that says what all share."""
        return next(iter(self.parts.values()))[0]

    @property
    def order(self) -> tuple[float, int]:
        """The place in the list that was written, else behind those, as found."""
        order = self.first.get("order")
        return (order if type(order) is int and order >= 0 else float("inf"), self.place)


def annotations_in(root: Any, ontology: Ontology, file: File, *, is_by_model: bool) -> list[dict[str, Any]]:
    """The annotations of a label, in the order they were written in; `is_by_model` says that confidences are a model's.

    What this door cannot say is left out: jobs without classes, annotations of other tools, and geometry in a picture whose size
    is not known.
    """
    if not isinstance(root, dict):
        return []
    tracks = sorted(_tracks(root, ontology, file), key=lambda track: track.order)
    shapes = [shape for track in tracks if (shape := _shape(track, file, is_by_model=is_by_model)) is not None]
    whole = ontology.whole_file
    if whole is not None:
        values = attributes_in(root, ontology, file)
        if values:
            shapes.append(_whole_file_shape(whole, values))
    return shapes


def attributes_in(root: Any, ontology: Ontology, file: File) -> list[dict[str, Any]]:
    """The attributes about the whole file that a label answers."""
    whole = ontology.whole_file
    if whole is None or not isinstance(root, dict):
        return []
    return values_in(_whole_answers(root, file), whole.attributes)


def _whole_answers(root: Root, file: File) -> Any:
    if not file.is_video:
        return root
    # A label about the whole video may be written without the level, in the older form.
    return root[ASSET_LEVEL] if isinstance(root.get(ASSET_LEVEL), dict) else root


def _tracks(root: Root, ontology: Ontology, file: File) -> Iterable[_Track]:
    found: dict[tuple[str, str, str], _Track] = {}
    for frame, answers in _frames(root, file):
        for job in ontology.shown_jobs & answers.keys():
            for annotation in annotations_of(answers[job]):
                one = class_of_annotation(annotation, job, ontology)
                if one is None:
                    continue
                mid = annotation.get("mid")
                # Annotations without a mid, or of kinds that have one part, each stand for themselves.
                is_joined = mid is not None and (frame is not None or one.kind is Kind.SEGMENTATION)
                key = (job, one.value, str(mid) if is_joined else f"\0{len(found)}")
                track = found.setdefault(key, _Track(one, len(found)))
                track.parts.setdefault(frame, []).append(annotation)
    return found.values()


def _frames(root: Root, file: File) -> Iterable[tuple[int | None, Root]]:
    if not file.is_video:
        return [(None, root)]
    numbered = {
        frame: answers
        for key, answers in root.items()
        if (frame := whole_number(key)) is not None and isinstance(answers, dict)
    }
    return sorted(numbered.items(), key=itemgetter(0))


def annotations_of(answer: Any) -> Iterable[Root]:
    """The annotations of an answer."""
    listed = answer.get("annotations") if isinstance(answer, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


_TYPE_OF_KIND: Final = {
    Kind.BBOX: "rectangle",
    Kind.POLYGON: "polygon",
    Kind.CIRCLE: "polygon",
    Kind.SEGMENTATION: "semantic",
    Kind.KEYPOINT: "marker",
    Kind.LINE: "polyline",
    Kind.POSE_ESTIMATION: "pose",
}
_GEOMETRY_OF_KIND: Final = {
    Kind.BBOX: "boundingPoly",
    Kind.POLYGON: "boundingPoly",
    Kind.CIRCLE: "boundingPoly",
    Kind.SEGMENTATION: "boundingPoly",
    Kind.KEYPOINT: "point",
    Kind.LINE: "polyline",
    Kind.POSE_ESTIMATION: "points",
}


def class_of_annotation(annotation: Part, job: str, ontology: Ontology) -> AnnotationClass | None:
    """The class of an annotation, where this door can say both."""
    categories = annotation.get("categories")
    first = categories[0] if isinstance(categories, list) and categories else None
    name = first.get("name") if isinstance(first, dict) else None
    one = ontology.by_category.get((job, name)) if isinstance(name, str) else None
    return one if one is not None and _is_sayable(annotation, one.kind) else None


def _is_sayable(annotation: Part, kind: Kind) -> bool:
    if kind is Kind.NER:
        return type(annotation.get("beginOffset")) is int and isinstance(annotation.get("content"), str)
    if annotation.get("type") == "range":
        return kind is Kind.SEGMENTATION and _interval(annotation) is not None
    written = annotation.get("type") or _TYPE_OF_KIND.get(kind)
    is_pose = kind is Kind.POSE_ESTIMATION and written == "marker" and "points" in annotation
    return (written == _TYPE_OF_KIND.get(kind) or is_pose) and (
        bool(annotation.get(_GEOMETRY_OF_KIND[kind])) or (kind is Kind.POSE_ESTIMATION and "points" in annotation)
    )


def _shape(track: _Track, file: File, *, is_by_model: bool) -> dict[str, Any] | None:
    one, first = track.one, track.first
    shape: dict[str, Any] = {
        "id": str(first.get("mid") or ""),
        "type": one.kind.value,
        "title": one.title,
        "value": one.value,
        "color": one.color,
        "attributes": values_in(first.get("children"), one.attributes),
        "points": [],
        "rotation": 0,
        "keypoints": [],
        "confidenceScore": _score(first, is_by_model=is_by_model),
    }
    if one.kind is Kind.NER:
        begin, content = first["beginOffset"], first["content"]
        end = first.get("endOffset")
        return {**shape, "start": begin, "end": end if type(end) is int else begin + len(content), "text": content}
    if first.get("type") == "range":
        interval = _interval(first)
        return None if interval is None else {**shape, "start": interval[0], "end": interval[1]}
    if file.contents:
        frame, parts = next(iter(track.parts.items()))
        size = file.size_of(frame)
        if frame is None or size is None:
            return None
        return {**shape, **_placed(one, parts, size), "content": file.contents[frame].name}
    if file.size is None:
        return None
    if file.is_video:
        placed = {frame: _placed(one, parts, file.size) for frame, parts in track.parts.items()}
        points = {
            str((frame or 0) + 1): {
                "value": placed[frame]["points"],
                "autogenerated": parts[0].get("isKeyFrame") is False,
            }
            for frame, parts in track.parts.items()
        }
        return {**shape, **next(iter(placed.values())), "points": points}
    return {**shape, **_placed(one, track.parts[None], file.size)}


def _placed(one: AnnotationClass, parts: Sequence[Part], size: Size) -> dict[str, Any]:
    """The keys that geometry decides."""
    first = parts[0]
    match one.kind:
        case Kind.BBOX:
            points, rotation = box_points(first, size)
            return {"points": points, "rotation": rotation}
        case Kind.CIRCLE:
            return {"points": circle_points(first, size)}
        case Kind.POLYGON:
            return {"points": polygon_points(first, size)}
        case Kind.SEGMENTATION:
            return {"points": mask_points(parts, size)}
        case Kind.KEYPOINT:
            return {"points": marker_points(first, size)}
        case Kind.LINE:
            return {"points": line_points(first, size)}
        case _:
            return {"points": [], "keypoints": _keypoints(one, first, size)}


def _keypoints(one: AnnotationClass, part: Part, size: Size) -> list[dict[str, Any]]:
    known = {point.key: point for point in one.keypoints}
    shapes = []
    for item in part["points"]:
        point = known.get(item.get("code"))
        if point is None or not item.get("point"):
            continue
        metadata = item.get("jsonMetadata")
        visible = metadata.get("visible") if isinstance(metadata, dict) else None
        x, y = pixels(item["point"], size)
        shapes.append(
            {
                "key": point.key,
                "name": point.name,
                "value": [pixel(x), pixel(y), 0 if visible in (0, False) else 1],
                "edges": list(point.edges),
            }
        )
    return shapes


def _score(part: Part, *, is_by_model: bool) -> float | int:
    confidence: Any = part["categories"][0].get("confidence")
    score: Any = part.get("confidenceScore")
    if not is_number(confidence):
        return BY_A_PERSON
    if is_number(score) and round(score * 100, 10) == confidence:
        return float(score) if isinstance(score, float) else int(score)
    return round(confidence / 100, 12) if is_by_model else BY_A_PERSON


def _interval(part: Part) -> tuple[Any, Any] | None:
    for holder in (part, part.get("range")):
        if isinstance(holder, dict) and all(is_number(holder.get(name)) for name in ("start", "end")):
            return holder["start"], holder["end"]
    return None


def _whole_file_shape(whole: AnnotationClass, values: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": whole.id,
        "type": whole.kind.value,
        "title": whole.title,
        "value": whole.value,
        "color": whole.color,
        "attributes": values,
        "points": [],
        "rotation": 0,
        "keypoints": [],
        "confidenceScore": BY_A_PERSON,
    }
