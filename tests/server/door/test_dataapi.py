"""Data tasks over HTTP: projects, tasks, results."""

import base64
import csv
import io
import time

import orjson
import pytest

from tests.common.documents import ASSETS, UPDATE_PROJECT
from tests.server.door.dataapi import ANIMALS, Customer, picture, said, sent


@pytest.fixture
def customer(app_with, organization) -> Customer:
    """The administrator of an organization, at a server on which the door is open."""
    return Customer(app_with(doors="dataapi").http, organization, organization.admin)


def shown(outputs: list[dict]) -> list[dict]:
    """Output fields as they are answered."""
    return [
        {
            "name": output["name"],
            "type": output["type"],
            "required": output.get("required", False),
            "label": output.get("label", output["name"]),
            "options": [
                {"value": option, "label": option} if isinstance(option, str) else option
                for option in output.get("options", [])
            ],
        }
        for output in outputs
    ]


async def test_a_project_is_made_and_read_and_is_one_of_graphql(customer):
    made = await customer.project(answers_per_task=3)

    assert made == {
        "id": made["id"],
        "uid": made["uid"],
        "title": "Animals",
        "description": "short",
        "public_description": "Say what you see.",
        "language": "en",
        "input_spec": [{"required": False, **field} for field in ANIMALS["input_spec"]],
        "output_spec": shown(ANIMALS["output_spec"]),
        "answers_per_task": 3,
        "callback_url": None,
        "created_at": made["created_at"],
    }
    for name in (made["id"], made["uid"]):
        assert await customer.call("GET", f"/projects/{name}") == made
    (project,) = await customer.person.client.data(
        """query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) {
          title description inputType jsonInterface minConsensusSize consensusTotCoverage roles { role } } }""",
        {"id": made["uid"]},
    )
    jobs = orjson.loads(project.pop("jsonInterface"))["jobs"]
    assert project == {
        "title": "Animals",
        "description": "Say what you see.",
        "inputType": "IMAGE",
        "minConsensusSize": 3,
        "consensusTotCoverage": 100,
        "roles": [{"role": "ADMIN"}],
    }
    assert list(jobs) == ["kind", "colours", "size", "is_tame", "note"]
    assert jobs["kind"] == {
        "mlTask": "CLASSIFICATION",
        "required": 1,
        "isChild": False,
        "instruction": "Which animal?",
        "content": {
            "input": "radio",
            "categories": {name: {"name": name, "children": []} for name in ("cat", "dog")},
        },
    }
    assert jobs["size"]["content"]["input"] == "singleDropdown"
    assert jobs["is_tame"]["content"] == {
        "input": "checkbox",
        "categories": {"yes": {"name": "yes", "children": []}},
    }
    assert (jobs["note"]["mlTask"], jobs["note"]["content"]) == ("TRANSCRIPTION", {"input": "textField"})


