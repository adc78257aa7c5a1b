"""Classes: made, found, changed and deleted; categories and jobs of the interface in the store."""

import orjson
import pytest

from tests.common.world import WEATHER

INTERFACE = "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { jsonInterface } }"
KIND = {
    "key": "kind",
    "name": "Kind",
    "type": "select",
    "options": [{"title": "Tabby", "value": "tabby"}, {"title": "Black", "value": "black"}],
}
NOTE = {"key": "note", "name": "Note", "type": "text"}


async def interface(fastlabel, slug):
    (project,) = await fastlabel.get("projects", slug=slug)
    (told,) = await fastlabel.person.client.data(INTERFACE, {"id": project["id"]})
    return orjson.loads(told["jsonInterface"])["jobs"]


async def test_a_class_is_a_category_and_its_attributes_are_nested_jobs(fastlabel):
    slug = await fastlabel.project("image_bbox")
    made = await fastlabel.post(
        "annotations",
        project=slug,
        type="bbox",
        value="cat",
        title="Cat",
        color="#FF0000",
        attributes=[KIND, NOTE],
    )
    (found,) = await fastlabel.get("annotations", project=slug)
    assert await fastlabel.get(f"annotations/{made}") == found
    assert found.pop("createdAt") == found.pop("updatedAt")
    assert found == {
        "id": made,
        "type": "bbox",
        "value": "cat",
        "title": "Cat",
        "color": "#FF0000",
        "order": 1,
        "vertex": 0,
        "maxAreaCount": 1,
        "keypoints": [],
        "attributes": [
            {**KIND, "id": f"{made}-BBOX_CAT_KIND", "order": 1, "value": ""},
            {**NOTE, "id": f"{made}-BBOX_CAT_NOTE", "options": [], "order": 2, "value": ""},
        ],
    }
    jobs = await interface(fastlabel, slug)
    assert list(jobs) == ["BBOX", "BBOX_CAT_KIND", "BBOX_CAT_NOTE"]
    assert (jobs["BBOX"]["mlTask"], jobs["BBOX"]["tools"]) == ("OBJECT_DETECTION", ["rectangle"])
    assert jobs["BBOX"]["content"]["categories"] == {
        "cat": {"name": "Cat", "children": ["BBOX_CAT_KIND", "BBOX_CAT_NOTE"], "color": "#FF0000"}
    }
    assert jobs["BBOX_CAT_KIND"]["content"] == {
        "input": "singleDropdown",
        "categories": {"tabby": {"children": [], "name": "Tabby"}, "black": {"children": [], "name": "Black"}},
    }


async def test_order_is_the_place_among_the_categories(fastlabel):
    slug = await fastlabel.project("image_all")
    for value, order in (("b", 2), ("c", 3), ("a", 1)):
        await fastlabel.post("annotations", project=slug, type="bbox", value=value, title=value, order=order)
    found = await fastlabel.get("annotations", project=slug)
    assert [(one["value"], one["order"]) for one in found] == [("a", 1), ("b", 2), ("c", 3)]
    await fastlabel.put(f"annotations/{found[0]['id']}", order=9)
    assert list((await interface(fastlabel, slug))["BBOX"]["content"]["categories"]) == ["b", "c", "a"]


async def test_a_pose_has_key_points(fastlabel):
    slug = await fastlabel.project("image_pose_estimation")
    points = [
        {"key": "nose", "name": "Nose", "color": "#FF0000", "edges": ["tail"]},
        {"key": "tail", "name": "Tail", "color": "#00FF00", "edges": []},
    ]
    made = await fastlabel.post(
        "annotations", project=slug, type="pose_estimation", value="cat", title="Cat", keypoints=points
    )
    found = await fastlabel.get(f"annotations/{made}")
    assert found["keypoints"] == [
        {**points[0], "id": f"{made}-nose", "edges": [f"{made}-tail"], "value": []},
        {**points[1], "id": f"{made}-tail", "value": []},
    ]


async def test_attributes_are_changed_in_place_and_those_not_sent_go(fastlabel):
    slug = await fastlabel.project("image_bbox")
    made = await fastlabel.post(
        "annotations", project=slug, type="bbox", value="cat", title="Cat", attributes=[KIND, NOTE]
    )
    found = await fastlabel.get(f"annotations/{made}")
    renamed = {**found["attributes"][0], "key": "sort", "options": [{"title": "Any", "value": "any"}]}
    added = {"key": "seen", "name": "Seen", "type": "switch"}
    await fastlabel.put(f"annotations/{made}", attributes=[added, renamed])
    changed = (await fastlabel.get(f"annotations/{made}"))["attributes"]
    assert [(one["key"], one["type"], one["options"]) for one in changed] == [
        ("seen", "switch", []),
        ("sort", "select", [{"title": "Any", "value": "any"}]),
    ]
    jobs = await interface(fastlabel, slug)
    assert list(jobs) == ["BBOX", "BBOX_CAT_KIND", "BBOX_CAT_SEEN"]
    assert list(jobs["BBOX_CAT_SEEN"]["content"]["categories"]) == ["true", "false"]


