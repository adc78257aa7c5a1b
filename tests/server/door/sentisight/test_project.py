"""Projects, images and labels of the door, and what GraphQL sees of them."""

from __future__ import annotations

import asyncio
import io
import json
import random
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.common.shapes import picture
from tests.common.world import Project

OCTETS = {"Content-Type": "application/octet-stream"}
ASSETS = """query ($id: ID!) { data: assets(where: {project: {id: $id}}, first: 100, skip: 0) {
  id externalId status jsonMetadata labels { labelType jsonResponse author { email } } } }"""
INTERFACE = "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { title inputType jsonInterface } }"


@pytest.fixture
async def project(door):
    made = await door.post("project", json={"name": "Pets"})
    await door.upload(made["id"], {"a.png": picture("DISC", 0), "b%2Fc%25.png": picture("STAR", 0)})
    return made


async def assets_of(door, project):
    found = await door.organization.admin.client.data(ASSETS, {"id": project["uid"]})
    return {one["externalId"]: one for one in found}


async def test_a_project_of_the_door_is_one_of_graphql(door, project):
    (found,) = await door.organization.admin.client.data(INTERFACE, {"id": project["uid"]})
    assert (found["title"], found["inputType"]) == ("Pets", "IMAGE")
    assert await door.get(f"images/{project['id']}") == ["a.png", "b/c%.png"]
    assert await door.get(f"images/{project['uid']}/") == ["a.png", "b/c%.png"]
    assert await door.get(f"project/{project['id']}") == {**project, "name": "Pets", "images": 2, "labels": {}}
    response = await door.send("GET", f"image/{project['id']}/a.png")
    assert (response.content, response.headers["content-type"]) == (picture("DISC", 0), "image/png")
    await door.send("POST", f"image/{project['id']}/a.png", content=picture("RING", 0), headers=OCTETS, status=409)
    await door.send("POST", f"image/{project['id']}/n", content=b"text", headers=OCTETS, status=400)
    await door.send("DELETE", f"image/{project['id']}/a.png")
    await door.send("DELETE", f"image/{project['id']}/a.png", status=404)
    await door.send("GET", f"image/{project['id']}/a.png", status=404)
    assert await door.get(f"images/{project['id']}") == ["b/c%.png"]


async def test_labels_are_labels_of_graphql_and_back(door, project):
    number = project["id"]
    rows = "name,label\na.png,round,red\nnobody.png,red\n"
    answer = await door.post(f"labels/{number}", content=rows, headers={"Content-Type": "text/csv"})
    assert answer == {"images": 1, "unknown": ["nobody.png"]}
    answer = await door.post(
        f"labels/{number}", json=[{"name": "b/c%.png", "labels": ["red", "star"], "default": "star"}]
    )
    assert answer == {"images": 1, "unknown": []}
    assets = await assets_of(door, project)
    (label,) = assets["a.png"]["labels"]
    assert (label["labelType"], label["author"]["email"]) == ("DEFAULT", door.organization.admin.email)
    assert [one["name"] for one in json.loads(label["jsonResponse"])["LABELS"]["categories"]] == ["round", "red"]
    assert assets["a.png"]["status"] == "LABELED"
    (found,) = await door.organization.admin.client.data(INTERFACE, {"id": project["uid"]})
    (job,) = json.loads(found["jsonInterface"])["jobs"].items()
    assert job[0] == "LABELS"
    assert (job[1]["content"]["input"], list(job[1]["content"]["categories"])) == ("checkbox", ["round", "red", "star"])
    assert await door.get(f"labels/{number}") == [
        {"name": "a.png", "labels": ["round", "red"], "default": "round", "validation": False},
        {"name": "b/c%.png", "labels": ["star", "red"], "default": "star", "validation": False},
    ]
    assert await door.put(f"default/{number}", json={"label": "red"}) == {"images": 2}
    assert [one["default"] for one in await door.get(f"labels/{number}")] == ["red", "red"]
    assert (await door.get(f"project/{number}"))["labels"] == {"red": 2, "round": 1, "star": 1}

    of_graphql = Project(project["uid"], door.organization)
    await of_graphql.label(
        assets["a.png"]["id"], json_response='{"LABELS": {"categories": [{"name": "star"}]}}', label_type="REVIEW"
    )
    assert (await door.get(f"labels/{number}"))[0]["labels"] == ["star"]