async def test_a_project_is_changed_and_its_fields_only_before_the_first_task(customer):
    made = await customer.project()
    path = f"/projects/{made['id']}"
    changed = await customer.call(
        "PATCH",
        path,
        {
            "title": "Pets",
            "language": "de",
            "output_spec": [{"name": "text", "type": "input"}],
            "input_spec": [{"name": "photo", "type": "image"}],
            "answers_per_task": 2,
        },
    )
    assert changed == {
        **made,
        "title": "Pets",
        "language": "de",
        "output_spec": shown([{"name": "text", "type": "input"}]),
        "input_spec": [{"name": "photo", "type": "image", "required": False}],
        "answers_per_task": 2,
    }
    assert await customer.call("GET", path) == changed
    refused = await customer.refused("PATCH", path, {"input_spec": [{"name": "t", "type": "text"}]}, status=422)
    assert "asset type" in refused["message"]
    await customer.task(made, {"photo": sent(picture())})
    for specs in ({"input_spec": ANIMALS["input_spec"]}, {"output_spec": []}):
        await customer.refused("PATCH", path, specs, status=409)
    assert (await customer.call("PATCH", path, {"public_description": "New"}))["public_description"] == "New"
    await customer.call("DELETE", path, status=204)
    await customer.refused("GET", path, status=404)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": ""}, {"title"}),
        ({"title": None}, {"title"}),
        ({"input_spec": []}, {"input_spec"}),
        ({"input_spec": [{"name": "a", "type": "video"}]}, {"input_spec.0.type"}),
        ({"input_spec": [{"name": "worker", "type": "text"}]}, {"input_spec.0.name"}),
        ({"input_spec": [{"name": "kind", "type": "text"}]}, {"body"}),
        ({"output_spec": [{"name": "7", "type": "input"}]}, {"output_spec.0.name"}),
        ({"output_spec": [{"name": "a", "type": "radio"}]}, {"output_spec.0"}),
        ({"output_spec": [{"name": "a", "type": "radio", "options": ["b", "b"]}]}, {"output_spec.0"}),
        ({"output_spec": [{"name": "a", "type": "input", "options": ["b"]}]}, {"output_spec.0"}),
        ({"answers_per_task": 11}, {"answers_per_task"}),
        ({"answers_per_task": "2"}, {"answers_per_task"}),
        ({"colour": "red"}, {"colour"}),
        ({"callback_url": "http://127.0.0.1/x", "callback_secret": "s"}, {"callback_url"}),
        ({"callback_url": "file:///etc/passwd", "callback_secret": "s"}, {"callback_url"}),
        ({"callback_url": "https://8.8.8.8/x"}, {"callback_secret"}),
    ],
)
async def test_what_is_wrong_in_a_project_is_named(customer, fields, wrong):
    refused = await customer.refused("POST", "/projects", {**ANIMALS, **fields}, status=422)
    assert set(refused["fields"]) == wrong
    assert await customer.call("GET", "/projects") == {"items": [], "total": 0}


async def test_a_task_keeps_pictures_byte_for_byte(customer):
    project = await customer.project()
    png, jpeg = picture(), picture("JPEG", "blue")
    task = await customer.task(
        project,
        {"image_with_animal": sent(png), "hint": "It barks.", "detail": base64.b64encode(jpeg).decode()},
        {"image_with_animal": sent(jpeg), "hint": ""},
    )

    number = task["id"]
    assert {key: task[key] for key in ("project_id", "status", "callbacks")} == {
        "project_id": project["id"],
        "status": "pending",
        "callbacks": [],
    }
    first, second = task["items"]
    assert first.keys() == {"id", "external_id", "status", "inputs", "answers", "worker", "finished_at"}
    assert [item["external_id"] for item in task["items"]] == [f"task-{number}-1", f"task-{number}-2"]
    assert (first["status"], first["answers"], first["worker"], first["finished_at"]) == ("pending", {}, None, None)
    assert first["inputs"].keys() == {"image_with_animal", "hint", "detail"}
    assert first["inputs"]["hint"] == "It barks."
    assert second["inputs"].keys() == {"image_with_animal"}
    for link, whole, media_type in (
        (first["inputs"]["image_with_animal"], png, "image/png"),
        (first["inputs"]["detail"], jpeg, "image/jpeg"),
        (second["inputs"]["image_with_animal"], jpeg, "image/jpeg"),
    ):
        served = await customer.http.get(link)
        assert (served.content, served.headers["content-type"]) == (whole, media_type)
    again = await customer.call("GET", f"/tasks/{number}")
    assert [item["id"] for item in again["items"]] == [first["id"], second["id"]]
    assets = await customer.person.client.data(
        ASSETS % "externalId jsonMetadata status", {"where": {"project": {"id": project["uid"]}}, "first": 5, "skip": 0}
    )
    assert [(asset["externalId"], asset["status"]) for asset in assets] == [
        (f"task-{number}-{place}", "TODO") for place in (1, 2)
    ]
    metadata = orjson.loads(assets[0]["jsonMetadata"])
    assert metadata.keys() == {"text", "imageUrl"}
    assert metadata["text"] == "It barks."
    # A file beside the content stays with its asset, whatever becomes of the labels.
    await customer.answer(project, first, said())
    labels = await customer.project_of(project).rows("label")
    await customer.person.client.data(
        "mutation ($ids: [ID!]!) { data: deleteLabels(ids: $ids) }", {"ids": [labels[0]["id"]]}
    )
    assert (await customer.http.get(first["inputs"]["detail"])).status_code == 200


