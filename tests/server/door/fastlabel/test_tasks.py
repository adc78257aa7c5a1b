"""Tasks with annotations: made, found, changed, deleted, and seen through GraphQL."""

import asyncio

import orjson

CAT = {"type": "bbox", "value": "cat", "title": "Cat", "color": "#FF0000"}
BOX = {"type": "bbox", "value": "cat", "points": [10, 20, 30, 40]}
LABELS = """query ($id: ID!) { data: labels(where: {asset: {id: $id}}, first: 10, skip: 0) {
  labelType modelName jsonResponse author { email } } }"""
ASSETS = """query ($id: ID!) { data: assets(where: {id: $id}, first: 1, skip: 0) {
  externalId status priority skipped jsonMetadata resolution { width height } } }"""


async def labels(fastlabel, task):
    found = await fastlabel.person.client.data(LABELS, {"id": task})
    return [{**one, "jsonResponse": orjson.loads(one["jsonResponse"])} for one in found]


async def asset(fastlabel, task):
    (found,) = await fastlabel.person.client.data(ASSETS, {"id": task})
    return found


async def test_metadata_that_several_people_define_at_once_is_all_there(fastlabel):
    slug = await fastlabel.project("image_bbox", CAT)
    (project,) = await fastlabel.get("projects", slug=slug)
    keys = [f"key{number}" for number in range(6)]
    await asyncio.gather(
        *(fastlabel.image(slug, f"{key}.png", metadatas=[{"key": key, "value": "x"}]) for key in keys),
        fastlabel.put(f"projects/{project['id']}", jobSize=37),
    )
    (changed,) = await fastlabel.get("projects", slug=slug)
    assert changed["jobSize"] == 37
    defined = await fastlabel.get("metadatas", project=slug)
    assert sorted(one["key"] for one in defined) == keys
    assert sorted(one["order"] for one in defined) == [1, 2, 3, 4, 5, 6]


async def test_a_task_is_made_and_found(fastlabel):
    slug = await fastlabel.project("image_bbox", CAT)
    task = await fastlabel.image(slug, status="completed", annotations=[BOX], tags=["x", "y"], priority=20)
    found = await fastlabel.get(f"tasks/image/{task}")
    (annotation,) = found.pop("annotations")
    assert annotation == {
        "id": annotation["id"],
        "type": "bbox",
        "title": "Cat",
        "value": "cat",
        "color": "#FF0000",
        "attributes": [],
        "points": [10, 20, 30, 40],
        "rotation": 0,
        "keypoints": [],
        "confidenceScore": -1,
    }
    assert found.pop("url").startswith("http://label.example/")
    assert found.pop("createdAt") <= found.pop("updatedAt")
    assert found == {
        "id": task,
        "name": "a.png",
        "status": "completed",
        "externalStatus": "registered",
        "priority": 20,
        "tags": ["x", "y"],
        "metadatas": [],
        "relations": [],
        "width": 100,
        "height": 80,
        **dict.fromkeys(
            ["assignee", "reviewer", "approver", "externalAssignee", "externalReviewer", "externalApprover"]
        ),
        **{f"workflow{number}User": None for number in range(1, 7)},
    }
    (label,) = await labels(fastlabel, task)
    assert (label["labelType"], label["author"]["email"]) == ("DEFAULT", fastlabel.person.email)
    assert list(label["jsonResponse"]) == ["BBOX"]
    assert (await asset(fastlabel, task))["status"] == "LABELED"


async def test_what_is_annotated_before_people_is_a_prediction(fastlabel):
    slug = await fastlabel.project("image_bbox", CAT)
    task = await fastlabel.image(slug, annotations=[BOX])
    (label,) = await labels(fastlabel, task)
    assert (label["labelType"], label["modelName"]) == ("PREDICTION", "fastlabel")
    assert (await fastlabel.get(f"tasks/image/{task}"))["status"] == "registered"
    assert (await asset(fastlabel, task))["status"] == "TODO"
