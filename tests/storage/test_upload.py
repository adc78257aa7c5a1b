import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from labelyard.domain.error import Conflict, InsufficientStorage
from labelyard.storage.blob import new_blob_id
from labelyard.storage.database import Writer
from labelyard.storage.file_access import readable_blobs
from labelyard.storage.upload import (
    NewBlob,
    find_blob,
    forget_blobs,
    orphans,
    record_blob,
    recorded_ids,
    used_bytes,
)
from labelyard.storage.upload_quota import count_upload_urls

INSERT_ASSET = (
    "insert into asset (id, external_id, project_id, content_blob_id, json_content_blob_id) values ($1, $1, $2, $3, $4)"
)
SOON = datetime.now(UTC) + timedelta(hours=1)


class World:
    """One organization with a project, to put files and assets into."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.organization_id = f"organization-{new_blob_id()}"
        self.project_id = f"project-{new_blob_id()}"
        self.user_id = f"person-{self.organization_id}"

    def new(self, *, size: int = 5, sha256: str = "a" * 64) -> NewBlob:
        return NewBlob(new_blob_id(), self.organization_id, size, sha256, "image/png", 7, 5)

    async def blob(self, *, parts: list[str] | None = None, size: int = 5) -> str:
        blob = self.new(size=size)
        await self.record(blob, parts=parts or [])
        return blob.id

    async def record(self, blob: NewBlob, **options: Any) -> None:
        async with self.pool.acquire() as driver, driver.transaction():
            await record_blob(Writer(driver, None), blob, **options)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Writer]:
        async with self.pool.acquire() as driver:
            yield Writer(driver, None)

    async def project(self) -> None:
        await self.pool.execute(
            "insert into organization (id, name) values ($1, '') on conflict do nothing", self.organization_id
        )
        await self.pool.execute(
            "insert into project (id, organization_id, title, input_type) values ($1, $2, '', 'IMAGE') on conflict do nothing",
            self.project_id,
            self.organization_id,
        )

    async def readable(self, *ids: str) -> list[bool]:
        """Which of the files an administrator of the organization may read."""
        await self.project()
        await self.pool.execute(
            "insert into user_account (id, organization_id, email, organization_role) values ($1, $2, $1, 'ADMIN') "
            "on conflict do nothing",
            self.user_id,
            self.organization_id,
        )
        found = await readable_blobs(Writer(self.pool, None), ids, self.user_id)
        return [blob_id in found for blob_id in ids]

    async def asset(self, content: str | None = None, json_content: str | None = None) -> str:
        asset_id = f"asset-{new_blob_id()}"
        await self.project()
        await self.pool.execute(INSERT_ASSET, asset_id, self.project_id, content, json_content)
        return asset_id

    async def delete_asset(self, asset_id: str) -> list[str]:
        async with self.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                "delete from asset where id = $1 returning content_blob_id, json_content_blob_id", asset_id
            )
            return await forget_blobs(Writer(connection, None), [blob_id for blob_id in row if blob_id])

    async def delete_project(self) -> None:
        await self.pool.execute("update project set deleted_at = now() where id = $1", self.project_id)


@pytest.fixture
async def world(database_pool: asyncpg.Pool) -> World:
    await database_pool.execute("truncate organization, asset, blob, blob_part, blob_tally, upload_count cascade")
    return World(database_pool)


@pytest.fixture
def connection(world: World) -> Writer:
    # A pool has the methods of a connection, each on one of its own.
    return Writer(world.pool, None)


async def test_a_recorded_file_is_found(world: World) -> None:
    blob = world.new()
    async with world.connection() as connection:
        await world.record(blob)
        found = await find_blob(connection, blob.id)
    assert found is not None
    assert found[:9] == tuple(blob)
    assert abs(found.created_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_recording_the_same_again_changes_nothing_and_other_bytes_are_refused(world: World) -> None:
    blob = world.new()
    async with world.connection() as connection:
        await world.record(blob)
        await world.record(blob)
        for other in (
            blob._replace(sha256="b" * 64),
            blob._replace(size=6),
            blob._replace(organization_id="organization-other"),
        ):
            with pytest.raises(Conflict):
                await world.record(other)
        assert (await find_blob(connection, blob.id))[:9] == tuple(blob)
        assert await connection.fetch_value("select count(*) from blob") == 1


async def test_files_are_found_only_in_their_organization(world: World, connection: Writer) -> None:
    ours, other = await world.blob(), World(world.pool)
    theirs = await other.blob()
    assert await world.readable(ours, theirs, new_blob_id(), "no\0id", "\ud800") == [True, False, False, False, False]
    (found,) = (await readable_blobs(connection, [ours], world.user_id)).values()
    assert found.blob.organization_id == world.organization_id
    assert await recorded_ids(connection, [ours, theirs], world.organization_id) == {ours}
    assert await recorded_ids(connection, [ours, theirs, new_blob_id()]) == {ours, theirs}


@pytest.mark.parametrize("blob_id", ["", "no\0id", "\ud800", "../x", "f" * 32], ids=repr)
async def test_an_id_that_was_never_issued_is_not_found(connection: Writer, blob_id: str) -> None:
    assert await find_blob(connection, blob_id) is None


async def test_the_quota_of_an_organization_holds(world: World) -> None:
    first, second = world.new(size=60), world.new(size=41)
    async with world.connection() as connection:
        await world.record(first, max_organization_bytes=100)
        with pytest.raises(InsufficientStorage, match="100 bytes"):
            await world.record(second, max_organization_bytes=100)
        await world.record(first, max_organization_bytes=1)  # a repeat takes no room
        await world.record(World(world.pool).new(size=90), max_organization_bytes=100)
        assert await recorded_ids(connection, [first.id, second.id]) == {first.id}


async def test_the_quota_holds_for_uploads_at_once(world: World) -> None:
    async def record() -> None:
        await world.record(world.new(size=30), max_organization_bytes=100)

    results = await asyncio.gather(*(record() for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(result, InsufficientStorage) for result in results) == 5
    assert await world.pool.fetchval("select sum(size) from blob") == 90


async def test_the_bytes_of_files_are_counted_as_they_come_and_go(world: World, connection: Writer) -> None:
    held = [await world.blob(size=30), await world.blob(size=12)]
    assert await used_bytes(connection, world.organization_id) == 42
    await forget_blobs(connection, held[:1])
    assert await used_bytes(connection, world.organization_id) == 12
    await forget_blobs(connection, held)
    assert await used_bytes(connection, world.organization_id) == 0


async def count_urls(connection: Writer, organization_id: str, count: int) -> None:
    await count_upload_urls(connection, organization_id, count, most=100)


async def test_upload_urls_are_counted_in_a_day(world: World, connection: Writer) -> None:
    for count in (60, 0, 40):
        await count_urls(connection, world.organization_id, count)
    for count in (1, 101):
        with pytest.raises(InsufficientStorage, match="at most 100 upload URLs a day"):
            await count_urls(connection, world.organization_id, count)
    await count_urls(connection, "another", 100)
    await connection.fetch("update upload_count set day = day - 1")
    await count_urls(connection, world.organization_id, 100)
    assert await connection.fetch_value("select sum(urls) from upload_count where organization_id <> 'another'") == 100


async def test_urls_asked_for_at_once_are_counted_one_by_one(world: World, connection: Writer) -> None:
    results = await asyncio.gather(
        *(count_urls(connection, world.organization_id, 30) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(result, InsufficientStorage) for result in results) == 5


async def test_a_file_is_alive_until_its_asset_goes(world: World, connection: Writer) -> None:
    content, document, unused = await world.blob(), await world.blob(), await world.blob()
    asset_id = await world.asset(content, document)
    assert await world.readable(content, document, unused) == [True, True, True]
    found = await readable_blobs(connection, [content, document], world.user_id)
    assert [found[blob_id].is_json_content for blob_id in (content, document)] == [False, True]
    assert sorted(await world.delete_asset(asset_id)) == sorted([content, document])
    assert await world.readable(content, document, unused) == [False, False, True]
    assert await recorded_ids(connection, [content, document, unused]) == {unused}


async def test_a_file_dies_with_its_project(world: World) -> None:
    content, frame = await world.blob(), await world.blob()
    document = await world.blob(parts=[frame])
    await world.asset(content, document)
    await world.delete_project()
    assert await world.readable(content, document, frame) == [False, False, False]


async def test_a_file_of_two_assets_dies_with_the_last(world: World) -> None:
    content, other = await world.blob(), World(world.pool)
    other.organization_id = world.organization_id
    one, _ = await world.asset(content), await other.asset(content)
    assert await world.delete_asset(one) == []
    assert await world.readable(content) == [True]
    await other.delete_project()
    assert await world.readable(content) == [False]


async def test_frames_live_and_die_with_the_documents_that_name_them(world: World, connection: Writer) -> None:
    only, shared = await world.blob(), await world.blob()
    first, second = await world.blob(parts=[only, shared]), await world.blob(parts=[shared])
    one, two = await world.asset(None, first), await world.asset(None, second)
    assert await orphans(connection, SOON) == []
    assert sorted(await world.delete_asset(one)) == sorted([first, only])
    assert await world.readable(only, shared) == [False, True]
    assert sorted(await world.delete_asset(two)) == sorted([second, shared])
    assert await connection.fetch_value("select count(*) from blob_part") == 0


async def test_a_document_holds_no_file_of_others_nor_itself(world: World, connection: Writer) -> None:
    theirs = await World(world.pool).blob()
    document = world.new()
    await world.record(document, parts=[theirs, document.id, new_blob_id()])
    assert await connection.fetch_value("select count(*) from blob_part") == 0


async def test_orphans_are_old_and_held_by_nothing(world: World, connection: Writer) -> None:
    held, lone, frame = await world.blob(), await world.blob(), await world.blob()
    document = await world.blob(parts=[frame])
    await world.asset(held)
    assert await orphans(connection, datetime.now(UTC) - timedelta(hours=24)) == []
    assert await orphans(connection, SOON) == [lone, document]
    assert await orphans(connection, SOON, limit=1) == [lone]


async def test_a_file_that_is_just_being_referred_to_is_not_forgotten(world: World) -> None:
    content = await world.blob()
    await world.project()
    async with world.pool.acquire() as importing, world.connection() as sweeping:
        async with importing.transaction():
            await importing.execute(INSERT_ASSET, "a", world.project_id, content, None)
            assert await forget_blobs(sweeping, [content]) == []
        assert await find_blob(sweeping, content) is not None
