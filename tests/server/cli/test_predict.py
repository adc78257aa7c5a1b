"""`labelyard predict` on a database of its own."""

from __future__ import annotations

import orjson
import pytest

from tests.common.command import write_lines
from tests.common.documents import LABELS
from tests.common.world import answer, box

FIELDS = "labelType modelName jsonResponse author { email } labelOf { externalId }"


@pytest.fixture
async def project(own_organization):
    made = await own_organization.project()
    await made.assets(3)
    return made


async def labels(project) -> list[dict[str, object]]:
    variables = {"where": {"project": {"id": project.id}}, "first": 100, "skip": 0}
    found: list[dict[str, object]] = await project.admin.data(LABELS % FIELDS, variables)
    return found


async def test_predictions_are_stored_once_however_often_the_command_runs(project, tell, tmp_path):
    admin = project.organization.admin.email
    without_mid = {"PLACE": {"annotations": [{key: value for key, value in box(mid="m").items() if key != "mid"}]}}
    rain = orjson.loads(answer("RAIN"))
    path = write_lines(
        tmp_path / "predictions.jsonl",
        [
            {"externalId": "asset-0", "jsonResponse": rain, "modelName": "weather-2"},
            {"external_id": "asset-1", "json_response": answer("SUN")},
            {"externalId": "asset-2", "jsonResponse": {**rain, **without_mid}},
            {"externalId": "asset-0", "jsonResponse": rain},
        ],
    )
    first = await tell("predict", project.id, path, "--as", admin, "--model", "weather-1")
    found = await labels(project)
    second = await tell("predict", project.id, path, "--as", admin, "--model", "weather-1")

    assert first == [f"4 predictions written to project {project.id}, 0 were there already."]
    assert second == [f"0 predictions written to project {project.id}, 4 were there already."]
    assert await labels(project) == found
    assert [(row["labelOf"]["externalId"], row["modelName"]) for row in found] == [
        ("asset-0", "weather-2"),
        ("asset-1", "weather-1"),
        ("asset-2", "weather-1"),
        ("asset-0", "weather-1"),
    ]
    assert {(row["labelType"], row["author"]["email"]) for row in found} == {("PREDICTION", admin)}
    assert orjson.loads(found[0]["jsonResponse"]) == rain
    assert orjson.loads(found[2]["jsonResponse"])["PLACE"]["annotations"][0]["mid"]


async def test_every_refused_line_is_told_and_the_others_are_stored(project, run, tmp_path):
    path = write_lines(
        tmp_path / "predictions.jsonl",
        [
            {"externalId": "asset-0", "jsonResponse": {"NOTHING": {}}, "modelName": "m"},
            {"externalId": "asset-1", "jsonResponse": orjson.loads(answer()), "modelName": "m"},
            {"externalId": "nobody", "jsonResponse": {}, "modelName": "m"},
            {"externalId": "asset-9", "jsonResponse": orjson.loads(answer()), "modelName": "m"},
            {"externalId": "asset-2", "jsonResponse": orjson.loads(answer())},
            {"externalId": "asset-2", "jsonResponse": "{", "modelName": "m"},
            {"externalId": "asset-2", "jsonResponse": orjson.loads(answer("FOG")), "modelName": "m"},
            {"externalId": "asset-2", "jsonResponse": orjson.loads(answer()), "modelName": "m" * 201},
        ],
    )
    done = await run("predict", project.id, path, "--as", project.organization.admin.email)
    assert done.code == 1
    assert done.lines == [f"1 predictions written to project {project.id}, 0 were there already."]
    *refused, summary = done.complaints
    assert summary == "labelyard: 7 rows were refused."
    assert [line.partition(":")[0] for line in refused] == [f"line {number}" for number in (1, 3, 4, 5, 6, 7, 8)]
    for line, reason in zip(
        refused, ["UNKNOWN_JOB", "it has no answer", "asset-9", "names no model", "NOT_JSON", "FOG", "201"], strict=True
    ):
        assert reason in line
    assert [row["labelOf"]["externalId"] for row in await labels(project)] == ["asset-1"]


async def test_a_labeler_predicts_nothing(project, run, tmp_path):
    ada = await project.member("LABELER")
    path = write_lines(tmp_path / "p.jsonl", [{"externalId": "asset-0", "jsonResponse": answer(), "modelName": "m"}])
    done = await run("predict", project.id, path, "--as", ada.email)
    assert (done.code, done.lines) == (1, [])
    assert "does not allow you to" in done.complaints[0]
    assert await labels(project) == []
