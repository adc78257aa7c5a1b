"""Deep pages of long lists: what is remembered of them is never seen in the answer."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from labelyard.storage.database import Database
from tests.common.statements import QueryRecorder
from tests.common.world import Project

LABELS = """query ($where: LabelWhere!, $first: PageSize!, $skip: Int!) {
  data: labels(where: $where, first: $first, skip: $skip) { id } }"""
DELETE = "mutation ($ids: [ID!]!) { data: deleteLabels(ids: $ids) }"
COPY = "mutation ($data: CopyLabelsInput!) { data: copyLabels(data: $data) }"
COUNT = 1_500
INSERT = """
insert into label (id, project_id, asset_id, author_id, label_type, json_response, created_at)
select $2 || '-' || n, $1, $2, $3, 'DEFAULT', '{"WEATHER": {"categories": [{"name": "SUN"}]}}', now() - interval '5 minutes'
from generate_series(1, 10) n
"""


@pytest.fixture
async def rows(project: Project, database: Database) -> list[str]:
    """Labels that are old enough to be remembered, in the order of their creation."""
    asset = await project.asset()
    async with database.transaction() as connection:
        await connection.fetch(
            "insert into label (id, project_id, asset_id, author_id, label_type, json_response, created_at) "
            "select :asset || '-' || n, :project, :asset, :author, 'DEFAULT', '{}', moment from "
            "(select now() - interval '5 minutes' as moment) m, "
            "generate_series(1, :count::int) n",
            {"asset": asset, "project": project.id, "author": project.organization.admin.id, "count": COUNT},
        )
    return [f"{asset}-{number}" for number in range(1, COUNT + 1)]


@pytest.fixture
async def own_connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the test's own."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def page(project: Project, skip: int, first: int = 10, **where: object) -> list[str]:
    variables = {"where": {"project": {"id": project.id}, **where}, "first": first, "skip": skip}
    return [label["id"] for label in await project.admin.data(LABELS, variables)]


@pytest.mark.parametrize("where", [{}, {"typeIn": ["DEFAULT"]}], ids=["whole project", "by type"])
async def test_a_page_is_the_same_walked_or_remembered(
    project: Project, rows: list[str], where: dict[str, object]
) -> None:
    for skip in (1_200, 1_210, 1_200, 1_205, 1_490, 1_499, 1_500, 0):
        assert await page(project, skip, **where) == rows[skip : skip + 10]


async def test_pages_follow_deletions_before_them(project: Project, rows: list[str]) -> None:
    assert await page(project, 1_200) == rows[1_200:1_210]
    gone = rows[3:40:2]
    assert await project.admin.data(DELETE, {"ids": gone}) == gone
    left = [label for label in rows if label not in gone]
    assert await page(project, 1_200) == left[1_200:1_210]
    assert await page(project, 1_210) == left[1_210:1_220]


async def test_new_labels_are_found_at_the_end(project: Project, rows: list[str]) -> None:
    assert await page(project, 1_495) == rows[1_495:]
    new = await project.label(await project.asset())
    assert await page(project, 1_495) == [*rows[1_495:], new]
    assert await page(project, 1_500) == [new]


async def test_a_remembered_page_costs_one_look_up_more(
    project: Project, rows: list[str], statements: QueryRecorder
) -> None:
    await page(project, 1_200)
    with statements.recording() as shallow:
        await page(project, 0)
    with statements.recording() as deep:
        await page(project, 1_210)
    assert len(deep) == len(shallow) + 1


async def test_a_copy_with_an_old_date_does_not_hide_labels_that_are_committed_after_it(
    project: Project, rows: list[str], own_connection: asyncpg.Connection
) -> None:
    source, target, other = await project.assets(3)
    author = project.organization.admin.id
    await own_connection.execute(INSERT, project.id, source, author)
    late = own_connection.transaction()
    await late.start()
    await own_connection.execute(INSERT, project.id, other, author)

    await project.admin.data(COPY, {"data": {"projectId": project.id, "srcAssetId": source, "dstAssetId": target}})
    copies = await page(project, COUNT + 10)
    assert len(copies) == 10
    assert await page(project, COUNT + 13, first=2) == copies[3:5]
    await late.commit()

    expected = [*(f"{other}-{number}" for number in range(1, 11)), *copies]
    for skip in (15, 13, 10, 20):
        assert await page(project, COUNT + skip) == expected[skip - 10 :][:10]
