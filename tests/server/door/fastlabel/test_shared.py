"""One store: what GraphQL writes is read here and the other way round; what is not shown here stays; who may see what."""

import orjson
import pytest

from tests.common.world import answer, box

BOX = {"type": "bbox", "value": "CAR", "points": [10, 8, 30, 24]}
RESIZE = """mutation ($id: ID!) {
  data: updatePropertiesInAssets(where: [{id: $id}], data: [{resolution: {width: 100, height: 80}}]) { id } }"""
SEND_BACK = """mutation ($p: ID!, $id: ID!) {
  data: sendBackAssetsToQueue(where: {project: {id: $p}, idIn: [$id]}) { id } }"""


async def labeled(fastlabel, organization, **label):
    """A project of GraphQL with an asset of 100 × 80 pixels and a label; answers both and the slug of the project."""
    project = await organization.project(title="Places")
    asset = await project.asset()
    await organization.admin.client.data(RESIZE, {"id": asset})
    if label:
        await project.label(asset, **label)
    return project, asset, "places"


async def test_a_label_of_graphql_is_read_in_pixels(fastlabel, organization):
    _, asset, slug = await labeled(fastlabel, organization, json_response=answer(cars=1))
    found = await fastlabel.get(f"tasks/image/{asset}")
    drawn, whole = found["annotations"]
    assert (drawn["type"], drawn["value"], drawn["title"], drawn["points"]) == ("bbox", "CAR", "Car", [10, 8, 30, 24])
    assert (drawn["id"], drawn["confidenceScore"]) == ("car0", -1)
    assert (whole["type"], whole["attributes"][0]["value"]) == ("classification", "SUN")
    assert (found["status"], found["width"], found["height"]) == ("completed", 100, 80)
    assert found["url"].startswith("https://files.example/")
    assert [one["id"] for one in await fastlabel.get("tasks/image", project=slug, status="completed")] == [asset]
    only = await fastlabel.get(f"tasks/image/classification/{asset}")
    assert only["attributes"] == [{"key": "WEATHER", "name": "WEATHER", "type": "radio", "value": "SUN"}]


async def test_the_latest_review_comes_first_then_the_latest_label_then_a_prediction(fastlabel, organization):
    project, asset, _ = await labeled(fastlabel, organization)

    async def shown():
        return [one["id"] for one in (await fastlabel.get(f"tasks/image/{asset}"))["annotations"]]

    def drawing(mid):
        return orjson.dumps({"PLACE": {"annotations": [box(mid=mid)]}}).decode()

    assert await shown() == []
    for label_type, mid, expected in (
        ("AUTOSAVE", "draft", []),
        ("INFERENCE", "inferred", []),
        ("PREDICTION", "predicted", ["predicted"]),
        ("DEFAULT", "labeled", ["labeled"]),
        ("PREDICTION", "again", ["labeled"]),
        ("REVIEW", "reviewed", ["reviewed"]),
        ("DEFAULT", "later", ["reviewed"]),
    ):
        model = "m" if label_type in ("PREDICTION", "INFERENCE") else None
        await project.label(asset, label_type=label_type, json_response=drawing(mid), model_name=model)
        assert await shown() == expected, label_type


async def test_what_is_written_here_leaves_other_answers_alone(fastlabel, organization):
    interface = {
        "jobs": {
            "PLACE": {
                "mlTask": "OBJECT_DETECTION",
                "tools": ["rectangle"],
                "content": {"input": "radio", "categories": {"CAR": {"name": "Car"}}},
            },
            "WAY": {
                "mlTask": "OBJECT_DETECTION",
                "tools": ["vector"],
                "content": {"input": "radio", "categories": {"N": {"name": "North"}}},
            },
        }
    }
    project = await organization.project(interface=interface, title="Ways")
    asset = await project.asset()
    await organization.admin.client.data(RESIZE, {"id": asset})
    arrow = {
        "mid": "a",
        "type": "vector",
        "categories": [{"name": "N"}],
        "polyline": [{"x": 0, "y": 0}, {"x": 1, "y": 1}],
    }
    before = {"PLACE": {"annotations": [box(mid="b")]}, "WAY": {"annotations": [arrow]}}
    await project.label(asset, json_response=orjson.dumps(before).decode())
    await fastlabel.put(f"tasks/image/{asset}", annotations=[BOX])
    query = (
        """query ($id: ID!) { data: labels(where: {asset: {id: $id}}, first: 9, skip: 0) { labelType jsonResponse } }"""
    )
    _, written = await organization.admin.client.data(query, {"id": asset})
    stored = orjson.loads(written["jsonResponse"])
    assert written["labelType"] == "DEFAULT"
    assert stored["WAY"] == before["WAY"]
    assert [one["categories"] for one in stored["PLACE"]["annotations"]] == [[{"name": "CAR"}]]


async def test_a_word_holds_until_the_asset_moves(fastlabel, organization):
    project, asset, _ = await labeled(fastlabel, organization, json_response=answer())
    await fastlabel.put(f"tasks/{asset}", status="declined")
    assert (await fastlabel.get(f"tasks/image/{asset}"))["status"] == "declined"
    await project.label(asset, json_response=answer("RAIN"))
    assert (await fastlabel.get(f"tasks/image/{asset}"))["status"] == "completed"
    await organization.admin.client.data(SEND_BACK, {"p": project.id, "id": asset})
    assert (await fastlabel.get(f"tasks/image/{asset}"))["status"] == "sent_back"


