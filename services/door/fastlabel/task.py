"""Making and changing tasks of the FastLabel door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from labelyard.domain.door.fastlabel.annotation_class import Ontology
from labelyard.domain.door.fastlabel.annotation_read import annotations_in
from labelyard.domain.door.fastlabel.annotation_write import attributes_label_of, label_of
from labelyard.domain.door.fastlabel.family import Family
from labelyard.domain.door.fastlabel.file import File
from labelyard.domain.door.fastlabel.people import USER_FIELDS
from labelyard.domain.door.fastlabel.sent_task import TAGS, SentTask, mids_of_relations
from labelyard.domain.door.fastlabel.task_status import LABELED
from labelyard.domain.door.fastlabel.unseen import joined, without_shown
from labelyard.domain.door.fastlabel.verbatim import kept_annotations
from labelyard.domain.error import BadUserInput
from labelyard.domain.metadata import read_metadata, replaced
from labelyard.domain.permission import Action, Actor
from labelyard.domain.workflow import LabelType
from labelyard.services.app_services import AppServices
from labelyard.services.asset.import_check import CheckedImport
from labelyard.services.asset.importing import import_assets
from labelyard.services.door.fastlabel.project import FastLabelProject
from labelyard.services.door.fastlabel.status import TaskWriter
from labelyard.services.guard import authorize
from labelyard.services.identity import new_id, new_mid
from labelyard.storage.asset import assets_for_update, replace_assignees
from labelyard.storage.database import Writer
from labelyard.storage.door import (
    asset_records,
    locked_record,
    put_asset_records,
    put_project_record,
    shown_label_ids,
)
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.fastlabel.people import slugs_of_people
from labelyard.storage.fastlabel.task import answers_of_labels, standing_of_task, write_metadata
from labelyard.storage.label import lock_assets
from labelyard.storage.member import member_ids
from labelyard.storage.workflow import set_priority

ASSIGNED: Final = ("assignee", "reviewer")


@dataclass(frozen=True, slots=True)
class Labels:
    """What was labeled, read: the answers of a label, or what is kept as it was sent."""

    root: Mapping[str, Any] | None = None
    kept: Sequence[Mapping[str, Any]] | None = None
    mids: Sequence[str] = field(default_factory=list)
    is_scored: bool = False


def read_labels(sent: SentTask, family: Family, known: Ontology, file: File) -> Labels | None:
    """What a client has labeled; None where it says nothing of that."""
    if family.field not in sent.given:
        return None
    if not family.takes_annotations:
        raise BadUserInput(f"Tasks at tasks/{family.route} take no {family.field}; leave them out.", field=family.field)
    if family.is_verbatim:
        kept = kept_annotations(sent.labeled, known, new_mid)
        return Labels(kept=kept, mids=[one["id"] for one in kept])
    if family.is_classification:
        return Labels(root=attributes_label_of(sent.labeled, known, file))
    written = label_of(sent.labeled, known, file, new_mid)
    return Labels(root=written.root, mids=written.mids, is_scored=written.is_scored)


async def make_task(
    writer: Writer,
    app_services: AppServices,
    actor: Actor,
    project: FastLabelProject,
    family: Family,
    checked: CheckedImport,
    sent: SentTask,
    labels: Labels | None,
    contents: Sequence[Mapping[str, Any]] | None,
) -> str:
    """Write a task whose file is stored and whose labels have been read; answers its id."""
    (asset_id,) = await import_assets(writer, checked)
    record: dict[str, Any] = {} if contents is None else {"contents": list(contents)}
    change = _Change(writer, app_services, actor, project, family, asset_id, record)
    await change.write(sent, labels, is_new=True)
    return asset_id


async def change_task(
    writer: Writer,
    app_services: AppServices,
    actor: Actor,
    project: FastLabelProject,
    family: Family,
    asset_id: str,
    sent: SentTask,
    labels: Labels | None,
    known: Ontology,
    file: File,
) -> None:
    """Change what was sent of a task that the person sees."""
    await lock_assets(writer, [asset_id])
    record = (await asset_records(writer, DOOR, [asset_id])).get(asset_id, {})
    change = _Change(writer, app_services, actor, project, family, asset_id, record)
    if labels is not None and labels.root is not None:
        before = await change.shown_root()
        hidden = without_shown(before, known, file, only_whole_file=family.is_classification)
        labels = Labels(joined(hidden, dict(labels.root)), None, labels.mids, labels.is_scored)
    elif labels is None and "relations" in sent.given:
        change.relate(sent, await change.shown_ids(known, file))
    await change.write(sent, labels, is_new=False)


async def remove_labels(
    writer: Writer, app_services: AppServices, actor: Actor, project: FastLabelProject, family: Family, asset_id: str
) -> None:
    """Make an empty label of the type of the one that a task shows, or forget what is kept as it was sent."""
    await lock_assets(writer, [asset_id])
    record = (await asset_records(writer, DOOR, [asset_id])).get(asset_id, {})
    if family.is_verbatim:
        await authorize(writer, actor, Action.CHANGE_ASSETS, project.id)
        await put_asset_records(writer, DOOR, project.id, {asset_id: {**record, "annotations": [], "relations": []}})
        return
    ids = await shown_label_ids(writer, actor, [asset_id], with_predictions=True)
    rows = await answers_of_labels(writer, list(ids.values())) if ids else {}
    if not rows:
        return
    label_type = LabelType(next(iter(rows.values()))["label_type"])
    task = TaskWriter(writer, app_services, actor, project.id, asset_id, is_verbatim=False)
    await task.add_label({}, label_type)
    record.pop("relations", None)
    if "kept" in record:
        record["kept"] = {**record["kept"], **(await task.kept_word(record["kept"]["word"])).record}
    await put_asset_records(writer, DOOR, project.id, {asset_id: record})


@dataclass(slots=True)
class _Change:
    """The writing of one task."""

    writer: Writer
    app_services: AppServices
    actor: Actor
    project: FastLabelProject
    family: Family
    asset_id: str
    record: dict[str, Any]

    async def write(self, sent: SentTask, labels: Labels | None, *, is_new: bool) -> None:
        """Write all that was sent, in the order in which one thing follows from another."""
        await self._write_fields(sent)
        await self._write_people(sent)
        await self._write_metadata(sent, is_new=is_new)
        task = TaskWriter(
            self.writer, self.app_services, self.actor, self.project.id, self.asset_id, self.family.is_verbatim
        )
        word = sent.word
        if labels is not None:
            await self._write_labels(task, labels, sent, word)
        if word is not None:
            await task.apply(word, has_three_steps=self.project.has_three_steps)
        elif is_new and self.family.is_verbatim:
            word = "registered"
            await task.hold()
        if word is not None:
            kept = (await task.kept_word(word)).record
            self.record["kept"] = {**kept, "custom": sent.custom_status} if sent.custom_status else kept
        elif labels is not None and "kept" in self.record:
            # What the task was said to be, it still is: its labels were replaced, not its state.
            former = self.record["kept"]
            kept = (await task.kept_word(former["word"])).record
            if (kept["status"], kept["skipped"]) == (former["status"], former["skipped"]):
                self.record["kept"] = {**former, **kept}
        if self.record or is_new:
            await put_asset_records(self.writer, DOOR, self.project.id, {self.asset_id: self.record})

    async def shown_root(self) -> Any:
        """The answers that the task shows now."""
        ids = await shown_label_ids(self.writer, self.actor, [self.asset_id], with_predictions=True)
        rows = await answers_of_labels(self.writer, list(ids.values())) if ids else {}
        return orjson.loads(next(iter(rows.values()))["json_response"]) if rows else {}

    async def shown_ids(self, known: Ontology, file: File) -> list[str]:
        """The ids of the annotations that the task shows now, in order."""
        if self.family.is_verbatim:
            return [one["id"] for one in self.record.get("annotations") or ()]
        root = await self.shown_root()
        return [one["id"] for one in annotations_in(root, known, file, is_by_model=False)]

    def relate(self, sent: SentTask, mids: Sequence[str]) -> None:
        """Keep the relations that were sent between annotations of these ids."""
        self.record["relations"] = mids_of_relations(sent.relations, mids)

    async def _authorize(self, action: Action) -> None:
        await authorize(self.writer, self.actor, action, self.project.id)

    async def _write_fields(self, sent: SentTask) -> None:
        if {"externalStatus", "operator", "relations"} & sent.given:
            await self._authorize(Action.CHANGE_ASSETS)
        if sent.external_status is not None:
            self.record["externalStatus"] = sent.external_status
        if "operator" in sent.given:
            self.record["operator"] = sent.operator
        if sent.priority is not None:
            await self._authorize(Action.DISTRIBUTE_ASSETS)
            await set_priority(self.writer, [self.asset_id], sent.priority)

    async def _write_people(self, sent: SentTask) -> None:
        if not sent.users:
            return
        await self._authorize(Action.DISTRIBUTE_ASSETS)
        named = {slug for slug in sent.users.values() if slug is not None}
        ids = {}
        if named:
            slugs = await slugs_of_people(self.writer, self.actor)
            ids = {slug: user_id for user_id, slug in slugs.items() if slug in named}
        for name, slug in sent.users.items():
            if slug is not None and slug not in ids:
                raise BadUserInput(
                    f"{name} {slug!r} is nobody that you know here; get_workspace_users lists the people.", field=name
                )
        users = dict(self.record.get("users") or {})
        for name, slug in sent.users.items():
            if slug is None:
                users.pop(name, None)
            else:
                users[name] = {"slug": slug, "id": ids[slug]}
        self.record["users"] = {name: users[name] for name in USER_FIELDS if name in users}
        if any(name in sent.users for name in ASSIGNED):
            await self._assign([users[name]["id"] for name in ASSIGNED if name in users])

    async def _assign(self, user_ids: Sequence[str]) -> None:
        members = await member_ids(self.writer, self.project.id, user_ids, self.actor.organization_id)
        for name in ASSIGNED:
            person = self.record["users"].get(name)
            if person is not None and person["id"] not in members:
                raise BadUserInput(
                    f"{name} {person['slug']!r} is no member of project {self.project.slug!r}; give them a "
                    "role in it first.",
                    field=name,
                )
        pairs = [(self.asset_id, user_id) for user_id in dict.fromkeys(user_ids)]
        await replace_assignees(self.writer, pairs, [self.asset_id])

    async def _write_metadata(self, sent: SentTask, *, is_new: bool) -> None:
        if "metadatas" in sent.given:
            await define_metadata(self.writer, self.project, list(sent.metadatas))
        if is_new or not {"tags", "metadatas"} & sent.given:
            return
        await self._authorize(Action.CHANGE_ASSETS)
        (row,) = await assets_for_update(self.writer, [self.asset_id], self.actor)
        tags = sent.tags if "tags" in sent.given else None
        metadatas = sent.metadatas if "metadatas" in sent.given else None
        await write_metadata(self.writer, {self.asset_id: changed_metadata(row["json_metadata"], tags, metadatas)})

    async def _write_labels(self, task: TaskWriter, labels: Labels, sent: SentTask, word: str | None) -> None:
        if labels.kept is not None:
            await self._authorize(Action.CHANGE_ASSETS)
            self.record["annotations"] = list(labels.kept)
        elif labels.root is not None:
            standing = word or await self._word()
            is_persons = standing in LABELED and not labels.is_scored
            await task.add_label(labels.root, LabelType.DEFAULT if is_persons else LabelType.PREDICTION)
        if "relations" in sent.given:
            self.relate(sent, labels.mids)
        else:
            self.record.pop("relations", None)

    async def _word(self) -> str:
        """What a task is now, as far as it decides who labels it."""
        row = await standing_of_task(self.writer, self.asset_id)
        if row is None:
            raise LookupError("the asset is locked")
        kept = self.record.get("kept") or {}
        if kept.get("status") == row["status"] and kept.get("skipped") == row["skipped"]:
            return str(kept["word"])
        return "completed" if row["skipped"] or row["status"] in ("LABELED", "TO_REVIEW", "REVIEWED") else "registered"


def changed_metadata(text: str, tags: Sequence[str] | None, metadatas: Mapping[str, Any] | None) -> str:
    """The metadata of an asset with other tags, or with other values of some keys; None leaves either as it is."""
    values = orjson.loads(text)
    if tags is not None:
        values[TAGS] = list(tags)
    if metadatas is not None:
        values |= metadatas
    return replaced(text, read_metadata(orjson.dumps(values).decode()))


async def define_metadata(writer: Writer, project: FastLabelProject, keys: Sequence[str]) -> None:
    """Define the metadata keys of a project that are not defined yet, as texts."""
    if {one["key"] for one in project.record.get("metadatas") or ()}.issuperset(keys):
        return
    # Another request may be defining keys of its own, or changing the project.
    record = await locked_record(writer, DOOR, project.id)
    definitions = list(record.get("metadatas") or [])
    known = {one["key"] for one in definitions}
    for key in keys:
        if key in known:
            continue
        definitions.append({"id": new_id(), "key": key, "type": "text", "order": len(definitions) + 1})
    await put_project_record(writer, DOOR, project.id, {**record, "metadatas": definitions})


def first_metadata(sent: SentTask) -> dict[str, Any]:
    """The metadata that a new task begins with."""
    return {**sent.metadatas, **({TAGS: list(sent.tags)} if sent.tags else {})}
