"""Asking for exports, cancelling them, keeping their files, and removing what is old."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import orjson

from labelyard.domain.error import BadUserInput, Conflict, InsufficientStorage, NotFound
from labelyard.domain.export import AT_ONCE_OF_ORGANIZATION, ExportOptions, lane_of
from labelyard.domain.media import OCTET_STREAM
from labelyard.domain.permission import Action, Actor, ProjectRole
from labelyard.services.app_services import AppServices
from labelyard.services.guard import require
from labelyard.services.identity import new_id
from labelyard.services.job.handler import GiveUp, RetryLater, RunningJob
from labelyard.services.job.queue import NewJob, cancel, enqueue
from labelyard.storage.blob import Blobs, new_blob_id, pieces_of
from labelyard.storage.database import Database, Writer
from labelyard.storage.export import (
    PIECE,
    delete_old_exports,
    insert_export,
    own_export,
    publish_export,
    unfinished_exports,
)
from labelyard.storage.scope import nameless_projects
from labelyard.storage.upload import NewBlob, forget_blobs, record_new_blobs

KIND: Final = "export"
MOST_OF_PROJECT: Final = 20
MOST_OF_ORGANIZATION: Final = 100


async def request_export(writer: Writer, actor: Actor, project_id: str, options: ExportOptions) -> str:
    """Ask for an export that has been checked; answers its id."""
    unfinished = await unfinished_exports(writer, KIND, actor.organization_id)
    of_organization = sum(row["exports"] for row in unfinished)
    of_project = sum(row["exports"] for row in unfinished if row["project_id"] == project_id)
    if of_project >= MOST_OF_PROJECT or of_organization >= MOST_OF_ORGANIZATION:
        raise Conflict(
            f"[tooManyExports] {of_project} exports of this project and {of_organization} of the organization are under way, of "
            f"{MOST_OF_PROJECT} and {MOST_OF_ORGANIZATION} at most; wait for one, or end it with cancelProjectExport.",
            projectId=project_id,
        )
    export_id = new_id()
    lanes = [f"exports of {actor.organization_id} {number}" for number in range(AT_ONCE_OF_ORGANIZATION)]
    waiting = [(row["project_id"], row["key"], row["exports"]) for row in unfinished]
    lane = lane_of(project_id, lanes, waiting)
    job = NewJob(KIND, actor.organization_id, project_id, actor.user_id, {"exportId": export_id}, key=lane)
    job_id = await enqueue(writer, job)
    await insert_export(
        writer,
        {
            "id": export_id,
            "project_id": project_id,
            "user_id": actor.user_id,
            "job_id": job_id,
            "format": options.format,
            "layout": options.layout,
            "labels": options.labels,
            "options": orjson.dumps(options.as_json()).decode(),
            "is_for_labeler": actor.role_in(project_id) is ProjectRole.LABELER,
            "shows_names": not nameless_projects(actor),
        },
    )
    return export_id


async def cancel_export(writer: Writer, actor: Actor, export_id: str) -> None:
    """End an export of one's own, or any of a project that one administers; one that has ended stays as it is."""
    export = await own_export(writer, export_id, actor)
    if export is None:
        raise NotFound(
            f"[notFound] No export {export_id!r} is visible to you; projectExports lists those of a project.",
            id=export_id,
        )
    is_own = export["user_id"] == actor.user_id
    require(actor, Action.EXPORT_LABELS if is_own else Action.CHANGE_PROJECT, export["project_id"])
    await cancel(writer, export["job_id"])


async def keep_archive(job: RunningJob, export_id: str, archive: Path) -> int:
    """Store the archive as the file of an export; answers its size. Nothing is left of it where the job may not go on."""
    services: AppServices = job.app_services
    blob_id = new_blob_id()
    is_kept = False
    try:
        stored = await services.blobs.write(blob_id, pieces_of(archive), max_bytes=1 << 62)
        blob = NewBlob(blob_id, job.organization_id, stored.size, stored.sha256, OCTET_STREAM)
        async with job.database.transaction() as writer:
            await record_new_blobs(writer, [blob], max_organization_bytes=services.max_organization_bytes)
            claim = job.claim
            is_kept = await publish_export(writer, export_id, blob_id, worker_id=claim.worker_id, claims=claim.claims)
            if not is_kept:
                raise Withdrawn
    except InsufficientStorage as error:
        raise GiveUp(error.message) from error
    except BadUserInput as error:  # nobody's fault: the archive has gone from the disk, and can be made again
        raise RetryLater(1.0, error.message) from error
    except Withdrawn:
        await job.checkpoint({})  # raises when the job was cancelled or lost
        raise GiveUp("The export was deleted before it was made.") from None
    finally:
        if not is_kept:
            await services.blobs.delete(blob_id)
    return stored.size


class Withdrawn(Exception):
    """The export that a file was made for does not want it any more."""


async def remove_old_exports(database: Database, blobs: Blobs) -> int:
    """Remove exports that are a week old or of deleted projects, with their files; answers how many."""
    count = 0
    while True:
        async with database.transaction() as writer:
            removed = await delete_old_exports(writer)
            forgotten = await forget_blobs(writer, [blob_id for blob_id in removed if blob_id is not None])
        for blob_id in forgotten:
            await blobs.delete(blob_id)
        count += len(removed)
        if len(removed) < PIECE:
            return count
