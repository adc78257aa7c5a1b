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
