"""What one request may make the server read and answer."""

import asyncio
import json
import time

import psutil
import pytest

from labelyard.resolvers.asset import type as asset_type
from labelyard.services.identity import new_id
from labelyard.storage.plan import budget
from labelyard.storage.plan.budget import MAX_CELLS, ReadBudget
from tests.common.documents import ASSETS, LABELS
from tests.common.world import answer

DATASETS = """{ data: projects(where: {id: "%s"}, first: 1, skip: 0) { dataset { project { dataset { %s } } } } }"""
AGAIN = DATASETS % ("%s", "project { dataset { id } }")
ONCE_AGAIN = DATASETS % ("%s", "id externalId")


async def import_rows(database, project, count):
    """Many assets, past the API."""
    await database.pool.execute(
        "insert into asset (id, project_id, external_id, content) "
        "select 'big' || $1 || n, $1, 'big-' || n, 'x' from generate_series(1, $2) n",
        project.id,
        count,
    )


@pytest.fixture
async def big(database, project):
    await import_rows(database, project, 500)
    return project


async def refusal(response):
    assert response.status_code == 400, response.text[:300]
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    return error


async def test_a_list_that_leads_back_to_its_parents_costs_what_it_multiplies(big, statements):
    with statements.recording() as texts:
        error = await refusal(await big.admin.post(AGAIN % big.id))

    assert "max_cost" in error["message"]
    assert all("person(" in text for text in texts)  # nothing but the key was looked at


async def test_an_answer_that_repeats_objects_is_refused_before_it_is_made(database, project):
    """Read once, written thousands of times: 3,000 assets that each lead to 3,000."""
    await import_rows(database, project, 3_000)
    process = psutil.Process()
    before, started = process.memory_info().rss, time.perf_counter()

    error = await refusal(await project.admin.post(ONCE_AGAIN % project.id))

    assert error["extensions"]["context"]["limit"] == 64 << 20
    assert "max_answer_bytes" in error["message"]
    assert process.memory_info().rss - before < 100 << 20
    assert time.perf_counter() - started < 25


async def test_others_are_answered_while_a_large_answer_is_made(big):
    gaps, done = [], asyncio.Event()

    async def tick():
        last = time.perf_counter()
        while not done.is_set():
            await asyncio.sleep(0.002)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    ticking = asyncio.create_task(tick())
    response = await big.admin.post(ONCE_AGAIN % big.id)
    done.set()
    await ticking

    (found,) = response.json()["data"]["data"]
    assert [len(asset["project"]["dataset"]) for asset in found["dataset"]] == [500] * 500
    assert len(response.content) > 10 << 20
    assert sorted(gaps)[-3] < 0.2  # the client of this test, in the same process, reads the answer in one go too


@pytest.mark.parametrize(
    "document",
    [
        '{ data: labels(where: {project: {id: "%s"}}, first: 100, skip: 0) { jsonResponse } }',
        '{ data: assets(where: {project: {id: "%s"}}, first: 100, skip: 0) { labels { jsonResponse } } }',
        '{ data: projects(where: {id: "%s"}, first: 1, skip: 0) { dataset { labels { author { id } response } } } }',
        '{ data: assets(where: {project: {id: "%s"}}, first: 100, skip: 0) { latestLabel { jsonResponse } } }',
    ],
    ids=["a page", "a list", "a list in a list", "the first of a list"],
)
async def test_long_values_are_counted_in_the_database(database, project, app_with, document):
    for asset_id in await project.assets(12):
        await project.label(asset_id)
    await database.pool.execute(
        "update label set json_response = $2 where project_id = $1", project.id, answer()[:-1] + " " * 200_000 + "}"
    )
    client = app_with(max_answer_bytes=1 << 20).as_(project.organization.admin.key)
    error = await refusal(await client.post(document % project.id))

    assert error["extensions"]["context"]["limit"] == 1 << 20
    assert len((await project.admin.post(document % project.id)).content) > 2 << 20


async def test_no_more_rows_are_read_than_any_answer_may_have():
    budget = ReadBudget()
    budget.take_rows(100_000, 6)

    with pytest.raises(Exception, match=r"max_cells.*first") as refused:
        budget.take_rows(1, 6)
    assert refused.value.context == {"limit": MAX_CELLS}


async def test_pages_of_new_ids_stay_cheap(project, statements):
    """The limits add no statement."""
    await project.assets(3, prefix=new_id())
    with statements.recording() as texts:
        await project.admin.data(ONCE_AGAIN % project.id)
    assert len(texts) == 4


async def test_a_value_under_many_names_is_derived_once(project, monkeypatch):
    asset_id = await project.asset(jsonContentArray='["https://tiles.example/1"]')
    derived = []
    plain = asset_type.file_or_text
    monkeypatch.setattr(asset_type, "file_or_text", lambda *given: derived.append(given) or plain(*given))
    fields = "a: jsonContent b: jsonContent jsonContent labels { id labelOf { a: jsonContent } }"
    await project.label(asset_id)

    (found,) = await project.admin.data(ASSETS % fields, {"where": {"id": asset_id}, "first": 1, "skip": 0})

    text = '["https://tiles.example/1"]'
    assert (found["a"], found["b"], found["jsonContent"]) == (text, text, text)
    assert found["labels"][0]["labelOf"] == {"a": text}
    assert len(derived) == 2


async def test_links_that_make_an_answer_too_long_are_refused(project, app_with):
    (url,) = await project.admin.data("{ data: createUploadBucketSignedUrls(size: 1) }")
    await project.admin.http.put(url, content=b"a tile")
    named = f"//a/api/label/files?id={url.rpartition('id=')[2]}"
    asset_id = await project.asset(jsonContentArray=json.dumps([named] * 2_000))
    client = app_with(max_answer_bytes=1 << 18).as_(project.admin.key)
    asked = {"where": {"id": asset_id}, "first": 1, "skip": 0}

    error = (await client.post(ASSETS % "jsonContent", asked)).json()["errors"][0]

    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert "max_answer_bytes" in error["message"]  # found while the answer was made, not when it was written


async def test_objects_that_are_made_of_labels_are_counted(project, monkeypatch):
    asset_id = await project.asset()
    await project.label(asset_id, json_response=answer(cars=40))
    asked = {"where": {"asset": {"id": asset_id}}, "first": 1, "skip": 0}
    monkeypatch.setattr(budget, "MAX_CELLS", 200)

    assert await project.admin.data(LABELS % "jsonResponse", asked)
    error = (await project.admin.post(LABELS % "annotations { id }", asked)).json()["errors"][0]

    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert "max_cells" in error["message"]
