"""Tasks of the FastLabel door, from the rows of assets: the same statements for one and for a thousand."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from labelyard.domain.door.fastlabel.annotation_class import Ontology
from labelyard.domain.door.fastlabel.annotation_read import annotations_in, attributes_in
from labelyard.domain.door.fastlabel.family import Family
from labelyard.domain.door.fastlabel.file import File, Picture
from labelyard.domain.door.fastlabel.geometry import Size
from labelyard.domain.door.fastlabel.people import USER_FIELDS
from labelyard.domain.door.fastlabel.sent_task import metadata_of
from labelyard.domain.door.fastlabel.task import Content, Task, relations_of
from labelyard.domain.door.fastlabel.verbatim import shown_annotations
from labelyard.domain.file_url import blob_id_of
from labelyard.domain.permission import Actor
from labelyard.domain.playback import Playback, playback_of
from labelyard.services.app_services import AppServices
from labelyard.services.door.fastlabel.project import FastLabelProject, ontology
from labelyard.storage.database import Connection, Row
from labelyard.storage.door import shown_label_ids
from labelyard.storage.fastlabel.people import slugs_of_people
from labelyard.storage.fastlabel.task import answers_of_labels, held_blobs
from labelyard.storage.scope import nameless_projects

BY_MODELS = ("PREDICTION", "INFERENCE")


@dataclass(frozen=True, slots=True)
class TaskReader:
    """Reads tasks of one project for one person."""

    app_services: AppServices
    actor: Actor
    project: FastLabelProject
    family: Family

    async def shapes(self, connection: Connection, rows: Sequence[Row], budget: Any) -> list[dict[str, Any]]:
        """The tasks of rows, as they are answered; long answers are counted in `budget` before they are read as JSON."""
        known = await ontology(connection, self.project)
        labels = {} if self.family.is_verbatim else await self._labels(connection, [row["id"] for row in rows])
        for row in labels.values():
            budget.take_values(len(row["json_response"]))
            budget.take_objects(len(row["json_response"]))
        records = {row["id"]: orjson.loads(row["record"]) for row in rows}
        pictures = await self._blobs(connection, rows, records)
        slugs = await self._slugs(connection, rows, records)
        return [
            self._task(row, records[row["id"]], labels.get(row["id"]), known, pictures, slugs).shape(self.family)
            for row in rows
        ]

    async def _labels(self, connection: Connection, asset_ids: Sequence[str]) -> dict[str, Row]:
        if not asset_ids:
            return {}
        ids = await shown_label_ids(connection, self.actor, asset_ids, with_predictions=True)
        answers = await answers_of_labels(connection, list(ids.values())) if ids else {}
        return {row["asset_id"]: row for row in answers.values()}

    async def _blobs(
        self, connection: Connection, rows: Sequence[Row], records: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Row]:
        """The files of tasks that are made of several."""
        if not self.family.has_contents:
            return {}
        ids = {part.blob_id for row in rows for part in parts_of(row, records[row["id"]]) if part.blob_id}
        return await held_blobs(connection, sorted(ids)) if ids else {}

    async def _slugs(
        self, connection: Connection, rows: Sequence[Row], records: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, str]:
        """The slugs of people whom the person may know, where tasks name anybody."""
        if self.project.id in nameless_projects(self.actor):
            return {}
        if not any(row["assignees"] or records[row["id"]].get("users") for row in rows):
            return {}
        return await slugs_of_people(connection, self.actor)

    def _task(  # what a task is made of
        self,
        row: Row,
        record: Mapping[str, Any],
        label: Row | None,
        known: Ontology,
        pictures: Mapping[str, Row],
        slugs: Mapping[str, str],
    ) -> Task:
        contents = [self._content(part, pictures) for part in parts_of(row, record)] if self.family.has_contents else []
        file = file_of_row(row, self.family, [content.picture for content in contents])
        labeled = self._labeled(record, label, known, file)
        tags, metadatas = metadata_of(orjson.loads(row["json_metadata"]))
        kept = record.get("kept") or {}
        return Task(
            id=row["id"],
            name=row["external_id"],
            project_id=row["project_id"],
            status=row["word"],
            external_status=row["external_word"],
            custom_status=kept.get("custom") if kept.get("word") == row["word"] else None,
            priority=row["priority"],
            tags=tags,
            metadatas=metadatas,
            users=_users(row, record, slugs),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            url=self._url(row),
            size=file.size,
            playback=playback_of(row["playback"]) or Playback(seconds=row["duration"]),
            contents=contents,
            labeled=labeled,
            relations=relations_of(record.get("relations") or [], labeled) if not self.family.is_classification else (),
            operator=record.get("operator"),
        )

    def _labeled(
        self, record: Mapping[str, Any], label: Row | None, known: Ontology, file: File
    ) -> list[dict[str, Any]]:
        if self.family.is_verbatim:
            return shown_annotations(record.get("annotations") or [], known)
        if label is None:
            return []
        root = orjson.loads(label["json_response"])
        if self.family.is_classification:
            return attributes_in(root, known, file)
        return annotations_in(root, known, file, is_by_model=label["label_type"] in BY_MODELS)

    def _url(self, row: Row) -> str:
        if row["content_blob_id"]:
            return self._link(row["content_blob_id"])
        if row["is_object"]:
            links, services = self.app_services.links, self.app_services
            return str(
                links.object_url(
                    asset_id=row["id"],
                    organization_id=self.project.organization_id,
                    user_id=self.actor.user_id,
                    now=services.now(),
                )
            )
        content = str(row["content"])
        if self.family.base == "text" and content and not content.startswith(("http://", "https://")):
            # A text that was given inline has no address; this is one that holds it.
            return f"data:text/plain;charset=utf-8;base64,{base64.b64encode(content.encode()).decode()}"
        return content

    def _content(self, part: Part, pictures: Mapping[str, Row]) -> Content:
        if part.blob_id is None:
            return Content(part.id, Picture(part.name, None), part.url)
        row = pictures.get(part.blob_id)
        size = Size(row["width"], row["height"]) if row is not None and row["width"] and row["height"] else None
        return Content(part.id, Picture(part.name, size), self._link(part.blob_id))

    def _link(self, blob_id: str) -> str:
        return str(
            self.app_services.links.download_url(
                blob_id=blob_id,
                organization_id=self.project.organization_id,
                user_id=self.actor.user_id,
                now=self.app_services.now(),
            )
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One of several files of a task: stored here, or a link."""

    id: str
    name: str
    blob_id: str | None
    url: str = ""


