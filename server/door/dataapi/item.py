"""Items of data tasks: assets, with what was sent in their fields and what workers answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from labelyard.domain.door.dataapi.answer import answers_of
from labelyard.domain.door.dataapi.input import Sent as SentValue
from labelyard.domain.door.dataapi.input import content_field
from labelyard.domain.error import BadUserInput
from labelyard.server.door.dataapi.project import Project
from labelyard.server.door.rest import Call
from labelyard.storage.database import Row
from labelyard.storage.door_task import item_states, labels_of_workers, records_bytes

ASSET: Final = "{ id externalId content }"
MOST_RECORDS_BYTES: Final = 32 << 20
LABEL: Final = "{ id labelType jsonResponse createdAt author { email } }"


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it is shown in its task, and how the last callback about it went."""

    shown: dict[str, Any]
    callback: dict[str, Any] | None


async def read_items(
    call: Call, projects: Mapping[str, Project], ids_of: Mapping[str, Sequence[str]]
) -> dict[str, Item]:
    """The items that assets are, by the ids of the assets; these are ids that the person sees, by project.

    So many statements, however many items there are.
    """
    project_of = {identifier: projects[key] for key, ids in ids_of.items() for identifier in ids}
    ids = list(project_of)
    if not ids:
        return {}
    assets = await call.by_id("Asset", ASSET, ids)
    async with call.reader() as connection:
        if await records_bytes(connection, ids) > MOST_RECORDS_BYTES:
            raise BadUserInput(
                "The texts of these tasks are too long for one answer; ask for fewer tasks with `limit`.",
                field="limit",
                fields={"limit": "is too large for tasks of this size"},
            )
        states = await item_states(connection, ids)
    labels = await call.shown_labels(ids, LABEL)
    of_workers = await labels_of_all(call, [one for one, project in project_of.items() if project.has_consensus])
    return {
        key: _item(call, project_of[key], asset, states[key], labels.get(key), of_workers.get(key, []))
        for key, asset in assets.items()
        if key in states
    }


async def labels_of_all(call: Call, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The latest labels of everybody who answered, by asset, for assets that several people label."""
    if not ids:
        return {}
    async with call.reader() as connection:
        found = await labels_of_workers(connection, call.actor, ids)
    every = [identifier for of_asset in found.values() for identifier in of_asset]
    labels = await call.by_id("Label", LABEL, every)
    return {
        asset_id: [labels[identifier] for identifier in of_asset if identifier in labels]
        for asset_id, of_asset in found.items()
    }


def _item(
    call: Call,
    project: Project,
    asset: Mapping[str, Any],
    state: Row,
    label: Mapping[str, Any] | None,
    of_workers: Sequence[Mapping[str, Any]],
) -> Item:
    status, record = state["status"], orjson.loads(state["record"])
    shown = {
        "id": state["number"],
        "external_id": asset["externalId"],
        "status": status,
        "inputs": inputs_shown(call, project, record, asset),
        **answers_shown(project, label if status != "rejected" else None, of_workers),
        "finished_at": label["createdAt"] if label is not None and status == "done" else None,
    }
    callback = record.get("callback")
    if callback is not None:
        callback = {"item_id": state["number"], "state": callback["state"], "tries": callback["tries"]}
    return Item(shown, callback)


def inputs_shown(call: Call, project: Project, record: Mapping[str, Any], asset: Mapping[str, Any]) -> dict[str, str]:
    """What was sent in each field: a text, or a link to the picture that opens without a key."""
    kept: Mapping[str, Mapping[str, str]] = record.get("inputs", {})
    content = record.get("content") or content_field(
        project.inputs, {field.name: SentValue(text="") for field in project.inputs}
    )
    shown: dict[str, str] = {}
    for field in project.inputs:
        if field.name in kept:
            shown[field.name] = _shown(call, kept[field.name])
        elif field.name == content:
            shown[field.name] = asset["content"]
    return shown


def _shown(call: Call, sent: Mapping[str, str]) -> str:
    if "file" not in sent:
        return sent["text"]
    services, actor = call.services, call.actor
    return services.links.download_url(
        blob_id=sent["file"], organization_id=actor.organization_id, user_id=actor.user_id, now=services.now()
    )


def answers_shown(
    project: Project, label: Mapping[str, Any] | None, of_workers: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """`answers` and `worker` of the label that stands; of several workers without a review, the first and `all_answers`."""
    if label is None:
        return {"answers": {}, "worker": None}
    if label["labelType"] == "REVIEW" or not project.has_consensus or not of_workers:
        return _said(project, label)
    return {**_said(project, of_workers[0]), "all_answers": [_said(project, one) for one in of_workers]}


def _said(project: Project, label: Mapping[str, Any]) -> dict[str, Any]:
    author = label["author"]
    return {
        "answers": answers_of(project.jobs, orjson.loads(label["jsonResponse"])),
        "worker": author["email"] if author is not None else None,
    }
