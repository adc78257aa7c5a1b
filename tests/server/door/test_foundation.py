"""What all front doors share, by way of a tiny one."""

import base64
import hashlib
import random

import httpx
import orjson
import pytest

from labelyard.server.door import opening
from tests.common.world import WEATHER, answer

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAGE = "https://app.example.org"


@pytest.fixture
def door(monkeypatch, app_with):
    """An HTTP client of a server on which the tiny door is open."""
    monkeypatch.setitem(opening.DOORS, "tiny", "tests.server.door.tiny")
    return app_with(doors="tiny", cors_origins=PAGE).http


def key(person) -> dict[str, str]:
    return {"Authorization": person.key}


def large_png(size: int) -> bytes:
    """A picture with so many bytes behind it that it does not stay in memory."""
    return PNG + random.Random(1).randbytes(size)


async def create(door: httpx.AsyncClient, organization) -> dict:
    made = await door.post(
        "/tiny/projects", json={"title": "T", "interface": WEATHER, "language": "de"}, headers=key(organization.admin)
    )
    assert made.status_code == 201, made.text
    return made.json()


async def test_a_closed_door_is_like_no_path(client):
    assert (await client.http.get("/tiny/projects/1")).status_code == 404


async def test_a_project_is_found_by_number_and_by_id(door, organization, other_organization):
    made = await create(door, organization)
    for name in (made["id"], made["uid"]):
        shown = await door.get(f"/tiny/projects/{name}", headers=key(organization.admin))
        assert shown.json() == {"id": made["id"], "title": "T", "language": "de"}
        hidden = await door.get(f"/tiny/projects/{name}", headers=key(other_organization.admin))
        assert hidden.status_code == 404
        assert hidden.json()["message"] == f"There is no project '{name}' that you may see."
    told = await organization.admin.client.data(
        "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { title inputType } }",
        {"id": made["uid"]},
    )
    assert told == [{"title": "T", "inputType": "IMAGE"}]


async def test_a_deleted_project_takes_its_record_along(door, organization, database):
    made = await create(door, organization)
    await organization.admin.client.data(
        "mutation ($id: ID!) { data: deleteProject(where: {id: $id}) { id } }", {"id": made["uid"]}
    )
    assert (await door.get(f"/tiny/projects/{made['id']}", headers=key(organization.admin))).status_code == 404
    async with database.reader() as connection:
        left = await connection.fetch("select 1 from door_project where project_id = :id", {"id": made["uid"]})
    assert left == []