async def test_a_project_of_texts(customer):
    project = await customer.project(
        input_spec=[
            {"name": "text", "type": "text", "required": True},
            {"name": "a", "type": "text"},
            {"name": "b", "type": "text"},
        ],
    )
    long = "ä" * 100_000
    task = await customer.task(project, {"text": "Is this rude?", "a": "one", "b": long})
    assert task["items"][0]["inputs"] == {"text": "Is this rude?", "a": "one", "b": long}
    (row,) = await customer.project_of(project).rows("asset")
    assert row["content"] == "Is this rude?"
    assert orjson.loads(row["json_metadata"])["text"].startswith("a: one\nb: ää")


@pytest.mark.parametrize(
    "text",
    [
        "data:image/png;base64,AAAA",
        "https://label.example/api/label/v2/files?id=0123456789abcdef0123",
        "http://a.example/",
    ],
)
async def test_a_text_that_looks_like_an_address_stays_a_text(customer, text):
    project = await customer.project(input_spec=[{"name": "text", "type": "text"}])
    (item,) = (await customer.task(project, {"text": text}))["items"]
    assert item["inputs"] == {"text": text}
    (asset,) = await customer.person.client.data(
        ASSETS % "content", {"where": {"project": {"id": project["uid"]}}, "first": 5, "skip": 0}
    )
    assert (await customer.http.get(asset["content"])).text == text


async def test_texts_that_are_long_in_all_become_files(customer):
    project = await customer.project(input_spec=[{"name": "text", "type": "text"}, {"name": "more", "type": "text"}])
    text = "Lörem " * 140_000
    task = await customer.task(project, *[{"text": f"{number} {text}", "more": text} for number in range(6)])
    shown = [item["inputs"][name] for item in task["items"] for name in ("text", "more")]
    assert shown[:8] == [kept for number in range(4) for kept in (f"{number} {text}", text)]
    assert (await customer.http.get(shown[-2])).text == f"5 {text}"
    assert (await customer.http.get(shown[-1])).text == text
    for item in task["items"]:
        await customer.answer(project, item, said())
    results = await customer.call("GET", f"/projects/{project['id']}/results")
    assert [result["item_id"] for result in results] == [item["id"] for item in task["items"]]
    body = {"project_id": project["id"], "task_spec": [{"text": text, "more": "a" * 5000 + "\0"}] * 9}
    refused = await customer.refused("POST", "/tasks", body, status=422)
    assert "NUL" in refused["fields"]["more"]


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        ({}, {"image_with_animal": "is missing"}),
        ({"image_with_animal": ""}, {"image_with_animal": "is missing"}),
        ({"image_with_animal": None}, {"image_with_animal": "is missing"}),
        ({"image_with_animal": 5}, {"image_with_animal": "must be a string"}),
        ({"image_with_animal": "data:image/png;base64,???"}, {"image_with_animal": "is not base64"}),
        (
            {"image_with_animal": sent(b"GIF? no, a text")},
            {"image_with_animal": "is not a picture (JPEG, PNG, GIF, WebP, BMP or TIFF), but text/plain"},
        ),
        ({"image_with_animal": sent(picture()), "colour": "red"}, {"colour": "is no input field of the project"}),
        (
            {"image_with_animal": sent(picture()), "hint": "x" * (1 << 20) + "x"},
            {"hint": "is longer than 1,048,576 bytes"},
        ),
        (
            {"image_with_animal": sent(picture() + b"\0" * (20 << 20))},
            {"image_with_animal": "is larger than 20,971,520 bytes"},
        ),
        (
            {"image_with_animal": "https://images.example/a.png"},
            {
                "image_with_animal": "is a link to images.example, from which nothing is fetched; send the picture itself, "
                "in base64"
            },
        ),
    ],
)
async def test_a_wrong_item_refuses_the_whole_task(customer, item, fields):
    project = await customer.project()
    body = {"project_id": project["id"], "task_spec": [item]}
    refused = await customer.refused("POST", "/tasks", body, status=422)
    assert refused["fields"] == fields
    body["task_spec"].insert(0, {"image_with_animal": sent(picture())})
    refused = await customer.refused("POST", "/tasks", body, status=422)
    assert list(refused["fields"]) == list(fields)
    assert await customer.project_of(project).rows("asset") == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"project_id": 1.5, "task_spec": [{}]}, "project_id"),
        ({"task_spec": [{}]}, "project_id"),
        ({"project_id": 1}, "task_spec"),
        ({"project_id": 1, "task_spec": []}, "task_spec"),
        ({"project_id": 1, "task_spec": {}}, "task_spec"),
        ({"project_id": 1, "task_spec": [1]}, "task_spec.0"),
        ({"project_id": 1, "task_spec": [{}] * 1001}, "task_spec"),
        ({"project_id": 1, "task_spec": [{}], "more": 1}, "more"),
    ],
)
async def test_a_task_of_another_shape(customer, body, field):
    refused = await customer.refused("POST", "/tasks", body, status=422)
    assert next(iter(refused["fields"])).startswith(field)


