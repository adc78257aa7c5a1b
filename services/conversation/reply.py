"""Adding a message to a conversation, and having its models answer.

The message and the answers are written together, after the answers: where a model fails, nothing is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelyard.domain.conversation import (
    DYNAMIC_TYPES,
    MAX_CHAT_ITEMS,
    ChatItemRole,
    check_content,
    follows,
    messages_of,
)
from labelyard.domain.error import BadUserInput, Conflict, Forbidden, NotFound
from labelyard.domain.model import ModelCredentials, ModelRequest, ModelType, model_in, request_of
from labelyard.domain.permission import Action, Actor
from labelyard.domain.workflow import LabelType
from labelyard.services.app_services import AppServices
from labelyard.services.completion import complete
from labelyard.services.conversation.beginning import AssetModelRow, draw_models
from labelyard.services.guard import refuse_archived, renewed, require_to_write
from labelyard.services.identity import new_id
from labelyard.services.label.eligibility import check_eligibility
from labelyard.services.model import purpose_of
from labelyard.storage.conversation import (
    chat_items_of,
    conversation_for_chat,
    insert_asset_models,
    insert_chat_items,
    lock_conversation,
    models_of_asset,
)
from labelyard.storage.database import Connection, Database, Row, Writer
from labelyard.storage.label import labels_by_id, tell_listeners
from labelyard.storage.model import models_of_project, models_to_call

MAX_HISTORY = 2_000_000
"""Characters that a model is sent at most."""


@dataclass(frozen=True, slots=True)
class _Message:
    """A message that has been checked: where it belongs, what it follows, and the messages before it."""

    asset_id: str
    project_id: str
    label_id: str
    role: ChatItemRole
    content: str
    parent_id: str | None
    before: Sequence[Row]
    models: Sequence[AssetModelRow]
    new_models: Sequence[AssetModelRow]


async def add_message(
    database: Database, app_services: AppServices, actor: Actor, asset_id: str, fields: Mapping[str, Any]
) -> list[str]:
    """Add a message to a conversation, and answer the ids of the message and of the models' answers."""
    check_content(fields["content"])
    async with database.reader() as connection:
        message = await _checked(connection, actor, asset_id, fields)
        requests = await _requests(connection, app_services, message) if message.role is ChatItemRole.USER else []
    answers = await _answers(app_services, requests)
    async with database.transaction() as connection:
        current = await _locked(connection, message, answers)
        if answers:
            # Models take their time: what was checked before them is checked again.
            actor = await renewed(connection, actor, Action.SUBMIT_LABELS)
            await _checked(connection, actor, asset_id, fields)
        return await _write(connection, message, answers, has_models=bool(current["models"]))


async def _checked(connection: Connection, actor: Actor, asset_id: str, fields: Mapping[str, Any]) -> _Message:
    asset = await conversation_for_chat(connection, asset_id, actor)
    if asset is None:
        raise _unknown(asset_id)
    require_to_write(actor, Action.SUBMIT_LABELS, asset)
    if asset["input_type"] not in DYNAMIC_TYPES or asset["label_id"] is None:
        raise BadUserInput(
            f"Asset {asset_id} is no conversation that can be continued; begin one with createLLMAsset.",
            assetId=asset_id,
        )
    project_id = asset["project_id"]
    await check_eligibility(
        connection, actor, LabelType.AUTOSAVE, project_id, [asset_id], None, unknown=lambda: _unknown(asset_id)
    )
    label_id = fields.get("labelId", asset["label_id"])
    await _check_label(connection, actor, asset, label_id)
    items = await chat_items_of(connection, asset_id, label_id)
    role = ChatItemRole(str(fields["role"]))
    before = _line_to(items, fields.get("parentId"))
    if not follows(role, ChatItemRole(before[-1]["role"]) if before else None):
        raise BadUserInput(
            "A message of SYSTEM begins a conversation, one of USER begins it or follows one of SYSTEM or ASSISTANT, and one of "
            f"ASSISTANT follows one of USER; this one of {role.value} "
            + (f"follows one of {before[-1]['role']}." if before else "begins it."),
            field="data.role",
        )
    models = [
        (row["id"], row["project_model_id"], row["model_id"], row["name"], row["configuration"])
        for row in await models_of_asset(connection, asset_id)
    ]
    new_models = (
        [] if models or role is not ChatItemRole.USER else draw_models(await models_of_project(connection, project_id))
    )
    return _Message(
        asset_id=asset_id,
        project_id=project_id,
        label_id=label_id,
        role=role,
        content=fields["content"],
        parent_id=fields.get("parentId"),
        before=before,
        models=models or new_models,
        new_models=new_models,
    )


def _unknown(asset_id: str) -> NotFound:
    return NotFound(f"[notFound] No asset {asset_id!r} is visible to you.", assetId=asset_id)


