"""Conversations with models: the roles of their messages, and the conversations that clients import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from labelyard.domain.error import BadUserInput, ClientError
from labelyard.domain.interface.vocabulary import Level
from labelyard.domain.metadata import read_metadata
from labelyard.domain.text import MAX_EXTERNAL_ID, MAX_MODEL_NAME, email_of, within

IMPORTED_TYPE: Final = "LLM_STATIC"
DYNAMIC_TYPES: Final = frozenset({"LLM_INSTR_FOLLOWING", "LLM_RLHF"})
MAX_CHAT_ITEMS = 1_000
MAX_CONTENT = 1_000_000
ANSWERS_OF_A_ROUND = 2


class ChatItemRole(StrEnum):
    """The author of a message of a conversation."""

    ASSISTANT = "ASSISTANT"
    USER = "USER"
    SYSTEM = "SYSTEM"


class ImportWarning(StrEnum):
    """Why a conversation was not imported."""

    MISSING_ID = "MISSING_ID"
    DUPLICATED_ID = "DUPLICATED_ID"
    EMPTY_ARRAY = "EMPTY_ARRAY"
    MAX_INPUT_SIZE = "MAX_INPUT_SIZE"
    FAILED_ASSET_CREATION = "FAILED_ASSET_CREATION"


@dataclass(frozen=True, slots=True)
class NewChatItem:
    """A message as a client sends it; `model_name` is of messages of ASSISTANT only."""

    content: str
    external_id: str
    role: ChatItemRole
    model_name: str | None


@dataclass(frozen=True, slots=True)
class ImportedConversation:
    """A conversation that has been checked. `position` counts from 0; `label` is a `jsonResponse`, `labeler` an e-mail address."""

    position: int
    external_id: str
    items: tuple[NewChatItem, ...]
    label: str | None
    labeler: str | None
    metadata: str

    @property
    def names(self) -> frozenset[str]:
        """The names of its messages in labels."""
        return frozenset(item.external_id for item in self.items)

    @property
    def rounds(self) -> int:
        """The number of rounds: one for each message of USER."""
        return sum(item.role is ChatItemRole.USER for item in self.items)


class UnfitConversation(Exception):
    """A conversation that cannot be imported; the others can."""

    def __init__(self, warning: ImportWarning, details: str) -> None:
        super().__init__(details)
        self.warning = warning
        self.details = details


def read_conversation(position: int, value: Any) -> ImportedConversation:
    """Check a conversation to import. Raises `UnfitConversation` for the first thing that is wrong."""
    if not isinstance(value, Mapping):
        raise UnfitConversation(ImportWarning.FAILED_ASSET_CREATION, "A conversation is an object.")
    external_id = _identifier(value.get("externalId"), "conversation")
    chat_items = value.get("chatItems")
    if not isinstance(chat_items, list) or not chat_items:
        raise UnfitConversation(ImportWarning.EMPTY_ARRAY, "A conversation has a list of `chatItems`, at least one.")
    if len(chat_items) > MAX_CHAT_ITEMS:
        raise UnfitConversation(
            ImportWarning.MAX_INPUT_SIZE,
            f"A conversation has at most {MAX_CHAT_ITEMS:,} chat items, not {len(chat_items):,}.",
        )
    items = tuple(_chat_item(index, item) for index, item in enumerate(chat_items))
    names = [item.external_id for item in items]
    repeated = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if repeated is not None:
        raise UnfitConversation(
            ImportWarning.DUPLICATED_ID, f"Two chat items of the conversation have the external id {repeated!r}."
        )
    _check_order(items)
    return ImportedConversation(
        position,
        external_id,
        items,
        _label(value.get("label")),
        _labeler(value.get("labeler")),
        _metadata(value.get("metadata")),
    )


def check_content(content: str) -> str:
    """The text of a message, checked."""
    within(content, name="The content of a chat item", limit=MAX_CONTENT, least=1)
    if "\0" in content:
        raise BadUserInput("The content of a chat item cannot hold a NUL character.", field="content")
    return content


def follows(role: ChatItemRole, before: ChatItemRole | None) -> bool:
    """Whether a message may follow another one, or begin a conversation."""
    match role:
        case ChatItemRole.SYSTEM:
            return before is None
        case ChatItemRole.USER:
            return before is not ChatItemRole.USER
        case ChatItemRole.ASSISTANT:
            return before is ChatItemRole.USER


def messages_of(messages: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Messages, given as role and content, in the form that models read."""
    return [{"role": role.lower(), "content": content} for role, content in messages]