async def test_answers_are_read_and_a_review_changes_them(customer):
    project = await customer.project()
    task = await customer.task(project, *[{"image_with_animal": sent(picture())}] * 4)
    first, second, third, fourth = task["items"]
    worker = await customer.project_of(project).member("LABELER")

    await customer.answer(
        project,
        first,
        said("dog", colours=["b", "w"], size=["small"], is_tame=["yes"], note="Sleeps; loudly"),
        by=worker,
    )
    assets = await customer.asset_ids(project)
    await worker.client.data(
        "mutation ($id: ID!, $said: String!) { data: appendToLabels(data: {jsonResponse: $said, skipped: true, "
        "labelType: DEFAULT}, where: {id: $id}) { id } }",
        {"id": assets[second["external_id"]], "said": said()},
    )
    await worker.client.data(
        'mutation ($id: ID!) { data: skipAsset(reason: "blurred", where: {id: $id}) { id } }',
        {"id": assets[fourth["external_id"]]},
    )
    await customer.answer(project, third, orjson.dumps({"note": {"text": "?"}}).decode(), by=worker)

    read = await customer.call("GET", f"/tasks/{task['id']}")
    assert read["status"] == "in_progress"
    done, rejected, incomplete, skipped = read["items"]
    assert skipped["status"] == "rejected"
    answers = {"kind": "dog", "colours": ["b", "w"], "size": "small", "is_tame": ["yes"], "note": "Sleeps; loudly"}
    assert (done["status"], done["answers"], done["worker"]) == ("done", answers, worker.email)
    assert done["finished_at"].endswith("Z")
    assert (rejected["status"], rejected["answers"], rejected["worker"]) == ("rejected", {}, None)
    assert (incomplete["status"], incomplete["answers"]) == ("in_progress", {"note": "?"})
    assert incomplete["finished_at"] is None
    path = f"/projects/{project['id']}/results"
    (result,) = await customer.call("GET", path)
    assert result == {
        "task_id": task["id"],
        "item_id": first["id"],
        "inputs": result["inputs"],
        "answers": answers,
        "worker": worker.email,
        "finished_at": done["finished_at"],
    }
    table = await customer.http.get(f"/dataapi{path}?format=csv", headers={"Authorization": customer.person.key})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    head, row = csv.reader(io.StringIO(table.text))
    assert head == [
        *("task_id", "item_id", "image_with_animal", "hint", "detail", "kind", "colours", "size", "is_tame", "note"),
        *("worker", "finished_at"),
    ]
    assert [row[0], row[1], *row[3:]] == [
        *(str(task["id"]), str(first["id"]), "", "", "dog", "b;w", "small", "yes", "Sleeps; loudly"),
        *(worker.email, done["finished_at"]),
    ]

    await customer.answer(project, first, said("cat"), kind="REVIEW")
    await customer.answer(project, third, said("cat", note="=1+1"), by=worker)
    table = await customer.http.get(f"/dataapi{path}?format=csv", headers={"Authorization": customer.person.key})
    assert [row[9] for row in csv.reader(io.StringIO(table.text))] == ["note", "", "'=1+1"]
    read = await customer.call("GET", f"/tasks/{task['id']}")
    assert (read["items"][0]["status"], read["items"][0]["answers"]) == ("done", {"kind": "cat"})
    assert read["items"][0]["worker"] == customer.person.email
    results = await customer.call("GET", path)
    assert [result["item_id"] for result in results] == [first["id"], third["id"]]
    since = results[1]["finished_at"]
    later = await customer.call("GET", f"{path}?since={since}")
    assert [result["item_id"] for result in later][-1:] == [third["id"]]
    assert await customer.call("GET", f"{path}?since=2999-01-01") == []
    assert (await customer.refused("GET", f"{path}?since=soon", status=422))["message"]
    assert (await customer.refused("GET", f"{path}?format=xml", status=422))["fields"].keys() == {"format"}