async def test_files_in_json_are_kept_byte_for_byte(door, organization):
    made = await create(door, organization)
    picture = large_png(1_500_000)
    for name, sent in (
        ("bare", base64.b64encode(picture).decode()),
        ("uri", "data:image/jpeg;base64," + base64.b64encode(picture).decode()),
        ("small", base64.b64encode(PNG).decode()),
    ):
        body = orjson.dumps({"name": name, "picture": sent, "note": "n" * 10_000 + "ü\n"})
        if name == "uri":
            body = body.replace(b"/", b"\\/")
        answered = await door.post(
            f"/tiny/projects/{made['id']}/tasks",
            content=body,
            headers={**key(organization.admin), "Content-Type": "application/json"},
        )
        assert answered.status_code == 201, answered.text
    tasks = (await door.get(f"/tiny/projects/{made['uid']}/tasks", headers=key(organization.admin))).json()
    assert [(task["externalId"], task["status"], task["type"], task["label"]) for task in tasks] == [
        (name, "TODO", "image/png", None) for name in ("bare", "uri", "small")
    ]
    for task, whole in zip(tasks, (picture, picture, PNG), strict=True):
        served = await door.get(task["content"])
        assert served.headers["content-type"] == "image/png"
        assert served.content == whole
    metadata = await organization.admin.client.data(
        "query ($id: ID!) { data: assets(where: {project: {id: $id}}, first: 1, skip: 0) { jsonMetadata } }",
        {"id": made["uid"]},
    )
    assert orjson.loads(metadata[0]["jsonMetadata"])["note"] == "n" * 10_000 + "ü\n"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"picture": "%%%"}, {"picture": "is not base64"}),
        ({"picture": "A" * 9_999 + "!"}, {"picture": "is not base64"}),
        ({"picture": "A" * 5_001}, {"picture": "is not base64"}),
        ({"picture": ""}, {"picture": "holds no file"}),
        ({"picture": "data:image/png,abc"}, {"picture": "is a data URI without base64"}),
        (
            {"picture": base64.b64encode(b"plain text, no picture").decode()},
            {"picture": "is not a picture (JPEG, PNG, GIF, WebP, BMP or TIFF), but text/plain"},
        ),
        ({"picture": base64.b64encode(large_png(3 << 20)).decode()}, {"picture": "is larger than 3,145,728 bytes"}),
        ({"note": "n" * (1 << 20) + "x"}, {"note": "is longer than 1,048,576 bytes"}),
        ({"name": "n" * 5_000}, {"name": "is longer than 4,096 bytes"}),
        ({"name": 5}, {"name": "Input should be a valid string"}),
        ({"colour": "red"}, {"colour": "Extra inputs are not permitted"}),
        (
            {"picture": "https://images.example.org/a.png"},
            {
                "picture": "is a link to images.example.org, from which nothing is fetched; "
                "send the picture itself, in base64"
            },
        ),
        ({"picture": "http://[/a.png"}, {"picture": "cannot be fetched: this is no URL"}),
    ],
)
async def test_a_refusal_names_the_field_and_leaves_nothing(door, organization, change, fields):
    made = await create(door, organization)
    body = {"name": "one", "picture": base64.b64encode(PNG).decode(), **change}
    refused = await door.post(f"/tiny/projects/{made['id']}/tasks", json=body, headers=key(organization.admin))
    assert (refused.status_code, refused.json()["fields"]) == (422, fields)
    assert (await door.get(f"/tiny/projects/{made['id']}/tasks", headers=key(organization.admin))).json() == []


async def test_rights_are_those_of_graphql(door, organization, project):
    body = {"name": "one", "picture": base64.b64encode(PNG).decode()}
    for role, status in (("ADMIN", 201), ("TEAM_MANAGER", 403), ("REVIEWER", 403), ("LABELER", 403)):
        member = await project.member(role)
        answered = await door.post(
            f"/tiny/projects/{project.id}/tasks", json={**body, "name": role}, headers=key(member)
        )
        assert answered.status_code == status, answered.text
    stranger = await organization.person()
    assert (await door.post(f"/tiny/projects/{project.id}/tasks", json=body, headers=key(stranger))).status_code == 404


async def test_the_label_that_is_shown(door, organization, project, statements):
    skipped, reviewed, labeled, predicted, *_rest = await project.assets(20)
    labeler = await project.member("LABELER")
    await project.label(predicted, label_type="PREDICTION", json_response=answer("RAIN"), model_name="m")
    await project.label(labeled, by=labeler, json_response=answer("SUN"))
    await project.label(labeled, label_type="PREDICTION", json_response=answer("RAIN"), model_name="m")
    await project.label(reviewed, label_type="REVIEW", json_response=answer("RAIN"))
    await project.label(reviewed, by=labeler, json_response=answer("SUN"))
    await organization.admin.client.data(
        "mutation ($id: ID!, $said: String!) { data: appendToLabels(data: {jsonResponse: $said, skipped: true, "
        "labelType: DEFAULT}, where: {id: $id}) { id } }",
        {"id": skipped, "said": answer()},
    )

    async def shown(query: str, person=None):
        listed = await door.get(f"/tiny/projects/{project.id}/tasks?{query}", headers=key(person or organization.admin))
        return {
            task["id"]: (
                task["label"]["labelType"],
                orjson.loads(task["label"]["jsonResponse"])["WEATHER"]["categories"][0]["name"],
            )
            for task in listed.json()
            if task["label"] is not None
        }

    assert await shown("") == {reviewed: ("REVIEW", "RAIN"), labeled: ("DEFAULT", "SUN")}
    assert await shown("predictions=true") == {
        reviewed: ("REVIEW", "RAIN"),
        labeled: ("DEFAULT", "SUN"),
        predicted: ("PREDICTION", "RAIN"),
    }
    assert await shown("", labeler) == {reviewed: ("REVIEW", "RAIN"), labeled: ("DEFAULT", "SUN")}
    counts = []
    for limit in (3, 20):
        with statements.recording() as run:
            await shown(f"limit={limit}")
        counts.append(len(run))
    assert counts[0] == counts[1]


