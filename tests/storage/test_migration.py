"""The one line of migrations."""

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import storage.table  # noqa: F401 - declares the tables
from storage.database import Database
from storage.migration import HEAD, schema_revision
from storage.migration.run import migrate, newest_revision

TABLES = "select table_name from information_schema.tables where table_schema = 'public' order by 1"


def test_the_head_that_starts_compare_with_is_the_newest_migration() -> None:
    assert newest_revision() == HEAD


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