async def test_a_new_value_is_that_of_stored_labels_too(fastlabel):
    slug = await fastlabel.project("image_bbox")
    made = await fastlabel.post("annotations", project=slug, type="bbox", value="cat", title="Cat", attributes=[KIND])
    box = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4], "attributes": [{"key": "kind", "value": "tabby"}]}
    task = await fastlabel.image(slug, status="completed", annotations=[box])
    before = await fastlabel.get(f"tasks/image/{task}")
    assert await fastlabel.put(f"annotations/{made}", value="feline", title="Feline") == made
    after = await fastlabel.get(f"tasks/image/{task}")
    (annotation,) = after["annotations"]
    assert annotation == {**before["annotations"][0], "value": "feline", "title": "Feline"}
    query = "query ($id: ID!) { data: labels(where: {asset: {id: $id}}, first: 9, skip: 0) { jsonResponse } }"
    (label,) = await fastlabel.person.client.data(query, {"id": task})
    assert [one["categories"] for one in orjson.loads(label["jsonResponse"])["BBOX"]["annotations"]] == [
        [{"name": "feline"}]
    ]
    search = """query ($id: ID!) { data: countLabels(where: {asset: {id: $id}, search: "BBOX.feline.count > 0"}) }"""
    assert await fastlabel.person.client.data(search, {"id": task}) == 1


async def test_the_last_class_takes_its_job_along(fastlabel):
    slug = await fastlabel.project("image_all")
    made = await fastlabel.post("annotations", project=slug, type="line", value="road", title="Road", attributes=[NOTE])
    assert list(await interface(fastlabel, slug)) == ["LINE", "LINE_ROAD_NOTE"]
    await fastlabel.delete(f"annotations/{made}")
    assert await interface(fastlabel, slug) == {}
    assert await fastlabel.get("annotations", project=slug) == []
    assert (await fastlabel.refused("GET", f"annotations/{made}")).status == 404


async def test_classes_of_another_door_are_shown_and_keep_their_ids(fastlabel, organization):
    project = await organization.project(title="Mixed")
    first = await fastlabel.get("annotations", project="mixed")
    assert [(one["type"], one["value"], one["title"]) for one in first] == [
        ("bbox", "CAR", "Car"),
        ("bbox", "TREE", "Tree"),
        ("classification", "classification", "classification"),
    ]
    assert [one["key"] for one in first[2]["attributes"]] == ["WEATHER"]
    assert await fastlabel.get("annotations", project="mixed") == first
    assert all(one["id"] for one in first)
    renamed = {**WEATHER["jobs"], "PLACE": {**WEATHER["jobs"]["PLACE"], "instruction": "Where?"}}
    text = orjson.dumps({"jobs": renamed}).decode()
    await organization.admin.client.data(
        """mutation ($id: ID!, $text: String!) {
          data: updatePropertiesInProject(where: {id: $id}, data: {jsonInterface: $text}) { id } }""",
        {"id": project.id, "text": text},
    )
    assert [one["id"] for one in await fastlabel.get("annotations", project="mixed")] == [one["id"] for one in first]


async def test_a_classification_project_has_one_class(fastlabel):
    slug = await fastlabel.project("text_single_classification")
    made = await fastlabel.post("annotations/classification", project=slug, attributes=[KIND, NOTE])
    (found,) = await fastlabel.get("annotations", project=slug)
    assert (found["id"], found["type"], found["value"]) == (made, "classification", "classification")
    assert list(await interface(fastlabel, slug)) == ["kind", "note"]
    note, kind = reversed(found["attributes"])
    assert await fastlabel.put(f"annotations/classification/{made}", attributes=[note, kind]) == made
    refused = await fastlabel.refused("POST", "annotations/classification", {"project": slug, "attributes": [NOTE]})
    assert refused.status == 409


REFUSED = {
    "an unknown type": ({"type": "cube", "value": "a", "title": "A"}, 422, "type is one of"),
    "a type of other projects": ({"type": "ner", "value": "a", "title": "A"}, 422, "type is one of"),
    "no value": ({"type": "bbox", "title": "A"}, 422, "needs a value"),
    "no title": ({"type": "bbox", "value": "a"}, 422, "needs a title"),
    "a value that is taken": ({"type": "line", "value": "cat", "title": "A"}, 409, "'cat' already"),
    "no color": ({"type": "bbox", "value": "a", "title": "A", "color": "red"}, 422, "color"),
    "an order of nothing": ({"type": "bbox", "value": "a", "title": "A", "order": 0}, 422, "order"),
    "a choice without options": (
        {"type": "bbox", "value": "a", "title": "A", "attributes": [{"key": "k", "type": "radio"}]},
        422,
        "needs options",
    ),
    "a key twice": ({"type": "bbox", "value": "a", "title": "A", "attributes": [NOTE, NOTE]}, 422, "'note' twice"),
    "key points of a box": (
        {"type": "bbox", "value": "a", "title": "A", "keypoints": [{"key": "k"}]},
        422,
        "pose_estimation",
    ),
    "too many areas": ({"type": "bbox", "value": "a", "title": "A", "maxAreaCount": 1001}, 422, "maxAreaCount"),
}


@pytest.mark.parametrize(("body", "status", "said"), REFUSED.values(), ids=REFUSED)
async def test_a_class_that_cannot_be_is_refused(fastlabel, body, status, said):
    slug = await fastlabel.project("image_all", {"type": "bbox", "value": "cat", "title": "Cat"})
    before = await interface(fastlabel, slug)
    refused = await fastlabel.refused("POST", "annotations", {"project": slug, **body})
    assert refused.status == status
    assert said in refused.message
    assert await interface(fastlabel, slug) == before