async def test_labels_that_several_people_add_at_once_are_all_there(door, project):
    number = project["id"]
    await asyncio.gather(
        *(door.post(f"labels/{number}", json=[{"name": "a.png", "labels": [f"label {place}"]}]) for place in range(6))
    )
    (found,) = await door.organization.admin.client.data(INTERFACE, {"id": project["uid"]})
    categories = json.loads(found["jsonInterface"])["jobs"]["LABELS"]["content"]["categories"]
    assert sorted(categories) == [f"label {place}" for place in range(6)]


async def test_images_are_held_back_for_validation(door, project):
    number = project["id"]
    assert await door.put(f"validation/{number}", json={"images": ["a.png"], "validation": True}) == {"images": 1}
    assert [one["validation"] for one in await door.get(f"labels/{number}")] == [True, False]
    metadata = (await assets_of(door, project))["a.png"]["jsonMetadata"]
    assert json.loads(metadata) == {"validation": True}
    await door.put(f"validation/{number}", json={"images": ["a.png"], "validation": False})
    assert [one["validation"] for one in await door.get(f"labels/{number}")] == [False, False]
    refused = await door.send("PUT", f"validation/{number}", json={"images": ["a.png", "x"]}, status=400)
    assert refused.text == "There is no image 'x' in this project.\n"


def zipped(entries: dict[str, bytes], **options) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = options.get("attributes", 0o644) << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return written.getvalue()


async def test_a_zip_of_folders_is_images_with_labels(door):
    made = await door.post("project", json={"name": "Zip"})
    entries = {
        "pets/cat/1.png": picture("DISC", 0),
        "pets/dog/2.jpg": picture("STAR", 0, kind="JPEG"),
        "readme.txt": b"words",
        "top.png": picture("RING", 1),
    }
    answer = await door.post(
        f"upload-zip/{made['id']}", params={"labels": "folder"}, content=zipped(entries), headers=OCTETS
    )
    assert answer == {"images": 3, "skipped": ["readme.txt"]}
    assert [(one["name"], one["labels"]) for one in await door.get(f"labels/{made['id']}")] == [
        ("pets/cat/1.png", ["cat"]),
        ("pets/dog/2.jpg", ["dog"]),
        ("top.png", []),
    ]


HOSTILE = {
    "no zip": b"no zip",
    "half a zip": zipped({"a.png": picture("DISC", 0)})[:-30],
    "a name that leads out": zipped({"../a.png": picture("DISC", 0)}),
    "an absolute name": zipped({"/a.png": picture("DISC", 0)}),
    "a link": zipped({"a.png": b"/etc/passwd"}, attributes=0o120777),
    "a bomb": zipped({"a.png": bytes(64 << 20)}),
    "a list that fills the memory": zipped({f"{number}-{'x' * 900}.png": b"" for number in range(5_000)}),
}


@pytest.mark.parametrize("case", HOSTILE)
async def test_archives_made_to_harm_are_refused_and_leave_nothing(door, project, case):
    await door.send("POST", f"upload-zip/{project['id']}", content=HOSTILE[case], headers=OCTETS, status=400)
    assert await door.get(f"images/{project['id']}") == ["a.png", "b/c%.png"]


async def test_labels_of_coco_and_yolo_are_the_classes_of_objects(door, project):
    number = project["id"]
    coco = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 7, "name": "cat"}, {"id": 8, "name": "dog"}],
        "annotations": [
            {"image_id": 1, "category_id": 8},
            {"image_id": 1, "category_id": 7},
            {"image_id": 1, "category_id": 8},
        ],
    }
    assert await door.post(f"labels/{number}", params={"format": "coco"}, json=coco) == {"images": 1, "unknown": []}
    assert (await door.get(f"labels/{number}"))[0]["labels"] == ["dog", "cat"]
    yolo = zipped({"classes.txt": b"cat\ndog\n", "labels/a.txt": b"0 0.5 0.5 0.1 0.1\n"})
    answer = await door.post(f"labels/{number}", params={"format": "yolo"}, content=yolo, headers=OCTETS)
    assert answer == {"images": 1, "unknown": []}
    assert (await door.get(f"labels/{number}"))[0]["labels"] == ["cat"]


BAD_LABELS = [
    b"",
    b"label,name\na,b\n",
    b'name,label\n"a.png',
    b"name,label\na.png,x\na.png,y\n",
    b"\xff\xfe",
    b"name,label\na.png," + b"x" * 500,
]


