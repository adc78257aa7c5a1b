"""`labelyard dataapi` on a database of its own."""

import re

import orjson

from tests.server.door.dataapi import ANIMALS


async def test_a_project_is_made_from_a_file(tell, own_organization, tmp_path):
    file = tmp_path / "animals.json"
    file.write_bytes(orjson.dumps(ANIMALS))

    said = await tell(
        "dataapi", "project", "create", str(file), "--as", own_organization.admin.email, "--title", "Pets"
    )

    found = re.fullmatch(r"Project (\d+) is made: Pets \(in GraphQL (\w+)\)\.", said[0])
    assert found is not None, said
    assert said[1:3] == ['api_url = "http://127.0.0.1:8000/dataapi"', f"project_id = {found[1]}"]
    (project,) = await own_organization.admin.client.data(
        "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { title jsonInterface } }",
        {"id": found[2]},
    )
    assert project["title"] == "Pets"
    assert list(orjson.loads(project["jsonInterface"])["jobs"]) == ["kind", "colours", "size", "is_tame", "note"]


async def test_a_file_with_a_mistake_makes_nothing(run, own_organization, tmp_path):
    file = tmp_path / "animals.json"
    for text, what in (
        (b"{", "is not JSON"),
        (b"[]", "holds no JSON object"),
        (orjson.dumps({**ANIMALS, "input_spec": []}), "input_spec: List should have at least 1 item"),
    ):
        file.write_bytes(text)
        done = await run("dataapi", "project", "create", str(file), "--as", own_organization.admin.email)
        assert (done.code, done.lines) == (1, [])
        assert what in done.complaints[0]
    done = await run("dataapi", "project", "create", "-", "--as", own_organization.admin.email, said="5")
    assert done.complaints == ["labelyard: - holds no JSON object; see docs/dataapi.md for the fields of a project."]
