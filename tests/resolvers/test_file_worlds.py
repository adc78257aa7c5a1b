"""Random worlds: a person reads a file exactly if `assets(...)` shows them an asset that holds it.

Of a file that only a label names, `labels(...)` must show them such a label, too.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlmodel import SQLModel

import labelyard.storage.table  # noqa: F401 - which declares the tables
from labelyard.services.identity import new_id
from labelyard.storage.blob import new_blob_id
from labelyard.storage.database import Reader
from labelyard.storage.file_access import READABLE, readable_blobs
from labelyard.storage.file_holder import ASSET_COLUMNS, IS_HELD_BY_NOTHING, REFERENCES
from tests.common.world import Organization, Person, Project

ROLES = ("ADMIN", "TEAM_MANAGER", "REVIEWER", "LABELER", "LABELER")
SEEN = "query { data: assets(where: {}, first: 1000, skip: 0) { id } }"
SEEN_LABELS = "query { data: labels(where: {}, first: 1000, skip: 0) { id } }"
WAYS = (
    *ASSET_COLUMNS,
    *("in a label", "in a label", "inline", "part of content_blob_id", "part of json_content_blob_id"),
    "thumbnail of content_blob_id",
)
FILES, ASSETS, TIMES = 14, 12, 22


async def add_file(pool: asyncpg.Pool, organization: Organization) -> str:
    file_id = new_blob_id()
    await pool.execute(
        "insert into blob (id, organization_id, size, sha256, media_type) values ($1, $2, 1, 'a', 'image/png')",
        file_id,
        organization.id,
    )
    return file_id


async def hold(
    pool: asyncpg.Pool, organization: Organization, asset_id: str, file_id: str, way: str
) -> tuple[str, str | None] | None:
    """Let an asset hold a file, unless its column is taken or it has no label; answers the asset, and the label that names it."""
    if way in ("in a label", "inline"):
        label_id = await pool.fetchval(
            "select id from label where asset_id = $1 order by position desc limit 1", asset_id
        )
        if way == "in a label" and label_id is None:
            return None
        await pool.execute("insert into asset_file values ($1, $2) on conflict do nothing", asset_id, file_id)
        if way == "inline":
            await pool.execute("update asset set json_content = json_content || $1 where id = $2", file_id, asset_id)
            return asset_id, None
        await pool.execute("update label set json_response = json_response || $1 where id = $2", file_id, label_id)
        return asset_id, label_id
    column = way.rpartition(" ")[2]
    if await pool.fetchval(f"select {column} from asset where id = $1", asset_id):
        return None
    held = file_id
    if column != way:
        held = await add_file(pool, organization)
        if way.startswith("part of"):
            await pool.execute("insert into blob_part (document_id, part_id) values ($1, $2)", held, file_id)
    await pool.execute(f"update asset set {column} = $1 where id = $2", held, asset_id)
    if way.startswith("thumbnail of"):
        await pool.execute("update thumbnail set blob_id = $1 where source_id = $2", file_id, held)
    return asset_id, None


async def populate(
    pool: asyncpg.Pool, people: list[Person], projects: list[Project], chance: random.Random
) -> list[str]:
    """Members of every role, some of whom have left, and assets that are assigned, labeled and locked at random."""
    for person in people:
        for project in chance.sample(projects, chance.randint(1, len(projects))):
            membership = await project.join(person, chance.choice(ROLES))
            if chance.random() < 0.2:
                await pool.execute("update project_user set deleted_at = now() where id = $1", membership)
    ids = []
    for number in range(ASSETS):
        project, asset_id = chance.choice(projects), new_id()
        await pool.execute(
            "insert into asset (id, external_id, project_id) values ($1, $2, $3)", asset_id, str(number), project.id
        )
        ids.append(asset_id)
        for person in people:
            tie = chance.choice(["none", "none", "none", "assigned", "labeled", "locked", "once locked"])
            if tie == "assigned":
                await pool.execute("insert into asset_assignee values ($1, $2)", asset_id, person.id)
            elif tie == "labeled":
                await pool.execute(
                    "insert into label (id, project_id, asset_id, author_id, label_type, json_response) "
                    "values ($1, $2, $3, $4, $5, '{}')",
                    new_id(),
                    project.id,
                    asset_id,
                    person.id,
                    chance.choice(["DEFAULT", "REVIEW", "PREDICTION"]),
                )
            elif tie != "none":
                await pool.execute(
                    "insert into asset_lock (id, project_id, asset_id, user_id, renewed_at) values ($1, $2, $3, $4, $5)",
                    new_id(),
                    project.id,
                    asset_id,
                    person.id,
                    datetime.now(UTC) - timedelta(minutes=45 if tie == "once locked" else 5),
                )
    return ids


@pytest.mark.parametrize("seed", range(6))
async def test_a_file_is_read_by_those_who_see_an_asset_that_holds_it(organization, other_organization, seed):
    pool = organization.database.pool
    chance = random.Random(seed)
    projects = [await organization.project() for _ in range(4)]
    members = [await organization.person() for _ in range(6)]
    assets = await populate(pool, members, projects, chance)
    files = [await add_file(pool, organization) for _ in range(FILES)]
    holders: dict[str, set[tuple[str, str | None]]] = {file_id: set() for file_id in files}
    for _ in range(TIMES):
        file_id, asset_id = chance.choice(files[:-2]), chance.choice(assets)
        held = await hold(pool, organization, asset_id, file_id, chance.choice(WAYS))
        if held is not None:
            holders[file_id].add(held)
    await pool.execute("update project set deleted_at = now() where id = $1", projects[0].id)
    await pool.execute("update project set archived_at = now() where id = $1", projects[1].id)

    kinds: Counter[bool] = Counter()
    strangers = await other_organization.person(organization_role="ADMIN")
    for person in (*organization.people, strangers):
        seen = {asset["id"] for asset in await person.client.data(SEEN)}
        seen_labels = {None, *(label["id"] for label in await person.client.data(SEEN_LABELS))}
        readable = set(await readable_blobs(Reader(pool, None), files, person.id))
        expected = {
            file_id
            for file_id in files
            if person is not strangers
            and (
                not holders[file_id] or any(asset in seen and label in seen_labels for asset, label in holders[file_id])
            )
        }
        assert readable == expected, person.email
        if person in members:
            kinds.update(file_id in readable for file_id in files if holders[file_id])
    assert kinds[True] > 3
    assert kinds[False] > 3


NAMES_A_FILE = re.compile(r"(^|_)(blob|file|part|upload|archive|document)_id$")


def test_every_reference_to_a_file_holds_it():
    columns = {
        (table.name, column.name)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if NAMES_A_FILE.search(column.name) or any(key.target_fullname == "blob.id" for key in column.foreign_keys)
    }

    # The row goes with its document, which it is a part of.
    assert columns - {("blob_part", "document_id")} == set(REFERENCES)
    for table, column in REFERENCES:
        assert f"not exists (select from {table} where {column} = blob.id)" in IS_HELD_BY_NOTHING
        # Who reads what it holds is decided: the row is asked for, by its alias, and that column of it.
        (alias,) = set(re.findall(rf"\b{table} (?!where|as\b)([a-z]+)\b", READABLE)) & set(
            re.findall(rf"\b([a-z]+)\.{column}\b", READABLE)
        )
        assert alias
