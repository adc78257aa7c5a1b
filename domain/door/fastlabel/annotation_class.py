"""Classes of annotations: categories of jobs in the store, read with what is kept beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from labelyard.domain.door.fastlabel.attribute import Attribute, attribute_of, shape_of
from labelyard.domain.door.fastlabel.palette import color_at, is_color
from labelyard.domain.door.fastlabel.project_type import Kind
from labelyard.domain.door.fastlabel.time import text_of_time

Json = Mapping[str, Any]
CLASSIFICATION_VALUE: Final = "classification"
ENTITIES: Final = "NER"
RANGE: Final = "SEGMENTATION"
CIRCLE: Final = "CIRCLE"
TOOL_OF_KIND: Final = {
    Kind.BBOX: "rectangle",
    Kind.POLYGON: "polygon",
    Kind.KEYPOINT: "marker",
    Kind.LINE: "polyline",
    Kind.SEGMENTATION: "semantic",
    Kind.POSE_ESTIMATION: "pose",
    Kind.CIRCLE: "polygon",
    # Of verbatim projects, whose classes are in an interface of the door's own.
    Kind.CUBOID: "cuboid",
    Kind.SUB_TASK: "sub_task",
}
_KIND_OF_TOOL: Final = {tool: kind for kind, tool in TOOL_OF_KIND.items() if kind is not Kind.CIRCLE} | {
    "range": Kind.SEGMENTATION
}
WHOLE_FILE: Final = ""
"""In place of a job: the class whose attributes are the main jobs that ask about the whole file."""


@dataclass(frozen=True, slots=True)
class ClassRecord:
    """What is kept of a class beside the interface, by its job and category.

    `details` may hold `order`, `maxAreaCount`, `attributes` by job, and all of a class of a verbatim project.
    """

    id: str
    job: str
    category: str
    details: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Keypoint:
    """A named point of a pose; `edges` are the keys of those it is joined with."""

    key: str
    name: str
    color: str
    edges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnnotationClass:
    """A class; `id` is empty as long as nothing is kept of it."""

    id: str
    kind: Kind
    value: str
    title: str
    color: str
    order: int
    job: str
    attributes: tuple[Attribute, ...] = ()
    keypoints: tuple[Keypoint, ...] = ()
    max_area_count: int | None = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def shape(self) -> dict[str, Any]:
        """The class as it is answered."""
        return {
            "id": self.id,
            "type": self.kind.value,
            "value": self.value,
            "title": self.title,
            "color": self.color,
            "order": self.order,
            "vertex": 0,
            "attributes": [shape_of(attribute, place) for place, attribute in enumerate(self.attributes, 1)],
            "keypoints": [self._keypoint(point) for point in self.keypoints],
            "maxAreaCount": self.max_area_count,
            "createdAt": text_of_time(self.created_at),
            "updatedAt": text_of_time(self.updated_at),
        }

    def _keypoint(self, point: Keypoint) -> dict[str, Any]:
        return {
            "id": self.keypoint_id(point.key),
            "key": point.key,
            "name": point.name,
            "color": point.color,
            "edges": [self.keypoint_id(key) for key in point.edges],
            "value": [],
        }

    def keypoint_id(self, key: str) -> str:
        """The id of a key point: its key is unique in the class."""
        return f"{self.id}-{key}"


@dataclass(frozen=True)
class Ontology:
    """The classes of a project, in order."""

    classes: tuple[AnnotationClass, ...] = ()
    shown_jobs: frozenset[str] = field(default_factory=frozenset)
    """The main jobs that classes are in."""

    @cached_property
    def by_kind_and_value(self) -> Mapping[tuple[str, str], AnnotationClass]:
        """Classes by type and value, as annotations name them."""
        return {(one.kind.value, one.value): one for one in self.classes}

    @cached_property
    def by_category(self) -> Mapping[tuple[str, str], AnnotationClass]:
        """Classes by job and category key, as labels name them."""
        return {(one.job, one.value): one for one in self.classes}

    @cached_property
    def whole_file(self) -> AnnotationClass | None:
        """The class whose attributes are about the whole file."""
        return next((one for one in self.classes if one.job == WHOLE_FILE), None)

    @cached_property
    def whole_file_jobs(self) -> frozenset[str]:
        """The main jobs that ask about the whole file."""
        return frozenset(attribute.job for attribute in self.whole_file.attributes) if self.whole_file else frozenset()

    @property
    def kinds(self) -> list[Kind]:
        """The types of its classes, each once."""
        return list(dict.fromkeys(one.kind for one in self.classes))

    def by_id(self, identifier: str) -> AnnotationClass | None:
        """The class of an id."""
        return next((one for one in self.classes if one.id == identifier), None)


def ontology_of(interface: Json, records: Iterable[ClassRecord]) -> Ontology:
    """The classes that an interface has.

    Left out is what this door cannot say: jobs of other tasks and tools, and a category whose kind and key an earlier job has.
    """
    kept = {(record.job, record.category): record for record in records}
    jobs: Json = interface.get("jobs") or {}
    classes: list[AnnotationClass] = []
    taken: set[tuple[Kind, str]] = set()
    shown: set[str] = set()
    for name, job in jobs.items():
        kind = kind_of_job(name, job)
        if kind is None:
            continue
        for key, category in ((job.get("content") or {}).get("categories") or {}).items():
            if (kind, key) in taken:
                continue
            taken.add((kind, key))
            shown.add(name)
            classes.append(_class_of(kind, name, key, category, jobs, kept.get((name, key)), place=len(classes)))
    whole = _whole_file(jobs, kept, place=len(classes))
    if whole is not None:
        classes.append(whole)
        shown |= {attribute.job for attribute in whole.attributes}
    return Ontology(tuple(_in_order(classes, kept)), frozenset(shown))


def kind_of_job(name: str, job: Json) -> Kind | None:
    """The type of the classes that a job has; None for jobs without any."""
    if job.get("isModel") in (True, 1) or job.get("isChild") in (True, 1):
        return None
    match job.get("mlTask"):
        case "NAMED_ENTITIES_RECOGNITION":
            return Kind.NER
        case "OBJECT_DETECTION" | "POSE_ESTIMATION" as task:
            tools = job.get("tools") or (["pose"] if task == "POSE_ESTIMATION" else [])
            tool = str(next(iter(tools), ""))
            return Kind.CIRCLE if name == CIRCLE and tool == "polygon" else _KIND_OF_TOOL.get(tool)
        case _:
            return None


def is_whole_file_job(job: Json) -> bool:
    """Whether a main job asks about the whole file."""
    is_main = job.get("isModel") not in (True, 1) and job.get("isChild") not in (True, 1)
    return is_main and job.get("mlTask") in ("CLASSIFICATION", "TRANSCRIPTION")


def _class_of(
    kind: Kind, job: str, key: str, category: Json, jobs: Json, record: ClassRecord | None, *, place: int
) -> AnnotationClass:
    details: Json = record.details if record is not None else {}
    of_job: Json = details.get("attributes") or {}
    identifier = record.id if record is not None else ""
    attributes = [
        attribute_of(child, jobs[child], identifier, of_job.get(child))
        for child in category.get("children") or ()
        if child in jobs
    ]
    return AnnotationClass(
        id=identifier,
        kind=kind,
        value=key,
        title=str(category["name"]),
        color=category["color"] if is_color(category.get("color")) else color_at(place),
        order=0,
        job=job,
        attributes=_first_of_each_key(attributes),
        keypoints=tuple(_keypoint(point) for point in category.get("points") or () if isinstance(point, dict)),
        max_area_count=details.get("maxAreaCount", 1),
        created_at=record.created_at if record is not None else None,
        updated_at=record.updated_at if record is not None else None,
    )


def _keypoint(point: Json) -> Keypoint:
    metadata = point.get("jsonMetadata")
    kept: Json = metadata if isinstance(metadata, dict) else {}
    key = str(point["code"])
    edges = kept.get("edges")
    return Keypoint(
        key=key,
        name=str(point.get("name") or key),
        color=str(kept["color"]) if is_color(kept.get("color")) else color_at(0),
        edges=tuple(edge for edge in edges if isinstance(edge, str)) if isinstance(edges, list) else (),
    )


def _whole_file(jobs: Json, kept: Mapping[tuple[str, str], ClassRecord], *, place: int) -> AnnotationClass | None:
    record = next((one for (job, _), one in kept.items() if job == WHOLE_FILE), None)
    details: Json = record.details if record is not None else {}
    of_job: Json = details.get("attributes") or {}
    identifier = record.id if record is not None else ""
    attributes = _first_of_each_key(
        [attribute_of(name, job, identifier, of_job.get(name)) for name, job in jobs.items() if is_whole_file_job(job)]
    )
    if not attributes:
        return None
    return AnnotationClass(
        id=identifier,
        kind=Kind.CLASSIFICATION,
        value=record.category if record is not None else CLASSIFICATION_VALUE,
        title=str(details.get("title") or CLASSIFICATION_VALUE),
        color=str(details["color"]) if is_color(details.get("color")) else color_at(place),
        order=0,
        job=WHOLE_FILE,
        attributes=attributes,
        created_at=record.created_at if record is not None else None,
        updated_at=record.updated_at if record is not None else None,
    )


def _first_of_each_key(attributes: Sequence[Attribute | None]) -> tuple[Attribute, ...]:
    """A key names one attribute of a class: of several jobs that had the same, the first is shown."""
    found: dict[str, Attribute] = {}
    for attribute in attributes:
        if attribute is not None:
            found.setdefault(attribute.key, attribute)
    return tuple(found.values())


def _in_order(
    classes: Sequence[AnnotationClass], kept: Mapping[tuple[str, str], ClassRecord]
) -> Iterable[AnnotationClass]:
    """The classes with their `order`, from 1: the one each was given, as long as the categories of its job stand that way."""
    given: dict[tuple[str, str], Any] = {}
    for one in classes:
        record = kept.get((one.job, one.value))
        order = record.details.get("order") if record is not None else None
        if type(order) is int:
            given[one.job, one.value] = order
    stale = {one.job for one in classes if not _is_rising(one.job, classes, given)}
    for place, one in enumerate(classes, 1):
        order = place if one.job in stale else given.get((one.job, one.value), place)
        yield replace(one, order=order)


def _is_rising(job: str, classes: Sequence[AnnotationClass], given: Mapping[tuple[str, str], int]) -> bool:
    orders = [given[one.job, one.value] for one in classes if one.job == job and (one.job, one.value) in given]
    return orders == sorted(orders)