async def test_several_workers_answer_one_item(customer):
    project = await customer.project(answers_per_task=2)
    task = await customer.task(project)
    (item,) = task["items"]
    one, two = [await customer.project_of(project).member("LABELER") for _ in range(2)]

    await customer.answer(project, item, said("cat"), by=one)
    (read,) = (await customer.call("GET", f"/tasks/{task['id']}"))["items"]
    assert read["status"] == "in_progress"
    assert await customer.call("GET", f"/projects/{project['id']}/results") == []
    await customer.answer(project, item, said("dog"), by=two)

    (read,) = (await customer.call("GET", f"/tasks/{task['id']}"))["items"]
    everybody = [
        {"answers": {"kind": "cat"}, "worker": one.email},
        {"answers": {"kind": "dog"}, "worker": two.email},
    ]
    assert (read["status"], read["answers"], read["worker"]) == ("done", {"kind": "cat"}, one.email)
    assert read["all_answers"] == everybody
    (result,) = await customer.call("GET", f"/projects/{project['id']}/results")
    assert (result["answers"], result["all_answers"]) == ({"kind": "cat"}, everybody)

    await customer.answer(project, item, said("dog"), kind="REVIEW")
    (read,) = (await customer.call("GET", f"/tasks/{task['id']}"))["items"]
    assert (read["status"], read["answers"]) == ("done", {"kind": "dog"})
    assert "all_answers" not in read


async def test_tasks_are_listed_counted_and_deleted(customer, statements):
    project, other = await customer.project(), await customer.project()
    tasks = [await customer.task(project) for _ in range(3)]
    elsewhere = await customer.task(other)
    await customer.answer(project, tasks[1]["items"][0], said())

    async def listed(query: str) -> tuple[list[int], int]:
        answer = await customer.call("GET", f"/tasks?{query}")
        assert answer.keys() == {"items", "total"}
        return [task["id"] for task in answer["items"]], answer["total"]

    numbers = [task["id"] for task in tasks]
    assert await listed(f"project_id={project['id']}") == (numbers, 3)
    assert await listed(f"project_id={project['uid']}&limit=1&offset=1") == (numbers[1:2], 3)
    assert await listed(f"project_id={project['id']}&offset=9") == ([], 3)
    assert await listed(f"project_id={project['id']}&status=done") == (numbers[1:2], 1)
    assert await listed(f"project_id={project['id']}&status=pending") == ([numbers[0], numbers[2]], 2)
    assert await listed(f"project_id={project['id']}&status=in_progress") == ([], 0)
    assert await listed("") == ([*numbers, elsewhere["id"]], 4)
    for wrong in ("limit=0", "limit=1001", "limit=x", "offset=-1", "status=all"):
        assert (await customer.refused("GET", f"/tasks?{wrong}", status=422))["fields"].keys() == {wrong.split("=")[0]}
    await customer.refused("GET", "/tasks?project_id=999999999", status=404)

    counts = []
    for limit in (1, 3):
        with statements.recording() as run:
            await customer.call("GET", f"/tasks?project_id={project['id']}&limit={limit}&offset={3 - limit}")
        counts.append(len(run))
    await customer.refused("DELETE", f"/tasks/{numbers[1]}", status=409)
    await customer.call("DELETE", f"/tasks/{numbers[0]}", status=204)
    await customer.refused("GET", f"/tasks/{numbers[0]}", status=404)
    await customer.refused("DELETE", f"/tasks/{numbers[0]}", status=404)
    assert await listed(f"project_id={project['id']}") == (numbers[1:], 2)
    for name in ("x", "0", "-1", "9" * 30, "%00"):
        await customer.refused("GET", f"/tasks/{name}", status=404)