async def test_an_answer_through_a_door_is_a_label(door, project, organization):
    (asset,) = await project.assets(1)
    labeler = await project.member("LABELER")
    put = await door.put(
        f"/tiny/tasks/{asset}", content=answer("RAIN"), headers={**key(labeler), "Content-Type": "application/json"}
    )
    assert (put.status_code, put.json()) == (200, asset)
    labels = await organization.admin.client.data(
        "query ($id: ID!) { data: labels(where: {project: {id: $id}}, first: 5, skip: 0) { labelType author { id } } }",
        {"id": project.id},
    )
    assert labels == [{"labelType": "DEFAULT", "author": {"id": labeler.id}}]
    refused = await door.put(f"/tiny/tasks/{asset}", json={"WEATHER": 5}, headers=key(labeler))
    assert refused.status_code == 422


async def test_paths_verbs_and_heads(door, organization):
    headers = key(organization.admin)
    assert (await door.get("/tiny/tasks/count?name=a&name=b", headers=headers)).json() == {"tasks": 2}
    assert (await door.get("/tiny/tasks/count/", headers=headers)).json() == {"tasks": 0}
    assert (await door.get("/tiny/tasks/a%2Fb%20%C3%BC/", headers=headers)).json() == {"name": "a/b ü"}
    assert (await door.get("/tiny/tasks/%ff", headers=headers)).status_code == 404
    assert (await door.get("/tiny/tasks", headers=headers)).status_code == 404
    assert (await door.get("/tiny", headers=headers)).status_code == 404
    wrong = await door.post("/tiny/tasks/count", headers=headers)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PUT")
    head = await door.head("/tiny/tasks/count", headers=headers)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "11")
    gone = await door.delete("/tiny/tasks/x", headers=headers)
    assert (gone.status_code, gone.content) == (204, b"")
    cloud = await door.get("/tiny/cloud", headers=headers)
    assert (cloud.status_code, cloud.json()["message"]) == (501, "This server has no cloud; send the files themselves.")
    rows = await door.get("/tiny/rows.csv", headers=headers)
    assert (rows.text, rows.headers["content-type"]) == ("a,b\n1,2\n", "text/csv")
    assert rows.headers["content-disposition"] == 'attachment; filename="rows.csv"'
    assert rows.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "sent", [{}, {"Authorization": "wrong"}, {"Authorization": "Basic abc"}, {"X-Auth-Token": "x"}]
)
async def test_a_missing_key_is_told_before_anything_else(door, sent):
    for path in ("/tiny/projects/1", "/tiny/nothing"):
        refused = await door.get(path, headers=sent)
        assert (refused.status_code, refused.json()["code"]) == (401, 401)


async def test_a_key_may_stand_behind_bearer(door, organization):
    answered = await door.get("/tiny/tasks/x", headers={"Authorization": f"Bearer {organization.admin.key}"})
    assert answered.status_code == 200
    assert answered.headers["x-request-id"]


