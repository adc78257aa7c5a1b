"""The bare loops: what the same work costs when nothing but the database is asked."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import orjson

TABLES = """
drop table if exists bare_label; drop table if exists bare_asset;
create table bare_asset (id text primary key, project_id text not null, external_id text not null, content text not null,
  status text not null default 'TODO', created_at timestamptz not null default now(), unique (project_id, external_id));
create table bare_label (id text primary key, asset_id text not null, author_id text not null, json_response text not null,
  created_at timestamptz not null default now())
"""
INSERT = "insert into bare_label (id, asset_id, author_id, json_response) values ($1, $2, $3, $4)"
PAGE = (
    "select l.id, l.json_response, l.label_type, l.seconds_to_label, l.created_at, l.is_latest_label_for_user, l.asset_id, "
    "u.id, u.email, a.id, a.external_id from label l join user_account u on u.id = l.author_id "
    "join asset a on a.id = l.asset_id where l.project_id = $1 order by l.position limit $2 offset $3"
)
WALK = "select id, external_id, content from asset where project_id = $1 order by position limit $2 offset $3"


async def copy_assets(pool: asyncpg.Pool, count: int, batch: int, run: int) -> None:
    """COPY assets in batches, one transaction each."""
    async with pool.acquire() as connection:
        for start in range(0, count, batch):
            rows = [
                (f"b{run}-{n}", "p", f"e{run}-{n}", f"https://example.org/{n}.jpg") for n in range(start, start + batch)
            ]
            async with connection.transaction():
                await connection.copy_records_to_table(
                    "bare_asset", records=rows, columns=("id", "project_id", "external_id", "content")
                )


async def insert_labels(pool: asyncpg.Pool, count: int, clients: int, run: int, text: str) -> None:
    """Insert labels, one transaction a row, from some connections at once."""

    async def one(client: int) -> None:
        async with pool.acquire() as connection:
            for number in range(count // clients):
                async with connection.transaction():
                    await connection.execute(INSERT, f"l{run}-{client}-{number}", "a", "u", text)

    await asyncio.gather(*(one(client) for client in range(clients)))


async def read_labels(pool: asyncpg.Pool, project_id: str, page: int, count: int) -> None:
    """Read labels with author and asset page by page, and encode them."""
    async with pool.acquire() as connection:
        for skip in range(0, count, page):
            rows = await connection.fetch(PAGE, project_id, page, skip)
            orjson.dumps([_label(row) for row in rows])


async def walk_assets(pool: asyncpg.Pool, project_id: str, page: int, count: int) -> None:
    """Read assets page by page, and encode them."""
    async with pool.acquire() as connection:
        for skip in range(0, count, page):
            rows = await connection.fetch(WALK, project_id, page, skip)
            orjson.dumps([{"id": row[0], "externalId": row[1], "content": row[2]} for row in rows])


async def labels_of_asset(pool: asyncpg.Pool, asset_id: str) -> None:
    """Read the labels of one asset."""
    await pool.fetch("select id, json_response from label where asset_id = $1 order by position", asset_id)


def _label(row: Any) -> dict[str, Any]:
    return {
        "id": row[0],
        "jsonResponse": row[1],
        "labelType": row[2],
        "secondsToLabel": row[3],
        "createdAt": row[4].isoformat(timespec="milliseconds")[:23] + "Z",
        "isLatestLabelForUser": row[5],
        "assetId": row[6],
        "author": {"id": row[7], "email": row[8]},
        "labelOf": {"id": row[9], "externalId": row[10]},
    }
