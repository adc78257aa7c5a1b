"""Bodies and queries of any kind at every route: they are taken or refused in the shape of the door, and nothing fails."""

from __future__ import annotations

import random
from typing import Any

import pytest

from labelyard.server.door.fastlabel import DOOR
from tests.file_samples import png
from tests.server.door.fastlabel.conftest import FastLabel, encoded

ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    1e308,
    "",
    "x",
    "\0",
    "é" * 3_000,
    "x" * 9_000,
    "../../etc",
    "%00",
    [],
    [None],
    [[]],
    [1, 2, 3, 4],
    [{}],
    {},
    {"key": {}},
    {"1": {"value": [1, 2, 3, 4]}},
]
KEYS = [
    "project",
    "name",
    "slug",
    "type",
    "value",
    "title",
    "color",
    "order",
    "attributes",
    "keypoints",
    "maxAreaCount",
    "annotations",
    "tags",
    "metadatas",
    "status",
    "externalStatus",
    "customTaskStatus",
    "priority",
    "relations",
    "file",
    "contents",
    "fileKey",
    "operator",
    "assignee",
    "reviewer",
    "workflow1User",
    "taskIds",
    "tagIds",
    "email",
    "role",
    "language",
    "resource",
    "taskId",
    "points",
    "text",
    "isResolved",
    "scale",
    "frame",
    "contentName",
    "contentId",
    "taskAnnotationId",
    "datasetName",
    "objectName",
    "dataset",
    "filePath",
    "licenses",
    "customMetadata",
    "datasetId",
    "visibility",
    "license",
    "id",
    "workflow",
    "isPixel",
    "jobSize",
    "externalCode1",
    "isDeleteExif",
]
QUERY = [
    "project",
    "offset",
    "limit",
    "status",
    "externalStatus",
    "tags",
    "taskName",
    "value",
    "keyword",
    "prefix",
    "taskId",
    "datasetName",
    "version",
    "revisionId",
    "types",
    "slug",
]
# What is refused on purpose, with a sentence.
NOT_OFFERED = 501


def body(random_: random.Random, known: dict[str, Any]) -> Any:
    """A body of some keys, most of which are what they should be or nearly so."""
    if random_.random() < 0.05:
        return random_.choice(ODD)
    chosen = {key: random_.choice(ODD) for key in random_.sample(KEYS, random_.randint(0, 8))}
    return {**chosen, **{key: value for key, value in known.items() if random_.random() < 0.8}}


def annotation(random_: random.Random) -> dict[str, Any]:
    return {
        "type": random_.choice(["bbox", "polygon", "segmentation", "classification", "line"]),
        "value": "cat",
        **{
            key: random_.choice(ODD)
            for key in random_.sample(["points", "rotation", "keypoints", "attributes", "confidenceScore"], 3)
        },
    }


@pytest.mark.parametrize("seed", range(1))
async def test_no_request_fails(fastlabel: FastLabel, seed: int):
    random_ = random.Random(seed)
    slug = await fastlabel.project(
        "image_all",
        {"type": "bbox", "value": "cat", "title": "Cat", "attributes": [{"key": "k", "type": "text"}]},
        {"type": "polygon", "value": "lake", "title": "Lake"},
    )
    task = await fastlabel.image(slug)
    (one, _) = await fastlabel.get("annotations", project=slug)
    (project,) = await fastlabel.get("projects", slug=slug)
    dataset = await fastlabel.post("datasets-v2", name=f"pictures-{seed}")
    ids = [task, one["id"], project["id"], dataset["id"], "nothing", "%00", "%C3%A9" * 100, "%ff"]
    failed = []
    for route in DOOR.routes:
        if route.verb == "DELETE" and route.pattern.text in ("/projects/{id}", "/datasets-v2/{id}"):
            continue
        for _ in range(3):
            path = "/".join(random_.choice(ids) if part.startswith("{") else part for part in route.pattern.segments)
            known = {
                "project": slug,
                "name": f"n{random_.random()}",
                "file": encoded(png(9, 9)),
                "filePath": encoded(png(9, 9)),
                "objectName": "a.png",
                "datasetName": dataset["name"],
                "taskIds": [task],
                "taskId": task,
                "type": "bbox",
                "annotations": [annotation(random_)],
            }
            query = {key: random_.choice(ODD) for key in random_.sample(QUERY, 3)} | {"project": slug}
            sent = None if route.verb in ("GET", "DELETE") else body(random_, known)
            answer = await fastlabel.send(
                route.verb, path, sent, {key: str(value)[:500] for key, value in query.items()}
            )
            if answer.status_code >= 500 and answer.status_code != NOT_OFFERED:
                failed.append((route.verb, path, sent, query, answer.text))
            elif answer.status_code >= 400:
                assert set(answer.json()) == {"statusCode", "error", "message"}
    assert failed == []
