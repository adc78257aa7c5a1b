"""The one line of migrations."""

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import labelyard.storage.table  # noqa: F401 - declares the tables
from labelyard.storage.database import Database
from labelyard.storage.migration import HEAD, schema_revision
from labelyard.storage.migration.run import alembic_config, migrate

TABLES = "select table_name from information_schema.tables where table_schema = 'public' order by 1"


def test_the_head_that_starts_compare_with_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


async def test_migrations_go_up_and_down_and_up_again(empty_database_url: str) -> None:
    async def tables() -> list[str]:
        connection = await asyncpg.connect(empty_database_url)
        rows = await connection.fetch(TABLES)
        await connection.close()
        return [row[0] for row in rows]

    await migrate(empty_database_url)
    made = await tables()
    assert set(SQLModel.metadata.tables) | {"alembic_version"} == set(made)
    await migrate(empty_database_url, target="base", downgrade=True)
    assert await tables() == ["alembic_version"]
    await migrate(empty_database_url)
    assert await tables() == made
    database = await Database.open(empty_database_url, size=2)
    async with database.reader() as connection:
        assert await schema_revision(connection) == HEAD
    await database.close()


async def test_the_tables_are_what_the_migrations_make(own_database_url: str) -> None:
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(own_database_url))
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), SQLModel.metadata)
        )
    await engine.dispose()
    assert differences == []


FILL = """
insert into organization (id, name) values ('o', 'Ours');
insert into user_account (id, email, organization_id) values ('u1', 'a@example.com', 'o'), ('u2', 'b@example.com', 'o');
insert into project (id, organization_id, author_id, title, input_type, json_interface)
  select 'p' || n, 'o', 'u1', 't', 'TEXT', '{}' from generate_series(1, 2) n;
insert into asset (id, project_id, external_id, content, status, skipped, consensus_mark, is_used_for_consensus)
  select 'a' || n, 'p' || 1 + n % 2, 'e' || n, '', (array['TODO', 'ONGOING', 'LABELED', 'REVIEWED'])[1 + n % 4], n % 5 = 0,
    case when n % 3 = 0 then n / 100.0 end, n % 3 = 0 from generate_series(1, 40) n;
insert into label (id, project_id, asset_id, author_id, label_type, json_response, search, number_of_annotations, seconds_to_label,
    is_latest_label_for_user, is_latest_default_label_for_user, is_first_on_asset, asset_consensus_mark, honeypot_mark, created_at)
  select 'l' || n, 'p' || 1 + n % 2, 'a' || n, 'u' || 1 + n % 2,
    (array['DEFAULT', 'REVIEW', 'PREDICTION'])[1 + n % 3], '{}', '{}', n, n / 7.0,
    true, n % 3 = 0, n % 3 < 2, case when n % 3 = 0 then n / 100.0 end, case when n % 4 = 0 then n / 50.0 end,
    timestamptz '2024-05-01' + n * interval '7 hours' from generate_series(1, 40) n;
"""
SUMS = """
select jsonb_agg(s order by s::text) from (
  select 'asset' as tally, project_id, null as author_id, null as day, sum(assets) as a, sum(skipped) as b, sum(remaining) as c,
    sum(reviewed) as d, sum(consensus_marks) as e, sum(consensus_sum) as f, null as g, null as h from asset_tally group by project_id
  union all select 'label', project_id, author_id, day, sum(labels), sum(labeled_assets), sum(first_labels), sum(annotations),
    sum(timed), sum(seconds), sum(consensus_sum), sum(honeypot_sum) from label_tally group by project_id, author_id, day) s
"""


async def test_what_was_there_before_the_counters_is_counted_as_they_count(empty_database_url: str) -> None:
    async def ask(text: str) -> object:
        connection = await asyncpg.connect(empty_database_url)
        try:
            return await (connection.fetchval(text) if text is SUMS else connection.execute(text))
        finally:
            await connection.close()

    await migrate(empty_database_url)
    await ask(FILL)
    counted = await ask(SUMS)
    assert str(counted).count('"asset"') == 2
    assert str(counted).count('"label"') > 10

    await migrate(empty_database_url, target="0002", downgrade=True)
    await migrate(empty_database_url)

    assert await ask(SUMS) == counted


BEFORE_0006 = """
insert into organization (id, name) values ('o', 'Ours');
insert into user_account (id, email, organization_id) values ('u1', 'a@example.com', 'o');
insert into project (id, organization_id, author_id, title, input_type, json_interface)
  values ('texts', 'o', 'u1', 't', 'TEXT', '{}'), ('images', 'o', 'u1', 't', 'IMAGE', '{}');
insert into blob (id, organization_id, size, sha256, media_type)
  select n || t.type, 'o', 1, '', t.type from generate_series(1, 3) n,
    unnest(array['application/json', 'text/html', 'image/png', 'application/octet-stream']) t(type);
insert into asset (id, project_id, external_id, content_blob_id, json_content_blob_id)
  select 'c' || b.id, 'texts', b.id, b.id, null from blob b where b.id like '1%'
  union all select 'j' || b.id, 'texts', b.id, null, b.id from blob b where b.id like '2%'
  union all select 'i' || b.id, 'images', b.id, b.id, null from blob b where b.id like '3%';
insert into label (id, project_id, asset_id, author_id, label_type, model_name, json_response, is_latest_label_for_user)
  select 'l' || n, 'images', 'i3image/png', 'u1', t.type, t.model, '{}', n = 7 or n = 8
  from (values (1, 'PREDICTION', 'a'), (2, 'PREDICTION', 'b'), (3, 'PREDICTION', 'a'), (4, 'PREDICTION', null),
    (5, 'INFERENCE', 'a'), (6, 'INFERENCE', 'b'), (7, 'PREDICTION', 'c'), (8, 'DEFAULT', null)) t(n, type, model);
"""


async def test_latest_labels_of_models_and_types_of_texts_are_repaired(empty_database_url: str) -> None:
    async def ask(text: str) -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(empty_database_url)
        try:
            return [tuple(row) for row in await connection.fetch(text)]
        finally:
            await connection.close()

    latest = "select id from label where is_latest_label_for_user order by 1"
    await migrate(empty_database_url, target="0003")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute(BEFORE_0006)
    await connection.close()

    await migrate(empty_database_url)

    assert await ask(latest) == [("l2",), ("l3",), ("l4",), ("l5",), ("l6",), ("l7",), ("l8",)]
    assert await ask("select id, media_type from blob where media_type <> substr(id, 2) order by 1") == [
        (f"{number}{kind}", "text/plain") for number in (1, 2) for kind in ("application/json", "text/html")
    ]

    await migrate(empty_database_url, target="0003", downgrade=True)
    assert await ask(latest) == [("l6",), ("l7",), ("l8",)]
