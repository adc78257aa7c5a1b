"""What is imported from archives: DICOM tasks, files of robotics tasks, appendixes of point clouds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from labelyard.domain.door.fastlabel.time import text_of_time
from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Actor
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import store_files
from labelyard.services.door.fastlabel.annotation_class import locked_project
from labelyard.services.door.fastlabel.archive import UploadedFile, opened_archive
from labelyard.services.door.fastlabel.project import FastLabelProject, put_record
from labelyard.services.identity import new_id
from labelyard.storage.asset import ids_by_external_id
from labelyard.storage.asset_file import link_files
from labelyard.storage.clock import database_now
from labelyard.storage.database import Database, Writer
from labelyard.storage.door import asset_records, put_asset_records
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.label import lock_assets

MOST_HISTORIES: Final = 1_000
MOST_CALIBRATION_BYTES: Final = 1 << 20
FORMATS: Final[Mapping[str, str]] = {".yaml": "yml", ".yml": "yml", ".txt": "kitti"}


async def note_import(
    writer: Writer, actor: Actor, project_id: str, *, kind: str, name: str, count: int
) -> dict[str, Any]:
    """Add an import to the history of a project, and answer it."""
    project = await locked_project(writer, actor, project_id)
    now = text_of_time(await database_now(writer))
    history = {
        "id": new_id(),
        "storageType": "upload",
        "type": kind,
        "fileName": name,
        "status": "completed",
        "contentCount": count,
        "msgCode": "none",
        "createdAt": now,
        "updatedAt": now,
    }
    histories = [*(project.record.get("histories") or []), history][-MOST_HISTORIES:]
    await put_record(writer, project.id, {**project.record, "histories": histories}, project.slug)
    return history


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an archive that is stored: its path there, and what it is here."""

    path: str
    blob_id: str


async def stored_entries(
    database: Database, app_services: AppServices, actor: Actor, upload: UploadedFile
) -> list[StoredFile]:
    """All files of an archive, stored."""
    async with opened_archive(app_services, upload) as archive:
        paths = archive.paths
        if not paths:
            raise BadUserInput(f"{upload.name} has no file in it.", field="fileKey")
        blobs = await store_files(database, app_services, actor.organization_id, [archive.file(path) for path in paths])
    return [StoredFile(path, blob.id) for path, blob in zip(paths, blobs, strict=True)]


async def tasks_named(database: Database, project: FastLabelProject, names: Sequence[str]) -> dict[str, str]:
    """The ids of tasks by their names; one that is not there is refused."""
    async with database.reader() as connection:
        found = await ids_by_external_id(connection, [(project.id, name) for name in names])
    ids = {name: identifier for (_, name), identifier in found.items()}
    for name in names:
        if name not in ids:
            raise NotFound(
                f"Project {project.slug!r} has no task named {name[:100]!r}; nothing was imported.", name=name[:100]
            )
    return ids


async def put_contents(writer: Writer, project: FastLabelProject, task_id: str, files: Sequence[StoredFile]) -> None:
    """Make files the contents of a task."""
    await lock_assets(writer, [task_id])
    record = (await asset_records(writer, DOOR, [task_id])).get(task_id, {})
    contents = [{"id": new_id(), "name": file.path, "blob": file.blob_id} for file in files]
    await put_asset_records(writer, DOOR, project.id, {task_id: {**record, "contents": contents}})
    await link_files(writer, [(task_id, file.blob_id) for file in files])


@dataclass(frozen=True, slots=True)
class Appendix:
    """Pictures that belong to the contents of tasks, by the names of the tasks."""

    by_task: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def count(self) -> int:
        """How many pictures."""
        return sum(map(len, self.by_task.values()))


async def stored_appendix(
    database: Database, app_services: AppServices, actor: Actor, upload: UploadedFile
) -> Appendix:
    """The pictures of an archive `<task>/<content>.pcd/<picture>`, stored, with the calibration of the same stem."""
    by_task: dict[str, list[dict[str, Any]]] = {}
    async with opened_archive(app_services, upload) as archive:
        paths = [PurePosixPath(path) for path in archive.paths]
        for path in paths:
            if len(path.parts) != 3:
                raise BadUserInput(
                    f"{upload.name} holds <task>/<content>/<picture>, not {str(path)[:100]!r}.", field="fileKey"
                )
        pictures = [path for path in paths if path.suffix.lower() not in FORMATS]
        calibrations: dict[PurePosixPath, PurePosixPath] = {}
        for path in paths:
            if path.suffix.lower() in FORMATS:
                calibrations.setdefault(path.with_suffix(""), path)
        blobs = await store_files(
            database, app_services, actor.organization_id, [archive.file(str(path)) for path in pictures]
        )
        for path, blob in zip(pictures, blobs, strict=True):
            calibration = calibrations.get(path.with_suffix(""))
            text = (
                await archive.text(str(calibration), most_bytes=MOST_CALIBRATION_BYTES)
                if calibration is not None
                else None
            )
            by_task.setdefault(path.parts[0], []).append(
                {
                    "id": new_id(),
                    "name": str(path),
                    "blob": blob.id,
                    "calibrationFileName": str(calibration) if calibration is not None else None,
                    "format": FORMATS[calibration.suffix.lower()] if calibration is not None else None,
                    "calibration": text,
                }
            )
    if not by_task:
        raise BadUserInput(f"{upload.name} has no picture in it.", field="fileKey")
    return Appendix(by_task)


async def put_appendix(
    writer: Writer, project: FastLabelProject, task_ids: Mapping[str, str], appendix: Appendix
) -> None:
    """Keep pictures beside tasks; one of a name that is there takes its place."""
    await lock_assets(writer, list(task_ids.values()))
    records = await asset_records(writer, DOOR, list(task_ids.values()))
    changed = {}
    for name, pictures in appendix.by_task.items():
        record = records.get(task_ids[name], {})
        kept = {one["name"]: one for one in record.get("appendix") or ()} | {one["name"]: one for one in pictures}
        changed[task_ids[name]] = {**record, "appendix": [kept[key] for key in sorted(kept)]}
    await put_asset_records(writer, DOOR, project.id, changed)
    await link_files(
        writer, [(task_ids[name], one["blob"]) for name, pictures in appendix.by_task.items() for one in pictures]
    )