async def test_a_text_given_inline_is_read_and_labeled(fastlabel, organization):
    interface = {
        "jobs": {
            "WHO": {
                "mlTask": "NAMED_ENTITIES_RECOGNITION",
                "content": {"input": "radio", "categories": {"NAME": {"name": "Name"}}},
            }
        }
    }
    project = await organization.project(interface=interface, inputType="TEXT", title="Texts")
    asset = await project.asset(contentArray="Ada wrote it.")
    await fastlabel.put(
        f"tasks/text/{asset}", status="completed", annotations=[{"type": "ner", "value": "NAME", "start": 0, "end": 3}]
    )
    found = await fastlabel.get(f"tasks/text/{asset}")
    assert [(one["start"], one["end"], one["text"]) for one in found["annotations"]] == [(0, 3, "Ada")]
    assert found["url"] == "data:text/plain;charset=utf-8;base64,QWRhIHdyb3RlIGl0Lg=="
    refused = await fastlabel.refused(
        "PUT", f"tasks/text/{asset}", {"annotations": [{"type": "ner", "value": "NAME", "start": 0, "end": 99}]}
    )
    assert (refused.status, "13" in refused.message) == (422, True)


@pytest.mark.parametrize(
    "path", ["tasks/image", "tags", "comments/threads", "annotations", "projects", "workspaces-users"]
)
async def test_a_list_takes_as_many_statements_for_one_as_for_many(fastlabel, organization, statements, path):
    project, first, slug = await labeled(fastlabel, organization, json_response=answer(cars=1))
    await fastlabel.put(f"tasks/{first}", tags=["t"], assignee=fastlabel.person.email.split("@")[0], metadatas=[])
    await fastlabel.post("comments", taskId=first, text="Why?")
    query = {} if path in ("projects", "workspaces-users") else {"project": slug}
    await fastlabel.get(path, **query)
    with statements.recording() as few:
        await fastlabel.get(path, **query)
    others = await project.assets(20, prefix="more")
    for one in others:
        await project.label(one, json_response=answer(cars=1))
    await fastlabel.put(f"tasks/{others[0]}", tags=["u"])
    await fastlabel.get(path, **query)
    with statements.recording() as many:
        await fastlabel.get(path, **query)
    assert len(many) == len(few)


WRITES = {
    "a task is made": ("POST", "tasks/image", {"project": "{slug}", "name": "b", "file": "AA=="}, ()),
    "a task is deleted": ("DELETE", "tasks/{task}", None, ()),
    "a priority": ("PUT", "tasks/{task}", {"priority": 30}, ("TEAM_MANAGER",)),
    "tags": ("PUT", "tasks/{task}", {"tags": ["x"]}, ()),
    "tags of many": ("POST", "tasks/tags/add", {"project": "{slug}", "taskIds": ["{task}"], "tags": ["x"]}, ()),
    "an external status": ("PUT", "tasks/{task}", {"externalStatus": "approved"}, ()),
    "a prediction": ("PUT", "tasks/image/{task}", {"annotations": [BOX], "status": "registered"}, ()),
    "a review": ("PUT", "tasks/{task}", {"status": "approved"}, ("TEAM_MANAGER", "REVIEWER")),
    "a send-back": ("PUT", "tasks/{task}", {"status": "sent_back"}, ("TEAM_MANAGER", "REVIEWER")),
    "a class": ("POST", "annotations", {"project": "{slug}", "type": "bbox", "value": "v", "title": "V"}, ()),
    "a member": (
        "PUT",
        "projects-users",
        {"project": "{slug}", "email": "a@example.com", "role": "annotator"},
        ("TEAM_MANAGER",),
    ),
    "a user": (
        "POST",
        "workspaces-users/internal-users",
        {"name": "A", "email": "b@example.com", "role": "member"},
        (),
    ),
    "an upload": ("GET", "files?project={slug}&fileName=a.zip&fileType=application/zip", None, ()),
}


def filled(value, names):
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(f"{{{name}}}", text)
        return value
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    return {key: filled(one, names) for key, one in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(("verb", "path", "body", "allowed"), WRITES.values(), ids=WRITES)
async def test_who_may_write_is_said_by_the_role(fastlabel, organization, stranger, verb, path, body, allowed):
    project, task, slug = await labeled(fastlabel, organization, json_response=answer(cars=1))
    names = {"slug": slug, "task": task}
    path, body = filled(path, names), filled(body, names)
    before = await project.everything()
    refused = await stranger.send(verb, path, body)
    assert refused.status_code == (200 if "workspaces-users" in path else 404), refused.text
    for role in ("LABELER", "REVIEWER", "TEAM_MANAGER"):
        member = fastlabel.as_(await project.member(role))
        answered = await member.send(verb, path, body)
        if role in allowed:
            assert answered.status_code in (200, 204), (role, answered.text)
        else:
            assert answered.status_code in (403, 404), (role, answered.text)
    if not allowed:
        after = await project.everything()
        assert {name: rows for name, rows in after.items() if name != "project_user"} == {
            name: rows for name, rows in before.items() if name != "project_user"
        }
