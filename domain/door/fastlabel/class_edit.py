"""Changes of classes, made in the interface of a project."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.door.fastlabel.annotation_class import (
    CIRCLE,
    ENTITIES,
    RANGE,
    TOOL_OF_KIND,
    WHOLE_FILE,
    AnnotationClass,
    Keypoint,
    Ontology,
    kind_of_job,
)
from labelyard.domain.door.fastlabel.attribute import (
    MAX_KEY,
    MAX_NAME,
    Attribute,
    SentAttribute,
    job_of,
    sent_attributes,
)
from labelyard.domain.door.fastlabel.palette import color_at, color_of
from labelyard.domain.door.fastlabel.project_type import Kind
from labelyard.domain.door.fastlabel.value import list_of, object_of, text_of, texts_of, whole_of
from labelyard.domain.error import BadUserInput, Conflict
from labelyard.domain.interface.job import is_job_name

Json = dict[str, Any]
MAX_KEYPOINTS: Final = 500
MAX_AREAS: Final = 1_000
MAX_ORDER: Final = 10_000


@dataclass(frozen=True, slots=True)
class SentClass:
    """What a client says of a class; what it leaves out is None, and `max_area_count` is in `given` when it was sent."""

    value: str | None
    title: str | None
    color: str | None
    order: int | None
    attributes: Sequence[SentAttribute] | None
    keypoints: Sequence[Keypoint] | None
    max_area_count: int | None
    given: frozenset[str]


@dataclass(frozen=True, slots=True)
class EditedClass:
    """An interface with a class that was written, where it stands now, and what is kept beside it."""

    interface: Json
    job: str
    category: str
    details: Mapping[str, Any]


def sent_class(body: Mapping[str, Any]) -> SentClass:
    """What a body says of a class."""

    def optional(name: str, limit: int) -> str | None:
        return text_of(body[name], name, limit=limit, least=1) if body.get(name) is not None else None

    areas = body.get("maxAreaCount")
    order = body.get("order")
    return SentClass(
        value=optional("value", MAX_KEY),
        title=optional("title", MAX_NAME),
        color=color_of(body.get("color"), "color"),
        order=None if order is None else whole_of(order, "order", least=1, most=MAX_ORDER),
        attributes=sent_attributes(body["attributes"]) if body.get("attributes") is not None else None,
        keypoints=_sent_keypoints(body["keypoints"]) if body.get("keypoints") is not None else None,
        max_area_count=None if areas is None else whole_of(areas, "maxAreaCount", least=1, most=MAX_AREAS),
        given=frozenset(body),
    )


def _sent_keypoints(value: Any) -> list[Keypoint]:
    points = []
    for index, item in enumerate(list_of(value, "keypoints", limit=MAX_KEYPOINTS)):
        what = f"keypoints[{index}]"
        given = object_of(item, what)
        key = text_of(given.get("key"), f"{what}.key", limit=MAX_KEY, least=1)
        points.append(
            Keypoint(
                key=key,
                name=text_of(given.get("name", key), f"{what}.name", limit=MAX_NAME),
                color=color_of(given.get("color"), f"{what}.color") or color_at(index),
                edges=tuple(texts_of(given.get("edges"), f"{what}.edges", limit=MAX_KEYPOINTS, length=MAX_KEY)),
            )
        )
    keys = {point.key for point in points}
    if len(keys) < len(points):
        raise BadUserInput("keypoints has a key twice; give each point a key of its own.", field="keypoints")
    for point in points:
        for edge in point.edges:
            if edge not in keys:
                raise BadUserInput(
                    f"Key point {point.key!r} has an edge to {edge!r}, which is no key point of the class.",
                    field="keypoints",
                )
    return points


def with_class(
    interface: Mapping[str, Any], ontology: Ontology, kind: Kind, sent: SentClass, *, is_text: bool, is_audio: bool
) -> EditedClass:
    """The interface with a new class."""
    value = sent.value
    if value is None or sent.title is None:
        missing = "value" if value is None else "title"
        raise BadUserInput(f"A class needs a {missing}; give one.", field=missing)
    _require_free(ontology, value)
    edited = _editable(interface)
    job = _job_for(edited["jobs"], kind, is_text=is_text, is_audio=is_audio)
    categories = edited["jobs"][job]["content"]["categories"]
    category: Json = {"name": sent.title, "children": [], "color": sent.color or color_at(len(ontology.classes))}
    if sent.keypoints:
        _require_pose(kind)
    if kind is Kind.POSE_ESTIMATION:
        category["points"] = [_stored_point(point) for point in sent.keypoints or ()]
    details: Json = {"attributes": {}}
    if "maxAreaCount" in sent.given:
        details["maxAreaCount"] = sent.max_area_count
    if sent.order is not None:
        details["order"] = sent.order
    _insert(categories, value, category, _place(ontology, job, sent.order))
    _write_attributes(edited, job, value, kind, sent.attributes or (), (), details)
    return EditedClass(edited, job, value, details)


def with_changed_class(
    interface: Mapping[str, Any],
    ontology: Ontology,
    before: AnnotationClass,
    sent: SentClass,
    details: Mapping[str, Any],
) -> EditedClass:
    """The interface with a class changed; what was not sent stays as it is."""
    edited = _editable(interface)
    kept: Json = {**details}
    value = sent.value if sent.value is not None else before.value
    if value != before.value:
        _require_free(ontology, value)
    if before.job == WHOLE_FILE:
        return _with_changed_whole_file(edited, before, sent, value, kept)
    categories = edited["jobs"][before.job]["content"]["categories"]
    category = categories[before.value]
    if sent.title is not None:
        category["name"] = sent.title
    if sent.color is not None:
        category["color"] = sent.color
    if sent.keypoints is not None:
        _require_pose(before.kind)
        category["points"] = [_stored_point(point) for point in sent.keypoints]
    if "maxAreaCount" in sent.given:
        kept["maxAreaCount"] = sent.max_area_count
    if value != before.value or sent.order is not None:
        place: int | None = list(categories).index(before.value)
        del categories[before.value]
        if sent.order is not None:
            kept["order"] = sent.order
            place = _place(ontology, before.job, sent.order, without=before.value)
        _insert(categories, value, category, place)
    if sent.attributes is not None:
        _write_attributes(edited, before.job, value, before.kind, sent.attributes, before.attributes, kept)
    return EditedClass(edited, before.job, value, kept)


def without_class(interface: Mapping[str, Any], before: AnnotationClass) -> Json:
    """The interface without a class, and without the jobs that only it opened."""
    edited = _editable(interface)
    jobs = edited["jobs"]
    if before.job == WHOLE_FILE:
        for attribute in before.attributes:
            _drop_unopened(jobs, set(_children(jobs.pop(attribute.job))))
        return edited
    categories = jobs[before.job]["content"]["categories"]
    opened = set(categories.pop(before.value).get("children") or ())
    if not categories:
        del jobs[before.job]
    _drop_unopened(jobs, opened)
    return edited


def with_whole_file_class(interface: Mapping[str, Any], ontology: Ontology, sent: SentClass) -> EditedClass:
    """The interface with questions about the whole file."""
    if ontology.whole_file is not None:
        raise Conflict(
            "The project has a classification class already; change it with update_classification_annotation.",
            annotationId=ontology.whole_file.id,
        )
    if not sent.attributes:
        raise BadUserInput("A classification class needs at least one attribute.", field="attributes")
    edited = _editable(interface)
    value = sent.value or "classification"
    _require_free(ontology, value)
    details: Json = {"attributes": {}}
    details |= _own_values(sent)
    _write_attributes(edited, WHOLE_FILE, value, Kind.CLASSIFICATION, sent.attributes, (), details)
    return EditedClass(edited, WHOLE_FILE, value, details)


def _with_changed_whole_file(
    edited: Json, before: AnnotationClass, sent: SentClass, value: str, kept: Json
) -> EditedClass:
    kept |= _own_values(sent)
    if sent.attributes is not None:
        if not sent.attributes:
            raise BadUserInput(
                "A classification class needs at least one attribute; delete the class to have none.",
                field="attributes",
            )
        _write_attributes(edited, WHOLE_FILE, value, Kind.CLASSIFICATION, sent.attributes, before.attributes, kept)
    return EditedClass(edited, WHOLE_FILE, value, kept)


def _own_values(sent: SentClass) -> Json:
    """What is kept of a class that is no category."""
    values = {"title": sent.title, "color": sent.color, "order": sent.order}
    return {name: value for name, value in values.items() if value is not None}


def _editable(interface: Mapping[str, Any]) -> Json:
    edited = copy.deepcopy(dict(interface))
    edited["jobs"] = dict(edited.get("jobs") or {})
    return edited


def _require_free(ontology: Ontology, value: str) -> None:
    taken = next((one for one in ontology.classes if one.value == value), None)
    if taken is not None:
        raise Conflict(
            f"The project has a class with the value {value!r} already, of the type {taken.kind}; choose another value.",
            annotationId=taken.id,
        )


def _require_pose(kind: Kind) -> None:
    if kind is not Kind.POSE_ESTIMATION:
        raise BadUserInput(f"keypoints are for classes of the type pose_estimation, not {kind}.", field="keypoints")


def _job_for(jobs: Json, kind: Kind, *, is_text: bool, is_audio: bool) -> str:
    """The job that new classes of a kind go into, made when there is none."""
    for name, job in jobs.items():
        if kind_of_job(name, job) is kind and isinstance((job.get("content") or {}).get("categories"), dict):
            return str(name)
    if is_text:
        wanted, job = ENTITIES, {"mlTask": "NAMED_ENTITIES_RECOGNITION"}
    elif is_audio:
        wanted, job = RANGE, {"mlTask": "OBJECT_DETECTION", "tools": ["range"]}
    else:
        wanted = CIRCLE if kind is Kind.CIRCLE else kind.value.upper()
        job = {"mlTask": "OBJECT_DETECTION", "tools": [TOOL_OF_KIND[kind]]}
    name = _free_name(jobs, wanted)
    jobs[name] = {
        **job,
        "required": 0,
        "isChild": False,
        "isVisible": True,
        "instruction": "",
        "content": {"input": "radio", "categories": {}},
    }
    return name


def _free_name(jobs: Mapping[str, Any], wanted: str) -> str:
    name, number = wanted, 2
    while name in jobs:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _place(ontology: Ontology, job: str, order: int | None, *, without: str | None = None) -> int | None:
    """Where a category goes among those of its job to have an order; None for the end."""
    if order is None:
        return None
    others = [one for one in ontology.classes if one.job == job and one.value != without]
    return sum(one.order < order for one in others)


def _insert(categories: Json, key: str, category: Json, place: int | None) -> None:
    items = list(categories.items())
    items.insert(len(items) if place is None else place, (key, category))
    categories.clear()
    categories.update(items)


def _stored_point(point: Keypoint) -> Json:
    return {
        "code": point.key,
        "name": point.name,
        "jsonMetadata": {"color": point.color, "edges": list(point.edges)},
    }


def _write_attributes(  # what an interface needs to know of them
    edited: Json,
    opener: str,
    value: str,
    kind: Kind,
    sent: Sequence[SentAttribute],
    before: Sequence[Attribute],
    details: Json,
) -> None:
    """Replace the attributes of a class: those named by id or key are changed in place, those not sent go."""
    jobs = edited["jobs"]
    by_id = {attribute.id: attribute for attribute in before if attribute.id}
    by_key = {attribute.key: attribute for attribute in before}
    written: dict[str, Json] = {}
    names: list[str] = []
    for one in sent:
        known = by_id.get(one.id or "")
        if one.id and known is None:
            raise BadUserInput(
                f"The class has no attribute with the id {one.id!r}; leave the id out to add one.", field="attributes"
            )
        known = known or by_key.get(one.key)
        is_child = opener != WHOLE_FILE
        name = (
            known.job
            if known is not None and known.job not in names
            else _free_name(jobs, _job_name(one, value, kind, is_child=is_child))
        )
        jobs[name] = job_of(one, is_child=is_child, before=jobs.get(name))
        names.append(name)
        written[name] = {"key": one.key, "type": one.type, "value": one.default}
    gone = {attribute.job for attribute in before} - set(names)
    details["attributes"] = written
    if opener == WHOLE_FILE:
        for name in gone:
            del jobs[name]
        # The order of the attributes is that of the jobs.
        placed = {name: jobs.pop(name) for name in names}
        jobs.update(placed)
    else:
        category = jobs[opener]["content"]["categories"][value]
        others = [name for name in category.get("children") or () if name not in gone and name not in names]
        category["children"] = [*names, *others]
    _drop_unopened(jobs, gone)


def _job_name(sent: SentAttribute, value: str, kind: Kind, *, is_child: bool) -> str:
    if is_child:
        return f"{kind.value}_{value}_{sent.key}".upper()
    return sent.key if is_job_name(sent.key) else f"ATTRIBUTE_{sent.key}"


def _drop_unopened(jobs: Json, candidates: set[str]) -> None:
    """Remove those of these nested jobs that nothing opens any more, and what only they opened."""
    while candidates:
        opened = {child for job in jobs.values() for child in _children(job)}
        unopened = [
            name
            for name in candidates
            if name in jobs and name not in opened and jobs[name].get("isChild") in (True, 1)
        ]
        candidates = {child for name in unopened for child in _children(jobs.pop(name))}


def _children(job: Mapping[str, Any]) -> list[str]:
    categories = (job.get("content") or {}).get("categories") or {}
    listed = [child for category in categories.values() for child in category.get("children") or ()]
    points = [point for category in categories.values() for point in category.get("points") or ()]
    return listed + [child for point in points if isinstance(point, dict) for child in point.get("children") or ()]
