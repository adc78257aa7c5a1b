"""Importing conversations that have been held elsewhere, with the labels that people gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labelyard.domain.conversation import (
    IMPORTED_TYPE,
    ChatItemRole,
    ImportedConversation,
    ImportWarning,
    UnfitConversation,
    read_conversation,
)
from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Actor
from labelyard.domain.response import AssetFacts, ResponseValidator
from labelyard.domain.workflow import LabelType
from labelyard.services.apart import APART_FROM_ITEMS, apart
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import Content
from labelyard.services.asset.import_check import CheckedImport
from labelyard.services.asset.importing import import_assets
from labelyard.services.attempt import attempted
from labelyard.services.guard import unknown_project
from labelyard.services.identity import new_id, new_mid
from labelyard.services.label.append import append_locked
from labelyard.services.label.submission import NewLabel, Submission
from labelyard.storage.asset import existing_external_ids
from labelyard.storage.conversation import insert_chat_items
from labelyard.storage.database import Database, Writer
from labelyard.storage.member import member_ids_by_email
from labelyard.storage.project import project_for_conversations

NO_CONTENT = Content("", None)


@dataclass(frozen=True, slots=True)
class Warned:
    """A conversation that was not imported, by its position from 0, and why."""

    position: int
    warning: ImportWarning
    details: str
    external_id: str | None

    def as_answer(self) -> dict[str, Any]:
        """The form of the answer, where conversations count from 1 as lines of a file do."""
        return {
            "type": self.warning.value,
            "details": self.details,
            "externalId": self.external_id,
            "lineNumber": self.position + 1,
        }


@dataclass(frozen=True, slots=True)
class _Ready:
    """A conversation that can be written, the id of its asset, and who labeled it."""

    asset_id: str
    conversation: ImportedConversation
    author_id: str


async def import_conversations(
    database: Database, app_services: AppServices, actor: Actor, project_id: str, values: Sequence[Any]
) -> tuple[int, list[dict[str, Any]]]:
    """Import the conversations that are fit; answers how many these are, and a warning for each of the others."""
    if len(values) > app_services.max_items:
        raise BadUserInput(
            f"[tooManyItems] One call imports at most {app_services.max_items:,} conversations, not {len(values):,}; "
            "send them in parts.",
            limit=app_services.max_items,
            given=len(values),
        )
    async with database.reader() as connection:
        project = await project_for_conversations(connection, project_id)
        if project is None:
            raise unknown_project(project_id)
        if project["input_type"] != IMPORTED_TYPE:
            raise BadUserInput(
                f"Conversations are imported into projects of type {IMPORTED_TYPE}, and {project_id} is of type "
                f"{project['input_type']}.",
                inputType=project["input_type"],
            )
        validator = await app_services.interfaces.validator(connection, project_id, project["interface_version"])
    # Chat items may be long, and answers many: hundreds of them are read in a thread.
    is_long = len(values) > APART_FROM_ITEMS // 50
    fit, warned = await apart(is_long, _read, values, validator, strict=app_services.strict_labels)
    emails = sorted({one.labeler for one in fit if one.labeler is not None} - {actor.email})
    async with database.reader() as connection:
        people = await member_ids_by_email(connection, project_id, emails, actor) if emails else {}
    people[actor.email] = actor.user_id
    ready = []
    for one in fit:
        author = actor.user_id if one.labeler is None else people.get(one.labeler)
        if author is None:
            details = f"{one.labeler!r} is not a member of the project whom you see; add the labeler with appendToRoles first."
            warned.append(Warned(one.position, ImportWarning.FAILED_ASSET_CREATION, details, one.external_id))
        else:
            ready.append(_Ready(new_id(), one, author))
    taken: set[str] = set()
    if ready:
        taken = await attempted(database, lambda connection: _write(connection, app_services, actor, project_id, ready))
    warned += [_duplicated(entry.conversation) for entry in ready if entry.conversation.external_id in taken]
    answers = [warning.as_answer() for warning in sorted(warned, key=lambda warning: warning.position)]
    return len(ready) - len(taken), answers


def _read(
    values: Sequence[Any], validator: ResponseValidator, *, strict: bool
) -> tuple[list[ImportedConversation], list[Warned]]:
    """Check conversations and their labels, as far as that needs no database."""
    fit: list[ImportedConversation] = []
    warned: list[Warned] = []
    known: set[str] = set()
    for position, value in enumerate(values):
        try:
            one = _checked_label(read_conversation(position, value), validator, strict=strict)
        except UnfitConversation as unfit:
            named = value.get("externalId") if isinstance(value, Mapping) else None
            warned.append(Warned(position, unfit.warning, unfit.details, named if isinstance(named, str) else None))
            continue
        if one.external_id in known:
            warned.append(_duplicated(one))
        else:
            known.add(one.external_id)
            fit.append(one)
    return fit, warned


def _checked_label(one: ImportedConversation, validator: ResponseValidator, *, strict: bool) -> ImportedConversation:
    if one.label is None:
        return one
    facts = AssetFacts(chat_items=one.names, rounds=one.rounds)
    checked = validator.check(one.label, label_type=LabelType.DEFAULT.value, strict=strict, asset=facts, mint=new_mid)
    if checked.errors:
        first = checked.errors[0]
        raise UnfitConversation(
            ImportWarning.FAILED_ASSET_CREATION, f"The label cannot be stored: {first.path}: {first.message}"
        )
    return replace(one, label=checked.text)


def _duplicated(one: ImportedConversation) -> Warned:
    details = f"The project has an asset with external id {one.external_id!r} already."
    return Warned(one.position, ImportWarning.DUPLICATED_ID, details, one.external_id)


async def _write(
    connection: Writer, app_services: AppServices, actor: Actor, project_id: str, ready: Sequence[_Ready]
) -> set[str]:
    """Write conversations with their labels, but for those whose external ids are taken, which are answered."""
    names = [one.conversation.external_id for one in ready]
    taken = set(await existing_external_ids(connection, project_id, names))
    free = [one for one in ready if one.conversation.external_id not in taken]
    if not free:
        return taken
    await import_assets(
        connection,
        CheckedImport(
            actor=actor,
            project_id=project_id,
            ids=[one.asset_id for one in free],
            external_ids=[one.conversation.external_id for one in free],
            contents=[NO_CONTENT] * len(free),
            json_contents=[NO_CONTENT] * len(free),
            metadata=[one.conversation.metadata for one in free],
            ocr=[None] * len(free),
            files=[],
            arrays={},
        ),
    )
    rows = [row for one in free for row in _chat_item_rows(one)]
    await insert_chat_items(connection, rows, project_id=project_id, label_id=None)
    labels = [
        NewLabel(one.asset_id, one.conversation.label, author_id=one.author_id)
        for one in free
        if one.conversation.label is not None
    ]
    if labels:
        await append_locked(connection, app_services, actor, Submission(labels, LabelType.DEFAULT))
    return taken


def _chat_item_rows(one: _Ready) -> list[tuple[Any, ...]]:
    """Messages as rows: an answer follows its question, a question the message before it."""
    rows: list[tuple[Any, ...]] = []
    question: str | None = None
    before: str | None = None
    for item in one.conversation.items:
        identifier = new_id()
        parent = question if item.role is ChatItemRole.ASSISTANT else before
        rows.append(
            (identifier, one.asset_id, parent, item.external_id, item.role.value, item.content, None, item.model_name)
        )
        before = identifier
        if item.role is ChatItemRole.USER:
            question = identifier
    return rows