def parts_of(row: Row, record: Mapping[str, Any]) -> list[Part]:
    """The files of a task, in order: those that the door has made it of, or the frames that another door has listed."""
    contents = record.get("contents")
    if contents is not None:
        return [Part(one["id"], one["name"], one["blob"]) for one in contents]
    text = row["json_content"]
    if not text.startswith(("[", "{")):
        return []
    listed = orjson.loads(text)
    links = list(listed.values()) if isinstance(listed, dict) else listed
    parts = []
    for number, link in enumerate(links, 1):
        if not isinstance(link, str):
            return []
        blob_id = blob_id_of(link) if link.startswith(("http://", "https://")) and "id=" in link else None
        parts.append(Part(f"{row['id']}-{number}", f"{number:06}", blob_id, link))
    return parts


def file_of_row(row: Row, family: Family, pictures: Sequence[Picture]) -> File:
    """What is known of the file of an asset."""
    size = Size(row["width"], row["height"]) if row["width"] and row["height"] else None
    if size is None and row["resolution"]:
        resolution = orjson.loads(row["resolution"])
        width, height = resolution.get("width"), resolution.get("height")
        size = Size(round(width), round(height)) if width and height else None
    playback = playback_of(row["playback"])
    inline = row["content"] if not row["content_blob_id"] and family.base == "text" else None
    return File(
        size=size,
        text=inline if inline and not inline.startswith(("http://", "https://")) else None,
        frames=len(pictures) or (playback.frames if playback is not None else None),
        contents=pictures,
        is_video=family.input_type == "VIDEO",
        is_audio=family.is_sound,
    )


def _users(row: Row, record: Mapping[str, Any], slugs: Mapping[str, str]) -> dict[str, str | None]:
    """The people of a task: those it was written with as long as they are assigned, then those assigned elsewhere."""
    users: dict[str, str | None] = dict.fromkeys(USER_FIELDS)
    kept = record.get("users") or {}
    assigned = list(row["assignees"])
    for name, person in kept.items():
        if name not in ("assignee", "reviewer") or person["id"] in assigned:
            users[name] = slugs.get(person["id"])
    named = {person["id"] for name, person in kept.items() if name in ("assignee", "reviewer")}
    others = [user_id for user_id in assigned if user_id not in named]
    if users["assignee"] is None and others:
        users["assignee"] = slugs.get(others[0])
    return users