def _identifier(value: Any, of: str) -> str:
    if not isinstance(value, str) or not value:
        raise UnfitConversation(ImportWarning.MISSING_ID, f"A {of} has an `externalId`, a text that is not empty.")
    with _of_the_conversation():
        within(value, name=f"The external id of a {of}", limit=MAX_EXTERNAL_ID)
    if "\0" in value:
        raise UnfitConversation(ImportWarning.FAILED_ASSET_CREATION, "An external id cannot hold a NUL character.")
    return value


def _chat_item(index: int, value: Any) -> NewChatItem:
    if not isinstance(value, Mapping):
        raise UnfitConversation(ImportWarning.FAILED_ASSET_CREATION, f"Chat item {index} is no object.")
    role = value.get("role")
    if not isinstance(role, str) or role not in set(ChatItemRole):
        raise UnfitConversation(
            ImportWarning.FAILED_ASSET_CREATION,
            f"The role of chat item {index} is SYSTEM, USER or ASSISTANT, not {str(role)[:100]!r}.",
        )
    external_id = _identifier(value.get("externalId"), "chat item")
    content = value.get("content")
    if not isinstance(content, str):
        raise UnfitConversation(
            ImportWarning.FAILED_ASSET_CREATION, f"The content of chat item {external_id!r} is not a text."
        )
    with _of_the_conversation():
        check_content(content)
    model = value.get("modelName")
    if role != ChatItemRole.ASSISTANT:
        model = None
    elif not isinstance(model, str) or not 0 < len(model) <= MAX_MODEL_NAME or "\0" in model:
        raise UnfitConversation(
            ImportWarning.FAILED_ASSET_CREATION,
            f"Chat item {external_id!r} is said by ASSISTANT: name its model as `modelName`, in 1 to {MAX_MODEL_NAME} characters.",
        )
    return NewChatItem(content, external_id, ChatItemRole(role), model)


def _check_order(items: Sequence[NewChatItem]) -> None:
    """A system prompt may come first; then rounds of one message of USER and two of ASSISTANT."""
    rest = items[1:] if items[0].role is ChatItemRole.SYSTEM else items
    if any(item.role is ChatItemRole.SYSTEM for item in rest):
        raise UnfitConversation(
            ImportWarning.FAILED_ASSET_CREATION, "A message of SYSTEM stands at the beginning of a conversation only."
        )
    if not rest or rest[0].role is not ChatItemRole.USER:
        raise UnfitConversation(ImportWarning.FAILED_ASSET_CREATION, "The first round begins with a message of USER.")
    answers: list[int] = []
    for item in rest:
        if item.role is ChatItemRole.USER:
            answers.append(0)
        else:
            answers[-1] += 1
    wrong = next((number for number, count in enumerate(answers) if count != ANSWERS_OF_A_ROUND), None)
    if wrong is not None:
        raise UnfitConversation(
            ImportWarning.FAILED_ASSET_CREATION,
            f"Each round has {ANSWERS_OF_A_ROUND} messages of ASSISTANT; round {wrong} has {answers[wrong]}.",
        )


def _label(value: Any) -> str | None:
    """The label as a `jsonResponse`; None where nothing is answered."""
    if value is None:
        return None
    levels = set(Level)
    if not isinstance(value, Mapping) or not value.keys() <= levels:
        raise UnfitConversation(
            ImportWarning.FAILED_ASSET_CREATION, f"A label is an object with {', '.join(sorted(levels))}."
        )
    answered = {level: answers for level, answers in value.items() if answers}
    return orjson.dumps(answered).decode() if answered else None


def _labeler(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise UnfitConversation(ImportWarning.FAILED_ASSET_CREATION, "`labeler` is the e-mail address of a member.")
    with _of_the_conversation():
        return email_of(value)


def _metadata(value: Any) -> str:
    if value is None:
        return "{}"
    if not isinstance(value, Mapping):
        raise UnfitConversation(ImportWarning.FAILED_ASSET_CREATION, "`metadata` is an object.")
    with _of_the_conversation():
        return read_metadata(orjson.dumps(value).decode()).text


@contextmanager
def _of_the_conversation() -> Iterator[None]:
    """A refusal within is that of the conversation only."""
    try:
        yield
    except ClientError as refusal:
        raise UnfitConversation(ImportWarning.FAILED_ASSET_CREATION, refusal.message) from refusal