async def _check_label(connection: Connection, actor: Actor, asset: Row, label_id: str) -> None:
    """Messages belong to the label that the conversation began with, to one's own, or for who imports labels to any."""
    label = (await labels_by_id(connection, [label_id], actor)).get(label_id)
    if label is None or label["asset_id"] != asset["id"]:
        raise NotFound(f"[notFound] Asset {asset['id']} has no label {label_id!r} that you see.", labelId=label_id)
    is_own = label["author_id"] == actor.user_id or label_id == asset["label_id"]
    if not is_own and not actor.may(Action.IMPORT_LABELS, asset["project_id"]):
        raise Forbidden(
            f"[accessDenied] Label {label_id} is somebody else's; go on with the conversation in one of your own.",
            labelId=label_id,
        )


def _line_to(items: Sequence[Row], parent_id: str | None) -> list[Row]:
    """The messages that lead to a message, and itself; none for the first message of a conversation."""
    if parent_id is None:
        if items:
            raise BadUserInput(
                "The conversation has begun: name the message that this one follows as `parentId`.",
                field="data.parentId",
            )
        return []
    known = {item["id"]: item for item in items}
    line: list[Row] = []
    message_id: str | None = parent_id
    while message_id is not None and len(line) <= len(items):
        if message_id not in known:
            raise NotFound(
                f"[notFound] The conversation of this label has no message {message_id!r}.", parentId=parent_id
            )
        line.append(known[message_id])
        message_id = known[message_id]["parent_id"]
    return line[::-1]


async def _requests(
    connection: Connection, app_services: AppServices, message: _Message
) -> list[tuple[str, ModelRequest]]:
    """A request for each model of the conversation, with the name of the model."""
    if not message.models:
        raise BadUserInput(
            f"No model answers in project {message.project_id}; add one with createProjectModel.",
            projectId=message.project_id,
        )
    earlier = [(item["role"], item["content"]) for item in message.before]
    messages = messages_of([*earlier, (message.role.value, message.content)])
    length = sum(len(one["content"]) for one in messages)
    if length > MAX_HISTORY:
        raise BadUserInput(
            f"A model is sent at most {MAX_HISTORY:,} characters of a conversation, not {length:,}; begin a new one.",
            limit=MAX_HISTORY,
            given=length,
        )
    known = await models_to_call(connection, [model_id for _, _, model_id, _, _ in message.models])
    requests = []
    for _, _, model_id, name, configuration in message.models:
        model = known.get(model_id)
        if model is None:
            raise Conflict(
                f"Model {name!r} of this conversation has been deleted; begin a new conversation.", modelName=name
            )
        credentials = ModelCredentials(
            model["endpoint"],
            app_services.credentials.unseal(bytes(model["sealed_key"]), purpose_of(model_id)),
            model["deployment_id"],
        )
        request = request_of(
            ModelType(model["type"]), credentials, name=name, configuration=configuration, messages=messages
        )
        requests.append((name, request))
    return requests


async def _answers(app_services: AppServices, requests: Sequence[tuple[str, ModelRequest]]) -> list[str]:
    """The answers of the models, asked at the same time; when one fails, the others are given up."""
    outgoing, seconds = app_services.outgoing, app_services.model_seconds
    asked = [asyncio.create_task(complete(outgoing, name, request, seconds=seconds)) for name, request in requests]
    try:
        return list(await asyncio.gather(*asked))
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def _locked(connection: Writer, message: _Message, answers: Sequence[str]) -> Row:
    """The conversation with room for a message and its answers, locked until the transaction ends."""
    current = await lock_conversation(connection, message.asset_id, message.label_id)
    if current is None:
        raise NotFound(
            f"[notFound] Conversation {message.asset_id!r} has been deleted meanwhile; nothing was written.",
            assetId=message.asset_id,
        )
    refuse_archived(message.project_id, current["archived_at"])
    if current["chat_items"] + 1 + len(answers) > MAX_CHAT_ITEMS:
        raise Conflict(
            f"[quotaReached] A conversation has at most {MAX_CHAT_ITEMS:,} messages; begin a new one.",
            limit=MAX_CHAT_ITEMS,
        )
    return current


async def _write(connection: Writer, message: _Message, answers: Sequence[str], *, has_models: bool) -> list[str]:
    if message.new_models:
        if has_models:
            raise Conflict("Somebody else has begun this conversation at the same moment; look at it, and go on.")
        await insert_asset_models(
            connection, message.new_models, project_id=message.project_id, asset_id=message.asset_id
        )
    message_id = new_id()
    rows: list[tuple[Any, ...]] = [
        (message_id, message.asset_id, message.parent_id, None, message.role.value, message.content, None, None)
    ]
    for (asset_model_id, _, _, name, configuration), text in zip(message.models, answers, strict=False):
        known_as = model_in(configuration) or name
        rows.append(
            (new_id(), message.asset_id, message_id, None, ChatItemRole.ASSISTANT.value, text, asset_model_id, known_as)
        )
    await insert_chat_items(connection, rows, project_id=message.project_id, label_id=message.label_id)
    await tell_listeners(connection, message.label_id)
    return [row[0] for row in rows]
