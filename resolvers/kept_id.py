"""Ids of assets as clients chose them, where an organization keeps some in another form (`domain.identifier.kept_id`).

Ids that clients make are random, so this happens only where somebody sends an id that they have seen elsewhere. It must look
as if that id had been free. All of it lies here: what comes in is looked up, what goes out is cut, and organizations without
such ids pay nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.error import Refusal
from domain.identifier import CHOSEN, kept_id
from domain.permission import Actor
from storage.database import Database
from storage.kept_id import existing_ids

# Arguments and keys of inputs that name assets which exist.
NAMING = frozenset(
    {
        "id",
        "idIn",
        "idNotIn",
        "assetID",
        "assetId",
        "assetIDs",
        "labelAssetID",
        "labelAssetIDs",
        "srcAssetId",
        "dstAssetId",
    }
)


async def with_kept_ids(database: Database, actor: Actor, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments with the kept form of each id that has one."""
    named = {text: kept_id(text, actor.organization_id) for text in _named(arguments, is_naming=False)}
    if not named:
        return arguments
    async with database.steady() as connection:
        existing = await existing_ids(connection, named.values())
    kept = {text: form for text, form in named.items() if form in existing}
    return (
        {key: _replaced(value, kept, is_naming=key in NAMING) for key, value in arguments.items()}
        if kept
        else arguments
    )


def as_chosen(value: Any, actor: Actor) -> Any:
    """An answer with ids as clients chose them."""
    return _cut(value, kept_id("", actor.organization_id))


def as_chosen_in(refusal: Refusal, actor: Actor) -> None:
    """The same in what a refusal says."""
    refusal.message = as_chosen(refusal.message, actor)
    refusal.context = as_chosen(refusal.context, actor)
    refusal.args = (refusal.message,)


def _named(value: Any, *, is_naming: bool) -> Iterator[str]:
    if isinstance(value, str):
        if is_naming and CHOSEN.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _named(item, is_naming=key in NAMING)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, is_naming=is_naming)


def _replaced(value: Any, kept: Mapping[str, str], *, is_naming: bool) -> Any:
    if isinstance(value, str):
        return kept.get(value, value) if is_naming else value
    if isinstance(value, Mapping):
        return {key: _replaced(item, kept, is_naming=key in NAMING) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, kept, is_naming=is_naming) for item in value]
    return value


def _cut(value: Any, ending: str) -> Any:
    if isinstance(value, str):
        return value.replace(ending, "")
    if isinstance(value, Mapping):
        return {key: _cut(item, ending) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cut(item, ending) for item in value]
    return value
