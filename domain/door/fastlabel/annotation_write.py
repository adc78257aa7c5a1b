"""Annotations as they are sent: lists of objects, which become the answers of a label.

What has no place in an answer travels as extra keys of its annotation: `order`, the place in the list that was sent, and those
of `geometry`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from labelyard.domain.door.fastlabel.annotation_class import WHOLE_FILE, AnnotationClass, Ontology
from labelyard.domain.door.fastlabel.attribute import MAX_TEXT, answers_of
from labelyard.domain.door.fastlabel.file import File
from labelyard.domain.door.fastlabel.geometry import (
    Size,
    box_part,
    circle_part,
    fraction,
    line_part,
    marker_part,
    mask_parts,
    points_in,
    polygon_part,
)
from labelyard.domain.door.fastlabel.project_type import Kind
from labelyard.domain.door.fastlabel.value import flag_of, list_of, number_of, object_of, shown, text_of, whole_of
from labelyard.domain.error import BadUserInput
from labelyard.domain.interface.vocabulary import ASSET_LEVEL
from labelyard.domain.number import whole_number

Root = dict[str, Any]
MAX_ANNOTATIONS: Final = 20_000
MAX_SECONDS: Final = 10_000_000


@dataclass(slots=True)
class _Written:
    """The label that is being made."""

    file: File
    is_video: bool
    root: Root = field(default_factory=dict)
    scores: int = 0

    def add(self, job: str, annotation: Root, frame: int | None) -> None:
        """Add one annotation of a job, to a frame of a video."""
        answers = self.root if frame is None else self.root.setdefault(str(frame), {})
        answers.setdefault(job, {"annotations": []})["annotations"].append(annotation)

    def answer(self, answers: Mapping[str, Any]) -> None:
        """Add answers about the whole file."""
        target = self.root.setdefault(ASSET_LEVEL, {}) if self.is_video else self.root
        target.update(answers)


@dataclass(frozen=True, slots=True)
class WrittenLabel:
    """The answers of a list of annotations, the `mid` of each in order, and whether every one came with a confidence."""

    root: Root
    mids: Sequence[str]
    is_scored: bool


def label_of(sent: Any, ontology: Ontology, file: File, mint: Callable[[], str]) -> WrittenLabel:
    """The answers that a list of annotations gives; `mint` makes the `mid` of each."""
    written = _Written(file, file.is_video)
    annotations = list_of(sent, "annotations", limit=MAX_ANNOTATIONS)
    mids = []
    for order, item in enumerate(annotations):
        what = f"annotations[{order}]"
        given = object_of(item, what)
        one = class_named(given, ontology, what)
        mid = mint()
        mids.append(mid)
        answers = answers_of(given.get("attributes"), one.attributes, f"{what}.attributes")
        if one.job == WHOLE_FILE:
            written.answer(answers)
            continue
        score = given.get("confidenceScore")
        category: Root = {"name": one.value}
        base: Root = {"mid": mid, "order": order, "categories": [category]}
        if score is not None and number_of(score, f"{what}.confidenceScore") >= 0:
            written.scores += 1
            category["confidence"] = round(score * 100, 10)
            base["confidenceScore"] = score
        if answers:
            base["children"] = answers
        _write(written, one, given, base, what)
    return WrittenLabel(written.root, mids, bool(annotations) and written.scores == len(annotations))


def attributes_label_of(sent: Any, ontology: Ontology, file: File) -> Root:
    """The answers that a list of attributes gives, about the whole file."""
    attributes = ontology.whole_file.attributes if ontology.whole_file is not None else ()
    answers = answers_of(sent, attributes, "attributes")
    return {ASSET_LEVEL: answers} if file.is_video else answers


def class_named(given: Mapping[str, Any], ontology: Ontology, what: str) -> AnnotationClass:
    """The class that an annotation names by type and value."""
    kind, value = given.get("type"), given.get("value")
    one = ontology.by_kind_and_value.get((kind, value)) if isinstance(kind, str) and isinstance(value, str) else None
    if one is not None:
        return one
    same_value = [known.kind.value for known in ontology.classes if known.value == value]
    if same_value:
        raise BadUserInput(
            f"{what}.type {shown(kind)} does not fit the class {shown(value)}, whose type is {same_value[0]}.",
            field=f"{what}.type",
        )
    values = ", ".join(known.value for known in ontology.classes[:50]) or "none"
    raise BadUserInput(
        f"{what}.value {shown(value)} is no class of the project; its classes are: {values}.", field=f"{what}.value"
    )


def _write(written: _Written, one: AnnotationClass, given: Mapping[str, Any], base: Root, what: str) -> None:
    file = written.file
    if one.kind is Kind.NER:
        written.add(one.job, {**base, **_entity(given, file, what)}, None)
    elif file.is_audio:
        written.add(one.job, {**base, **_segment(given, what)}, None)
    elif file.contents:
        frame = _frame_of_content(given, file, what)
        for part in _drawn(one, given, given.get("points"), file.size_of(frame), what):
            written.add(one.job, {**base, **part, "isKeyFrame": True}, frame)
    elif file.is_video:
        _write_frames(written, one, given, base, what)
    else:
        for part in _drawn(one, given, given.get("points"), file.size, what):
            written.add(one.job, {**base, **part}, None)


def _write_frames(written: _Written, one: AnnotationClass, given: Mapping[str, Any], base: Root, what: str) -> None:
    points = object_of(given.get("points"), f"{what}.points")
    if not points:
        raise BadUserInput(f"{what}.points has at least one frame.", field=f"{what}.points")
    numbered = sorted((_frame_number(key, written.file, f"{what}.points"), value) for key, value in points.items())
    for frame, value in numbered:
        here = f"{what}.points[{frame}]"
        placed = object_of(value, here)
        is_key = not flag_of(placed.get("autogenerated", False), f"{here}.autogenerated")
        for part in _drawn(one, {**given, **placed}, placed.get("value"), written.file.size, here):
            written.add(one.job, {**base, **part, "isKeyFrame": is_key}, frame - 1)


def _frame_number(key: str, file: File, what: str) -> int:
    number = whole_number(key) or 0
    most = file.frames
    if number < 1 or str(number) != key or (most is not None and number > most):
        counted = f"1 to {most:,}" if most is not None else "1 on"
        raise BadUserInput(f"{what} names frames from {counted}, as text, not {shown(key)}.", field=what)
    return number


def _frame_of_content(given: Mapping[str, Any], file: File, what: str) -> int:
    content = given.get("content")
    known = [picture.name for picture in file.contents]
    if not isinstance(content, str) or content not in known:
        names = ", ".join(known[:20])
        raise BadUserInput(
            f"{what}.content {shown(content)} is no picture of the task; those are: {names}.", field=f"{what}.content"
        )
    return known.index(content)


def _drawn(one: AnnotationClass, given: Mapping[str, Any], points: Any, size: Size | None, what: str) -> Sequence[Root]:
    if size is None:
        raise BadUserInput(
            "The size of this picture is not known, so that its pixels cannot be placed; set the resolution of the asset first.",
            field=what,
        )
    match one.kind:
        case Kind.BBOX:
            return [box_part(points, given.get("rotation"), size, what)]
        case Kind.CIRCLE:
            return [circle_part(points, size, what)]
        case Kind.POLYGON:
            return [polygon_part(points, size, what)]
        case Kind.SEGMENTATION:
            parts = mask_parts(points, size, what)
            if one.max_area_count is not None and len(parts) > one.max_area_count:
                raise BadUserInput(
                    f"{what}.points has {len(parts)} regions; the class {one.value!r} takes {one.max_area_count}: "
                    "set its maxAreaCount to null to allow any number.",
                    field=f"{what}.points",
                )
            return parts
        case Kind.KEYPOINT:
            return [marker_part(points, size, what)]
        case Kind.LINE:
            return [line_part(points, size, what)]
        case _:
            return [_pose(one, given.get("keypoints"), size, what)]


def _pose(one: AnnotationClass, sent: Any, size: Size, what: str) -> Root:
    known = {point.key: point for point in one.keypoints}
    points = []
    for index, item in enumerate(list_of(sent, f"{what}.keypoints", limit=len(known))):
        here = f"{what}.keypoints[{index}]"
        given = object_of(item, here)
        key = given.get("key")
        if not isinstance(key, str) or key not in known:
            raise BadUserInput(
                f"{here}.key {shown(key)} is no key point of the class {one.value!r}; those are: {', '.join(known)}.",
                field=f"{here}.key",
            )
        value = given.get("value")
        if not value:
            continue
        numbers = list_of(value, f"{here}.value", limit=3)
        if len(numbers) != 3 or type(numbers[2]) is not int or numbers[2] not in (0, 1):  # x, y, visible
            raise BadUserInput(
                f"{here}.value is [x, y, 1 or 0 for visible], not {shown(value)}.", field=f"{here}.value"
            )
        (point,) = points_in(list(numbers[:2]), f"{here}.value", least=1, most=1)
        points.append(
            {
                "code": key,
                "name": known[key].name,
                "point": fraction(point, size),
                "jsonMetadata": {"visible": numbers[2]},
            }
        )
    return {"type": "pose", "points": points}


def _entity(given: Mapping[str, Any], file: File, what: str) -> Root:
    start = whole_of(given.get("start"), f"{what}.start", least=0, most=100_000_000)
    end = whole_of(given.get("end"), f"{what}.end", least=start + 1, most=100_000_001)
    content = given.get("text")
    known = file.text
    if known is not None and end > len(known):
        raise BadUserInput(
            f"{what}.end is at most {len(known):,}, where the text ends, not {end:,}.", field=f"{what}.end"
        )
    if content is None and known is not None:
        content = known[start:end]
    if content is None:
        raise BadUserInput(f"{what}.text is missing: the words of the entity.", field=f"{what}.text")
    return {
        "beginOffset": start,
        "endOffset": end,
        "content": text_of(content, f"{what}.text", limit=MAX_TEXT),
        "beginId": "main/[0]",
        "endId": "main/[0]",
    }


def _segment(given: Mapping[str, Any], what: str) -> Root:
    start, end = (number_of(given.get(name), f"{what}.{name}") for name in ("start", "end"))
    if not 0 <= start <= end <= MAX_SECONDS:
        raise BadUserInput(
            f"{what} begins at 0 seconds or later and ends after that, not {shown(start)} to {shown(end)}.", field=what
        )
    return {"type": "range", "start": start, "end": end}
