"""Deleting assets, in the forms of every client generation."""

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.asset.input import AssetWhere
from labelyard.resolvers.asset.type import Asset, AssetActionOutcome, IdResult
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.type import Project
from labelyard.services.asset.deletion import remove_assets
from labelyard.storage.asset import id_filter, project_ids
from labelyard.storage.filter.asset import asset_filter

MAX_DELETED = 10_000


async def delete(call: Call, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Delete assets in one transaction; answers (id, external id) of those that were there."""
    async with call.transaction() as connection:
        return await remove_assets(connection, call.actor, ids)


async def ids_to_delete(call: Call, where: Mapping[str, Any]) -> list[str]:
    """The ids that a `where` means. Only a list of ids, an id, or a filter within a project names assets to delete."""
    if set(where) - {"project"} <= {"id", "idIn"} and ("id" in where or "idIn" in where):
        return list(where["idIn"]) if "idIn" in where else [where["id"]]
    if "project" not in where or len(where) < 2:
        raise BadUserInput(
            "Name the assets to delete: `where: {idIn: […]}`, or a filter within a project.", field="where"
        )
    chosen = asset_filter(where, call.actor)
    async with call.reader_for(chosen) as connection:
        return await id_filter(connection, chosen.where, {**call.viewer_values, **chosen.values}, limit=MAX_DELETED)


async def projects_of(call: Call, ids: Sequence[str]) -> list[str]:
    """The visible projects that assets belong to."""
    chosen = asset_filter({"idIn": list(ids)}, call.actor)
    async with call.reader() as connection:
        return await project_ids(connection, chosen.where, {**call.viewer_values, **chosen.values})


@mutation(Action.CHANGE_ASSETS, own_transaction="searches for the assets first")
async def deleteAssets(call: Call, where: Input[AssetWhere]) -> AssetActionOutcome:
    """Delete assets with everything on them; an id that is gone already counts as succeeded."""
    ids = await ids_to_delete(call, where)
    known = dict(await delete(call, ids))
    succeeded = [{"assetId": identifier, "externalId": known.get(identifier)} for identifier in ids]
    return call.answer({"succeeded": succeeded, "declined": [], "failed": []})


@mutation(Action.CHANGE_ASSETS, own_transaction="searches for the assets first")
async def deleteManyFromDataset(
    call: Call, assetIDs: list[strawberry.ID] | None = None, where: Input[AssetWhere] | None = None
) -> Project | None:
    """Delete assets and answer their project; null when none of them was there."""
    if (assetIDs is None) == (where is None):
        raise BadUserInput("Give either `where` or `assetIDs`, and not both.", field="where")
    ids = list(assetIDs) if assetIDs is not None else await ids_to_delete(call, where or {})
    projects = await projects_of(call, ids)
    await delete(call, ids)
    return await call.by_id(projects[0] if projects else None)


@mutation(Action.CHANGE_ASSETS, own_transaction="answers the asset as it was")
async def deleteFromDataset(call: Call, assetID: strawberry.ID | None = None) -> Asset | None:
    """Delete one asset as the first clients did; answers the asset as it was."""
    before = await call.by_id(assetID) if assetID and await projects_of(call, [assetID]) else None
    await delete(call, [assetID] if assetID else [])
    return before


@mutation(Action.CHANGE_ASSETS, own_transaction="searches for the assets first")
async def deleteAssetsByExternalId(
    call: Call, projectID: strawberry.ID | None = None, externalID: str | None = None
) -> IdResult | None:
    """Delete the asset with an external id, as the first clients did; answers the project's id."""
    await call.authorize(projectID or "")
    ids = await ids_to_delete(call, {"project": {"id": projectID}, "externalIdStrictlyIn": [externalID or ""]})
    await delete(call, ids)
    return call.answer({"id": projectID})