@pytest.mark.parametrize("data", BAD_LABELS, ids=len)
async def test_labels_that_are_none_are_refused_and_change_nothing(door, project, data):
    await door.send("POST", f"labels/{project['id']}", content=data, headers={"Content-Type": "text/csv"}, status=400)
    (found,) = await door.organization.admin.client.data(INTERFACE, {"id": project["uid"]})
    assert json.loads(found["jsonInterface"]).get("jobs") in (None, {})
    assert all(not one["labels"] for one in (await assets_of(door, project)).values())


async def test_roles_are_those_of_graphql(door, project, other_organization):
    number = project["id"]
    of_graphql = Project(project["uid"], door.organization)
    labeler, outsider = await of_graphql.member("LABELER"), await door.organization.person()
    csv = {"content": "name,label\na.png,new\n", "headers": {"Content-Type": "text/csv"}}
    requests = {
        ("GET", f"images/{number}"): 200,
        ("POST", f"image/{number}/z.png"): 403,
        ("DELETE", f"image/{number}/a.png"): 403,
        ("PUT", f"validation/{number}"): 403,
        ("POST", f"train/{number}"): 403,
        ("GET", f"models/{number}"): 200,
        ("POST", f"upload-zip/{number}"): 403,
    }
    for (verb, path), status in requests.items():
        more = {"json": {"name": "m", "images": []}} if verb in ("PUT", "POST") and "image/" not in path else {}
        if "image/" in path and verb == "POST":
            more = {"content": picture("DISC", 1), "headers": OCTETS}
        if "upload-zip" in path:
            more = {"content": zipped({}), "headers": OCTETS}
        await door.as_(labeler.key).send(verb, path, status=status, **more)
        for stranger in (outsider, other_organization.admin):
            await door.as_(stranger.key).send(verb, path, status=404, **more)
    await door.as_(labeler.key).send("POST", f"labels/{number}", status=200, **csv)  # sees no such image
    assets = await assets_of(door, project)
    assert not assets["a.png"]["labels"]


async def test_a_closed_door_is_404(client):
    response = await client.http.get("/sentisight/api/images/1", headers={"X-Auth-token": "x"})
    assert response.status_code == 404


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        [
            "labels/{}",
            "predict/{}/single",
            "upload-zip/{}",
            "train/{}",
            "default/{}",
            "similarity?project={}",
            "image/{}/x",
            "project",
        ]
    ),
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(["name", "labels", "url", "base64", "images", "label", "minutes"]),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    ),
    media=st.sampled_from(
        ["application/json", "application/octet-stream", "text/csv", "multipart/form-data; boundary=x"]
    ),
    verb=st.sampled_from(["POST", "PUT"]),
)
async def test_no_body_ends_in_an_error_of_the_server(filled, door, project, path, body, media, verb):
    asked, number = (filled.door, filled.id) if path.startswith(("predict", "similarity")) else (door, project["id"])
    response = await asked.http.request(
        verb,
        f"/sentisight/api/{path.format(number)}",
        content=body,
        headers={"X-Auth-token": asked.token, "Content-Type": media},
    )
    assert response.status_code < 500, response.text


async def test_labels_that_are_new_at_the_same_moment_all_become_categories(door, project):
    names = [f"new {number}" for number in range(5)]
    sends = [
        door.http.post(
            f"/sentisight/api/labels/{project['id']}",
            json=[{"name": "a.png", "labels": [name]}],
            headers={"X-Auth-token": door.token},
        )
        for name in names
    ]
    assert [answer.status_code for answer in await asyncio.gather(*sends)] == [200] * len(names)
    (found,) = await door.organization.admin.client.data(INTERFACE, {"id": project["uid"]})
    interface = json.loads(found["jsonInterface"])
    assert sorted(interface["jobs"]["LABELS"]["content"]["categories"]) == names


async def test_texts_of_a_zip_are_bounded_together(door, project):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(17):
            made.writestr(f"{number}.txt", random.Random(number).randbytes(1 << 15).hex() * 16)
    response = await door.send(
        "POST", f"labels/{project['id']}?format=yolo", content=written.getvalue(), headers=OCTETS, status=400
    )
    assert response.text == "The texts of the zip have at most 16 MiB in one request.\n"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("a.png", b"x")
    response = await door.send(
        "POST", f"upload-zip/{project['id']}", content=made.getvalue(), headers=OCTETS, status=400
    )
    assert response.text == "Member 'a.png' of the zip is compressed in a way that is not read here; use Deflate.\n"