async def test_lists_take_as_many_statements_as_one_item(customer, statements):
    project = await customer.project(answers_per_task=2)
    worker = await customer.project_of(project).member("LABELER")
    for count in (1, 20):
        task = await customer.task(project, *[{"image_with_animal": sent(picture())}] * count)
        for item in task["items"]:
            await customer.answer(project, item, said(), by=worker)
            await customer.answer(project, item, said())
    counts = {}
    for path in ("/tasks", f"/projects/{project['id']}/results", "/projects"):
        counts[path] = []
        for query in ("?limit=1", "?limit=2"):
            with statements.recording() as run:
                await customer.call("GET", path + query)
            counts[path].append(len(run))
    assert all(one == many <= 10 for one, many in counts.values()), counts


async def test_projects_of_graphql_are_reached_where_the_shapes_allow_it(customer):
    interface = {
        "jobs": {
            "TOPIC": {
                "mlTask": "CLASSIFICATION",
                "required": 1,
                "isChild": False,
                "instruction": "Topic",
                "content": {"input": "checkbox", "categories": {"A": {"name": "Art"}, "B": {"name": "Books"}}},
            }
        }
    }
    project = await customer.organization.project(interface, inputType="TEXT", title="Made elsewhere")
    boxes = await customer.organization.project()
    asset, *_ = await project.assets(2, contentArray=["one text", "another"])

    listed = await customer.call("GET", "/projects")
    assert [(one["uid"], one["title"]) for one in listed["items"]] == [(project.id, "Made elsewhere")]
    (shown_project,) = listed["items"]
    assert shown_project["input_spec"] == [{"name": "text", "type": "text", "required": True}]
    assert shown_project["output_spec"] == [
        {
            "name": "TOPIC",
            "type": "checkbox",
            "required": True,
            "label": "Topic",
            "options": [{"value": "A", "label": "Art"}, {"value": "B", "label": "Books"}],
        }
    ]
    await customer.refused("GET", f"/projects/{boxes.id}", status=404)
    tasks = (await customer.call("GET", "/tasks"))["items"]
    assert [task["items"][0]["inputs"] for task in tasks] == [{"text": "one text"}, {"text": "another"}]
    await project.label(asset, json_response='{"TOPIC": {"categories": [{"name": "B"}]}}')
    read = await customer.call("GET", f"/tasks/{tasks[0]['id']}")
    assert (read["status"], read["items"][0]["answers"]) == ("done", {"TOPIC": ["B"]})
    made = await customer.call(
        "POST", "/tasks", {"project_id": project.id, "task_spec": [{"text": "a third"}]}, status=201
    )
    assert made["id"] > tasks[1]["id"]
    assert (await customer.call("PATCH", f"/projects/{project.id}", {"language": "fr"}))["language"] == "fr"


async def test_roles_and_strangers_are_refused_as_by_graphql(customer, other_organization):
    project = await customer.project(callback_url="https://8.8.8.8/x", callback_secret="s3cret")
    task = await customer.task(project)
    (item,) = task["items"]
    members = {
        role: await customer.project_of(project).member(role)
        for role in ("ADMIN", "TEAM_MANAGER", "REVIEWER", "LABELER")
    }
    item_body = {"project_id": project["id"], "task_spec": [{"image_with_animal": sent(picture())}]}
    calls = [
        ("PATCH", f"/projects/{project['id']}", {"language": "x"}),
        ("DELETE", f"/projects/{project['id']}", None),
        ("POST", "/tasks", item_body),
        ("DELETE", f"/tasks/{task['id']}", None),
    ]
    for role in ("TEAM_MANAGER", "REVIEWER", "LABELER"):
        theirs = customer.as_(members[role])
        read = await theirs.call("GET", f"/projects/{project['id']}")
        assert read["callback_url"] is None
        for verb, path, body in calls:
            # A labeler does not even see an item that is not theirs.
            hidden = role == "LABELER" and path.startswith("/tasks/")
            await theirs.refused(verb, path, body, status=404 if hidden else 403)
    labeler = customer.as_(members["LABELER"])
    await labeler.refused("GET", f"/tasks/{task['id']}", status=404)
    assert await labeler.call("GET", "/tasks") == {"items": [], "total": 0}
    await customer.answer(project, item, said(), by=members["LABELER"])
    assert (await labeler.call("GET", f"/tasks/{task['id']}"))["items"][0]["answers"] == {"kind": "cat"}
    assert len(await labeler.call("GET", f"/projects/{project['id']}/results")) == 1
    assert (await customer.as_(members["ADMIN"]).call("GET", f"/projects/{project['id']}"))["callback_url"]

    stranger = customer.as_(other_organization.admin)
    for key in (project["id"], project["uid"]):
        for verb, path, body in [
            ("GET", f"/projects/{key}", None),
            ("GET", f"/projects/{key}/results", None),
            ("GET", f"/tasks?project_id={key}", None),
            ("GET", f"/tasks/{task['id']}", None),
            *[(verb, path, body) for verb, path, body in calls if path != "/tasks"],
            ("POST", "/tasks", {**item_body, "project_id": key}),
        ]:
            refused = await stranger.refused(verb, path, body, status=404)
            assert "Animals" not in refused["message"]
    assert await stranger.call("GET", "/projects") == {"items": [], "total": 0}
    assert await stranger.call("GET", "/tasks") == {"items": [], "total": 0}
    assert await customer.call("GET", f"/tasks/{task['id']}")


