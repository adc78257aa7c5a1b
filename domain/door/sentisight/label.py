"""Labels of images as they are uploaded, and the interface that holds them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from labelyard.domain.error import BadUserInput
from labelyard.domain.number import whole_number
from labelyard.domain.text import MAX_EXTERNAL_ID

JOB: Final = "LABELS"
MAX_ROWS: Final = 10_000
MAX_LABELS_OF_IMAGE: Final = 100
MAX_LABEL: Final = 200

Labels = dict[str, list[str]]
"""The labels of images by their names, the default label first."""


def labels_of_csv(text: str) -> Labels:
    """The labels of `name,label[,label…]` rows below a head line."""
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise BadUserInput(f"The CSV cannot be read: {error}.") from error
    if not rows or [cell.strip().lower() for cell in rows[0][:2]] != ["name", "label"]:
        raise BadUserInput("The CSV begins with the line name,label; a row names an image and its labels.")
    return _labels((row[0], [cell for cell in row[1:] if cell]) for row in rows[1:] if row)


def labels_of_json(value: Any) -> Labels:
    """The labels of `[{name, labels, default}]`; the default label comes first, and is the first one unless it is named."""
    if not isinstance(value, list):
        raise BadUserInput("Labels are a JSON list of {name, labels, default}.")
    return _labels(_item(item) for item in value)


def _item(item: Any) -> tuple[str, list[str]]:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise BadUserInput("Each entry of the list has a name and labels, as {name, labels, default}.")
    labels = item.get("labels", [])
    default = item.get("default")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise BadUserInput(f"The labels of image {item['name'][:100]!r} are a list of texts.")
    if default is None:
        return item["name"], labels
    if not isinstance(default, str):
        raise BadUserInput(f"The default label of image {item['name'][:100]!r} is a text.")
    return item["name"], [default, *(label for label in labels if label != default)]


def labels_of_coco(value: Any) -> Labels:
    """The classes of the objects of each image of a COCO file, in the order in which they first occur."""
    if not isinstance(value, dict):
        raise BadUserInput("A COCO file is a JSON object with images, annotations and categories.")
    try:
        names = {one["id"]: str(one["file_name"]) for one in value["images"]}
        classes = {one["id"]: str(one["name"]) for one in value["categories"]}
        found: Labels = {name: [] for name in names.values()}
        for one in value["annotations"]:
            found[names[one["image_id"]]].append(classes[one["category_id"]])
    except (KeyError, TypeError) as error:
        raise BadUserInput(f"The COCO file lacks {error}: it has images, annotations and categories.") from error
    return _labels(found.items())


def labels_of_yolo(classes: Sequence[str], files: Mapping[str, str], images: Mapping[str, str]) -> Labels:
    """The classes of the boxes in the texts of YOLO; `images` gives the names of images by those without their ending."""
    found: Labels = {}
    for stem, text in files.items():
        labels = []
        for line in text.splitlines():
            number, *_ = [*line.split(), ""]
            if not number:
                continue
            place = whole_number(number)
            if place is None or place >= len(classes):
                raise BadUserInput(f"{stem[:100]}.txt names class {number[:20]!r}; there are {len(classes)} classes.")
            labels.append(classes[place])
        found[images.get(stem, stem)] = labels
    return _labels(found.items())


def _labels(pairs: Iterable[tuple[str, Sequence[str]]]) -> Labels:
    found: Labels = {}
    for name, labels in pairs:
        if not 1 <= len(name) <= MAX_EXTERNAL_ID:
            raise BadUserInput(f"The name of an image has 1 to {MAX_EXTERNAL_ID} characters, not {len(name):,}.")
        if name in found:
            raise BadUserInput(f"Image {name[:100]!r} is named twice; name it once, with all of its labels.")
        if len(labels) > MAX_LABELS_OF_IMAGE:
            raise BadUserInput(f"Image {name[:100]!r} has {len(labels):,} labels; it may have {MAX_LABELS_OF_IMAGE}.")
        for label in labels:
            if not 1 <= len(label) <= MAX_LABEL or not label.isprintable():
                raise BadUserInput(f"A label is 1 to {MAX_LABEL} characters that can be shown, not {label[:50]!r}.")
        found[name] = list(dict.fromkeys(labels))
        if len(found) > MAX_ROWS:
            raise BadUserInput(f"[tooManyItems] Label at most {MAX_ROWS:,} images in one request.", limit=MAX_ROWS)
    return found


def with_labels(interface: Mapping[str, Any], job_name: str | None, labels: Iterable[str]) -> dict[str, Any] | None:
    """The interface with a category for each label that has none; None when it has them all."""
    jobs = dict(interface.get("jobs") or {})
    name = job_name or JOB
    job = jobs.get(name) or {
        "mlTask": "CLASSIFICATION",
        "instruction": "Labels",
        "required": 0,
        "isChild": False,
        "content": {"input": "checkbox", "categories": {}},
    }
    categories = dict(job["content"].get("categories") or {})
    missing = [label for label in dict.fromkeys(labels) if label not in categories]
    if not missing:
        return None
    categories |= {label: {"name": label, "children": []} for label in missing}
    jobs[name] = {**job, "content": {**job["content"], "categories": categories}}
    return {**interface, "jobs": jobs}


def answer_with(answer: Mapping[str, Any], job_name: str, labels: Sequence[str]) -> dict[str, Any]:
    """An answer with other labels in one job; those of other jobs stay."""
    others = {name: value for name, value in answer.items() if name != job_name}
    if not labels:
        return others
    return {**others, job_name: {"categories": [{"name": label, "confidence": 100} for label in labels]}}


def by_similarity(neighbours: Iterable[tuple[Sequence[str], float]]) -> list[dict[str, Any]]:
    """Labels by the labels of similar images, weighted by how alike they are; scores add up to 100."""
    weights: dict[str, float] = {}
    for labels, cosine in neighbours:
        for label in labels:
            weights[label] = weights.get(label, 0.0) + max(cosine, 0.0)
    total = sum(weights.values())
    made = sorted(weights.items(), key=lambda pair: -pair[1])
    return [{"label": label, "score": round(100 * weight / total, 4)} for label, weight in made if total > 0]
