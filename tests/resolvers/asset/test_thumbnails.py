"""`Asset.thumbnail`: small pictures, made beside requests, for those who see the asset."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from labelyard.storage.blob import LocalBlobs
from labelyard.storage.thumbnail import CLAIM, MOST_ATTEMPTS
from labelyard.storage.thumbnail_child import thumbnail
from labelyard.storage.upload import orphans
from tests.common.documents import APPEND_MANY_ASSETS, UPDATE_ASSETS

SIGNED = 'query ($id: ID!) { data: createUploadBucketSignedUrls(projectID: $id, filePaths: ["x"]) }'
THUMBNAIL = "query ($id: ID!) { data: assets(where: {id: $id}, first: 1, skip: 0) { thumbnail thumbnailCompute } }"
RESOLUTION = "query ($id: ID!) { data: assets(where: {id: $id}, first: 1, skip: 0) { resolution { width height } } }"
DELETE = "mutation ($where: AssetWhere!) { data: deleteAssets(where: $where) { succeeded { assetId } } }"
ROTATED = 6


def encoded(
    kind: str, width: int = 1600, height: int = 1000, *, mode: str = "RGB", orientation: int | None = None
) -> bytes:
    image = Image.linear_gradient("L").resize((width, height)).convert(mode)
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    written = io.BytesIO()
    image.save(written, kind, **({"exif": exif} if orientation is not None else {}))
    return written.getvalue()


async def upload(project, content: bytes) -> str:
    (url,) = await project.admin.data(SIGNED, {"id": project.id})
    sent = await project.admin.http.put(url.partition("&id=")[0], content=content)
    assert sent.status_code == 200, sent.text
    return url


async def image_asset(project, content: bytes, name: str = "image") -> str:
    data = {"contentArray": [await upload(project, content)], "externalIDArray": [name]}
    (made,) = await project.admin.data(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})
    return made["id"]


async def settled(project) -> None:
    """Wait until nothing is to be made of the project's images any more."""
    due = """
    select count(*)
    from thumbnail th join asset a on a.content_blob_id = th.source_id
    where a.project_id = :id and th.due_at is not null"""
    for _ in range(600):
        async with project.organization.database.reader() as connection:
            if not await connection.fetch_value(due, {"id": project.id}):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("thumbnails are still due")


async def thumbnail_of(client, asset_id: str) -> Image.Image | None:
    (asset,) = await client.data(THUMBNAIL, {"id": asset_id})
    if asset["thumbnail"] is None:
        return None
    response = await client.http.get(asset["thumbnail"])
    assert (response.status_code, response.headers["content-type"]) == (200, "image/webp")
    assert response.headers["content-disposition"].startswith("inline")
    return Image.open(io.BytesIO(response.content))


async def blobs_of(project) -> list[dict]:
    async with project.organization.database.reader() as connection:
        rows = await connection.fetch(
            "select id, media_type from blob where organization_id = :id", {"id": project.organization.id}
        )
    return [dict(row) for row in rows]


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (encoded("PNG"), (256, 160)),
        (encoded("JPEG"), (256, 160)),
        (encoded("JPEG", orientation=ROTATED), (160, 256)),
        (encoded("PNG", orientation=ROTATED), (160, 256)),
        (encoded("WEBP", orientation=ROTATED), (256, 160)),
        (encoded("WEBP", 100, 60), (100, 60)),
        (encoded("GIF", 500, 1000, mode="P"), (128, 256)),
        (encoded("TIFF", mode="I;16"), (256, 160)),
    ],
    ids=["png", "jpeg", "turned by the camera", "png turned", "webp is not turned", "small", "gif", "measurements"],
)
async def test_an_image_gets_a_thumbnail(project, content, size):
    asset_id = await image_asset(project, content)
    await settled(project)

    shown = await thumbnail_of(project.admin, asset_id)

    assert shown is not None
    assert (shown.format, shown.size) == ("WEBP", size)
    (asset,) = await project.admin.data(RESOLUTION, {"id": asset_id})
    width, height = asset["resolution"]["width"], asset["resolution"]["height"]
    assert abs(width / height - size[0] / size[1]) < 0.01
    assert shown.getexif() == {}


@pytest.mark.parametrize(
    "content",
    [encoded("PNG")[:2000], b"%PDF-1.7 nothing", b"words", encoded("PNG")[:60] + b"\0" * 500],
    ids=["cut", "pdf", "text", "broken"],
)
async def test_what_cannot_be_shown_has_none_and_is_left_alone(project, content):
    asset_id = await image_asset(project, content)
    await settled(project)

    assert await thumbnail_of(project.admin, asset_id) is None
    assert len(await blobs_of(project)) == 1


