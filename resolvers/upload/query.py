"""Signed URLs for files."""

from collections.abc import Sequence

import strawberry

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action
from labelyard.resolvers.label.type import AnnotationFileUpload
from labelyard.resolvers.operation import Call, mutation, query
from labelyard.storage.asset import assets_of_project
from labelyard.storage.asset_file import has_file
from labelyard.storage.blob import new_blob_id
from labelyard.storage.file_access import readable_blobs
from labelyard.storage.upload_quota import count_upload_urls

MAX_URLS = 1_000


@query(Action.READ)
async def createUploadBucketSignedUrls(
    call: Call, filePaths: list[str] | None = None, projectID: strawberry.ID | None = None, size: int | None = None
) -> list[str] | None:
    """Signed URLs to PUT files to: one for each path in order, or `size` of them. Each takes one file."""
    del projectID
    wanted = len(filePaths) if filePaths is not None else size or 0
    if not 0 <= wanted <= MAX_URLS:
        raise BadUserInput(f"Ask for at most {MAX_URLS:,} upload URLs at once, not {wanted:,}.", limit=MAX_URLS)
    return await upload_urls(call, [new_blob_id() for _ in range(wanted)])


@mutation(Action.SUBMIT_LABELS, own_transaction="counts the URL apart from what becomes of the request")
async def createAnnotationFileUpload(
    call: Call, projectId: strawberry.ID, assetId: strawberry.ID
) -> AnnotationFileUpload:
    """Reserve the id of a file that answers a file job, and the URL to PUT it to."""
    await call.authorize(projectId)
    await require_asset(call, projectId, assetId)
    file_id = new_blob_id()
    (url,) = await upload_urls(call, [file_id])
    return call.answer({"fileId": file_id, "uploadUrl": url})


@query(Action.READ_PROJECT)
async def annotationFileUrl(call: Call, projectId: strawberry.ID, assetId: strawberry.ID, fileId: str) -> str:
    """A URL to download the file of a file job from, valid for a short time."""
    await call.authorize(projectId)
    await require_asset(call, projectId, assetId)
    async with call.reader() as connection:
        blobs = await readable_blobs(connection, {fileId}, call.actor.user_id)
        is_of_asset = await has_file(connection, assetId, fileId)
    if not blobs or not is_of_asset:
        raise NotFound(f"[notFound] Asset {assetId} has no file {fileId!r}.", fileId=fileId)
    return call.services.links.download_url(
        blob_id=fileId,
        organization_id=call.actor.organization_id,
        user_id=call.actor.user_id,
        now=call.services.now(),
    )


async def upload_urls(call: Call, blob_ids: Sequence[str]) -> list[str]:
    """URLs to PUT files to, counted against the day's share of the caller's organization."""
    actor, links, now = call.actor, call.services.links, call.services.now()
    async with call.context.database.aside() as connection:
        await count_upload_urls(
            connection, actor.organization_id, len(blob_ids), most=call.services.max_uploads_per_day
        )
    return [
        links.upload_url(blob_id=blob_id, organization_id=actor.organization_id, user_id=actor.user_id, now=now)
        for blob_id in blob_ids
    ]


async def require_asset(call: Call, project_id: str, asset_id: str) -> None:
    """Refuse an asset of another project like one that does not exist."""
    async with call.reader() as connection:
        rows = await assets_of_project(connection, [asset_id], call.actor)
    if not rows or rows[0]["project_id"] != project_id:
        raise NotFound(f"[notFound] Project {project_id} has no asset {asset_id!r}.", assetId=asset_id)
