"""Ids of assets as clients chose them, where an organization keeps some in another form (`domain.identifier.kept_id`).

Ids that clients make are random, so this happens only where somebody sends an id that they have seen in another organization.
It must look as if that id had been free. What comes in is looked up here; reading plans answer columns with ids of assets as
clients chose them (`storage.plan.compiler`), and values that are not stored and messages are cut here. Organizations without
such ids pay nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLInputType, GraphQLResolveInfo, get_named_type

from labelyard.domain.error import ClientError
from labelyard.domain.identifier import CHOSEN, kept_id
from labelyard.domain.permission import Actor
from labelyard.storage.database import Database
from labelyard.storage.kept_id import ids_in_kept_form

# Arguments of root fields and keys of input objects that name assets which exist.
NAMING = frozenset(
    {
        "AppendLabelData.assetID",
        "AssetWhere.id",
        "AssetWhere.idIn",
        "AssetWhere.idNotIn",
        "ChatItemsWhere.assetId",
        "CopyLabelsInput.dstAssetId",
        "CopyLabelsInput.srcAssetId",
        "IssueToCreate.assetId",
        "IssueWhere.assetIn",
        "ProjectExportData.assetIds",
        "annotationFileUrl.assetId",
        "appendToLabels.labelAssetID",
        "createAnnotationFileUpload.assetId",
        "createHoneypot.assetID",
        "createPrediction.assetID",
        "deleteFromDataset.assetID",
        "deleteLocks.assetID",
        "deleteManyFromDataset.assetIDs",
        "forceUpdateStatus.assetID",
        "frontendAppendToLabels.labelAssetID",
        "getAsset.assetID",
        "getLabel.assetID",
        "getNextAssetFromLabel.labelAssetID",
        "getNextAssetFromLabel.labelAssetIDs",
        "lockAsset.assetID",
        "predictAssets.assetIds",
        "setAssetConsensus.assetId",
        "similarAssets.assetId",
        "unskipAsset.assetId",
        "updateAsset.assetID",
        "updateConsensusInManyAssets.assetIDs",
        "updateLabel.labelAssetID",
        "updateLabel.reviewAssetID",
    }
)
# Keys of values which are not stored that hold ids of assets.
ANSWERING = frozenset({"assetId"})


async def with_kept_ids(
    database: Database, actor: Actor, info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The arguments with the kept form of each id that has one."""
    field = info.parent_type.fields[info.field_name]
    types = {name: argument.type for name, argument in field.args.items()}
    forms = {
        text: kept_id(text, actor.organization_id)
        for name, value in arguments.items()
        for text in _named(value, types[name], f"{info.field_name}.{name}")
    }
    if not forms:
        return arguments
    async with database.autocommit() as connection:
        kept_texts = await ids_in_kept_form(connection, forms, actor.organization_id)
    kept = {text: forms[text] for text in kept_texts}
    if not kept:
        return arguments
    return {name: _replaced(value, types[name], f"{info.field_name}.{name}", kept) for name, value in arguments.items()}


def as_chosen(value: Any, actor: Actor) -> Any:
    """A value that is not stored, with ids of assets as clients chose them."""
    return _cut(value, kept_id("", actor.organization_id), is_id=False)


def as_chosen_text(value: Any, actor: Actor) -> Any:
    """The texts of a message and its context: any of them may name an asset."""
    return _cut_texts(value, kept_id("", actor.organization_id))


def as_chosen_in(refusal: ClientError, actor: Actor) -> None:
    """The same for an error."""
    refusal.message = as_chosen_text(refusal.message, actor)
    refusal.context = as_chosen_text(refusal.context, actor)
    refusal.args = (refusal.message,)


def _named(value: Any, kind: GraphQLInputType, name: str) -> Iterator[str]:
    """The ids of assets in an argument, or in a key of an input object."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item, kind, name)
    elif isinstance(value, str):
        if name in NAMING and CHOSEN.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        inner = get_named_type(kind)
        if isinstance(inner, GraphQLInputObjectType):  # and no JSON, which says what clients want
            for key, item in value.items():
                yield from _named(item, inner.fields[key].type, f"{inner.name}.{key}")


def _replaced(value: Any, kind: GraphQLInputType, name: str, kept: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_replaced(item, kind, name, kept) for item in value]
    if isinstance(value, str):
        return kept.get(value, value) if name in NAMING else value
    if isinstance(value, Mapping):
        inner = get_named_type(kind)
        if isinstance(inner, GraphQLInputObjectType):
            return {
                key: _replaced(item, inner.fields[key].type, f"{inner.name}.{key}", kept) for key, item in value.items()
            }
    return value


def _cut(value: Any, ending: str, *, is_id: bool) -> Any:
    if isinstance(value, str):
        return value.removesuffix(ending) if is_id else value
    if isinstance(value, Mapping):
        return {key: _cut(item, ending, is_id=key in ANSWERING) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, ending, is_id=is_id) for item in value]
    return value


def _cut_texts(value: Any, ending: str) -> Any:
    if isinstance(value, str):
        return value.replace(ending, "")
    if isinstance(value, Mapping):
        return {key: _cut_texts(item, ending) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cut_texts(item, ending) for item in value]
    return value