async def test_what_is_kept_elsewhere_has_none(project):
    (asset_id,) = await project.assets()
    assert await thumbnail_of(project.admin, asset_id) is None


async def test_only_who_sees_the_asset_sees_its_thumbnail(project, other_organization):
    one, other = await project.member(), await project.member()
    asset_id = await image_asset(project, encoded("PNG"))
    await settled(project)
    lock = "mutation ($id: ID!) { data: lockAsset(assetID: $id) { id } }"
    await one.client.data(lock, {"id": asset_id})
    (asset,) = await one.client.data(THUMBNAIL, {"id": asset_id})
    assert await thumbnail_of(one.client, asset_id) is not None
    assert await other.client.data(THUMBNAIL, {"id": asset_id}) == []
    assert await other_organization.admin.client.data(THUMBNAIL, {"id": asset_id}) == []

    await one.client.data("mutation ($id: ID!) { data: deleteLocks(assetID: $id) { id } }", {"id": asset_id})
    assert (await one.client.http.get(asset["thumbnail"])).status_code == 404


async def test_a_new_image_gets_a_new_thumbnail_and_what_is_deleted_takes_its_own_along(project):
    asset_id = await image_asset(project, encoded("PNG"))
    await settled(project)
    data = {"content": await upload(project, encoded("JPEG", 300, 600))}
    await project.admin.data(UPDATE_ASSETS, {"whereArray": [{"id": asset_id}], "dataArray": [data]})
    await settled(project)
    shown = await thumbnail_of(project.admin, asset_id)
    assert shown is not None
    assert shown.size == (128, 256)

    await project.admin.data(DELETE, {"where": {"id": asset_id}})

    assert await blobs_of(project) == []


async def test_a_copy_shares_it_and_it_stays_as_long_as_one_of_them(project):
    asset_id = await image_asset(project, encoded("PNG"))
    await settled(project)
    copy = "mutation ($data: CopyProjectData!) { data: copyProject(data: $data) }"
    copied = await project.admin.data(copy, {"data": {"projectId": project.id, "shouldCopyAssets": True}})
    (twin,) = await project.admin.data(
        "query ($id: ID!) { data: assets(where: {project: {id: $id}}, first: 1, skip: 0) { id } }", {"id": copied}
    )
    assert await thumbnail_of(project.admin, twin["id"]) is not None
    assert len(await blobs_of(project)) == 2

    await project.admin.data(DELETE, {"where": {"id": asset_id}})

    assert await thumbnail_of(project.admin, twin["id"]) is not None
    async with project.organization.database.reader() as connection:
        swept = await orphans(connection, datetime.now(UTC) + timedelta(days=1), limit=10_000)
    assert {blob["id"] for blob in await blobs_of(project)} & set(swept) == set()


async def test_a_claim_that_its_process_left_ends_and_nothing_is_tried_for_ever(project, app, settings):
    """Claims as a process that is killed then leaves them."""
    asset_id = await image_asset(project, encoded("PNG"))
    await settled(project)
    database = project.organization.database
    mine = "source_id in (select content_blob_id from asset where id = :id)"
    async with database.transaction() as connection:
        await connection.fetch(
            f"update thumbnail set blob_id = null, due_at = now() - interval '1 year', attempts = 0 where {mine}",
            {"id": asset_id},
        )
        for attempt in range(1, MOST_ATTEMPTS + 1):
            await connection.fetch(CLAIM, {"limit": 1})
            row = await connection.fetch_one(f"select * from thumbnail where {mine}", {"id": asset_id})
            assert row is not None
            assert row["attempts"] == attempt
            assert (row["due_at"] is None) == (attempt == MOST_ATTEMPTS)
            await connection.fetch(
                f"update thumbnail set due_at = now() - interval '1 year' where {mine} and due_at is not null",
                {"id": asset_id},
            )


async def test_missing_bytes_stop_nothing(project, settings, database):
    asset_id = await image_asset(project, encoded("PNG"))
    await settled(project)
    async with database.reader() as connection:
        blob_id = await connection.fetch_value("select content_blob_id from asset where id = :id", {"id": asset_id})
    await LocalBlobs(settings.data_dir / "files").delete(blob_id)
    async with database.transaction() as connection:
        await connection.fetch(
            "update thumbnail set blob_id = null, due_at = now(), attempts = 0 where source_id = :id", {"id": blob_id}
        )
    await settled(project)
    assert await thumbnail_of(project.admin, asset_id) is None


def test_more_pixels_than_are_decoded_are_refused_before_any_is():
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", b"never read"), (b"IEND", b"")]
    huge = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    with pytest.raises(ValueError, match="pixels"):
        thumbnail(huge)