async def test_the_secret_of_callbacks_is_kept_sealed(customer, database):
    project = await customer.project(callback_url="https://8.8.8.8/x", callback_secret="very s3cret")
    assert project["callback_url"] == "https://8.8.8.8/x"
    assert "callback_secret" not in project
    async with database.reader() as connection:
        record = await connection.fetch_value(
            "select record::text from door_project where project_id = :id", {"id": project["uid"]}
        )
    assert "very" not in record
    changed = await customer.call("PATCH", f"/projects/{project['id']}", {"callback_url": None})
    assert changed["callback_url"] is None


async def test_a_task_that_is_sent_twice_with_a_key_is_made_once(customer):
    project = await customer.project()
    body = {"project_id": project["id"], "task_spec": [{"image_with_animal": sent(picture()), "hint": "x" * 5000}]}
    headers = {"Authorization": customer.person.key, "Idempotency-Key": "one", "Content-Type": "application/json"}

    made = [await customer.http.post("/dataapi/tasks", content=orjson.dumps(body), headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == made[1].json()
    body["task_spec"][0]["hint"] = "y" * 5000
    other = await customer.http.post("/dataapi/tasks", content=orjson.dumps(body), headers=headers)
    assert other.status_code == 409
    assert (await customer.call("GET", "/tasks"))["total"] == 1


async def test_an_archived_project_is_read_and_takes_nothing(customer):
    project = await customer.project()
    task = await customer.task(project)
    await customer.person.client.data(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": project["uid"]}})
    assert (await customer.call("GET", f"/tasks/{task['id']}"))["status"] == "pending"
    body = {"project_id": project["id"], "task_spec": [{"image_with_animal": sent(picture())}]}
    await customer.refused("POST", "/tasks", body, status=403)
    await customer.refused("DELETE", f"/tasks/{task['id']}", status=403)
    await customer.refused("PATCH", f"/projects/{project['id']}", {"title": "x"}, status=403)


@pytest.mark.parametrize(
    "body",
    [
        {f"key{number}": 1 for number in range(100_000)},
        {**ANIMALS, "input_spec": [{"name": "a", "type": "text", **{f"key{number}": 1 for number in range(100_000)}}]},
        {**ANIMALS, "output_spec": [{"name": f"a{n}", "type": "radio", "options": [5] * 1000} for n in range(100)]},
    ],
    ids=["fields", "fields of a field", "options"],
)
async def test_a_body_of_nothing_but_mistakes_is_refused_at_once(customer, body):
    began = time.process_time()
    await customer.refused("POST", "/projects", body, status=422)
    assert time.process_time() - began < 1.5


async def test_a_refusal_names_some_of_many_unknown_fields(customer):
    project = await customer.project()
    body = {"project_id": project["id"], "task_spec": [{f"key{number}": 1 for number in range(100_000)}]}
    refused = await customer.refused("POST", "/tasks", body, status=422)
    assert len(refused["fields"]) == 50