async def test_pages_of_allowed_origins_may_call(door, organization):
    preflight = await door.options("/tiny/tasks/x", headers={"Origin": PAGE})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == PAGE
    assert preflight.headers["access-control-allow-headers"] == "content-type, authorization, x-auth-token"
    assert preflight.headers["access-control-max-age"] == "600"
    for path, status in (("/tiny/tasks/x", 200), ("/tiny/nothing", 404)):
        answered = await door.get(path, headers={**key(organization.admin), "Origin": PAGE})
        assert (answered.status_code, answered.headers["access-control-allow-origin"]) == (status, PAGE)
    other = await door.get("/tiny/tasks/x", headers={**key(organization.admin), "Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


async def test_a_file_comes_as_it_is_or_in_a_form(door, organization):
    picture = large_png(700_000)
    sha256 = hashlib.sha256(picture).hexdigest()
    headers = key(organization.admin)
    bare = await door.post(
        "/tiny/upload", content=picture, headers={**headers, "Content-Type": "application/octet-stream"}
    )
    assert bare.json() == {"name": None, "type": "image/png", "sha256": sha256, "fields": {}}
    form = await door.post(
        "/tiny/upload", files={"file": ("ü.png", picture, "image/jpeg")}, data={"a": "1"}, headers=headers
    )
    assert form.json() == {"name": "ü.png", "type": "image/png", "sha256": sha256, "fields": {"a": "1"}}
    assert (await door.post("/tiny/upload", json={"a": 1}, headers=headers)).json() == {"json": 1}
    for sent in (b"", b"--x\r\n", b"nonsense"):
        broken = await door.post(
            "/tiny/upload", content=sent, headers={**headers, "Content-Type": "multipart/form-data; boundary=x"}
        )
        assert broken.status_code == 400, broken.text


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'"a" "b"', "application/json", 400),
        (b"[" * 100 + b"]" * 100, "application/json", 400),
        (b"[1]", "application/json", 422),
        (b"", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"{}", "application/json; charset=utf-16", 415),
        (b'{"' + b"k" * 5000 + b'": 1}', "application/json", 400),
        (b'{"a": "' + b"\\ud800" * 1000 + b'"}', "application/json", 422),
        (b'{"name": "a", "picture": "' + b"\\x" * 5000 + b'"}', "application/json", 422),
        (b'{"name": "a", "picture": "' + b"A" * 5000, "application/json", 400),
    ],
)
async def test_bodies_that_are_no_json(door, project, organization, content, media_type, status):
    answered = await door.post(
        f"/tiny/projects/{project.id}/tasks",
        content=content,
        headers={**key(organization.admin), "Content-Type": media_type},
    )
    assert answered.status_code == status, answered.text


async def test_a_body_that_says_to_be_too_long_is_not_read(door, project, organization):
    refused = await door.post(
        f"/tiny/projects/{project.id}/tasks",
        content=b"{}",
        headers={**key(organization.admin), "Content-Type": "application/json", "Content-Length": str(513 << 20)},
    )
    assert refused.status_code == 413


async def test_a_repeated_write_is_done_once(door, organization):
    body = {"title": "Once", "interface": WEATHER}
    headers = {**key(organization.admin), "Idempotency-Key": "first"}
    made = [await door.post("/tiny/projects", json=body, headers=headers) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    assert made[0].json() == made[1].json()
    other = await door.post("/tiny/projects", json={**body, "title": "Two"}, headers=headers)
    assert other.status_code == 409


async def test_a_write_without_a_check_of_rights_is_not_committed(door, organization, project, database):
    refused = await door.patch("/tiny/unchecked", json={"project": project.id}, headers=key(organization.admin))
    assert refused.status_code == 503
    async with database.reader() as connection:
        assert await connection.fetch("select 1 from door_project where project_id = :id", {"id": project.id}) == []


async def test_an_answer_that_fails_behind_a_commit_says_that_it_may_have_been_done(door, organization):
    failed = await door.post("/tiny/unwritable", headers=key(organization.admin))
    assert failed.status_code == 503
    assert "may have been" in failed.json()["message"]
