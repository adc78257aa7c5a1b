"""Actions on assets, in the forms of every client generation."""

from collections.abc import Mapping
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action
from labelyard.resolvers.asset.input import AssetWhere
from labelyard.resolvers.asset.type import Asset, AssetActionOutcome
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.type import Project
from labelyard.services.workflow.action import (
    MAX_ASSETS,
    add_to_review,
    assign_people,
    prioritize,
    send_back,
    settle,
    skip,
    unskip,
)
from labelyard.storage.asset import id_filter
from labelyard.storage.filter.asset import asset_filter


async def ids_of(call: Call, where: Mapping[str, Any]) -> list[str]:
    """The assets that a `where` means: those named by id, of the project if it names one, or those a filter leaves in it."""
    named = [str(identifier) for identifier in where.get("idIn", [where["id"]] if "id" in where else [])]
    if where and where.keys() <= {"id", "idIn"}:
        return named
    if "id" not in where.get("project", {}):
        raise BadUserInput("Name the assets: `where: {idIn: […]}`, or a filter within a project.", field="where")
    await call.authorize(where["project"]["id"])
    chosen = asset_filter(where, call.actor)
    values = {**call.viewer_values, **chosen.values}
    async with call.reader_for(chosen) as connection:
        found = await id_filter(connection, chosen.where, values, limit=MAX_ASSETS + 1)
    if named and where.keys() <= {"id", "idIn", "project"}:
        if set(named) - set(found) and len(found) <= MAX_ASSETS:
            raise NotFound(
                "[notFound] One or more of these assets cannot be found in one project; nothing was changed."
            )
        return named
    return found


@mutation(Action.REVIEW_LABELS)
async def addAssetsToReview(call: Call, where: Input[AssetWhere]) -> AssetActionOutcome:
    """Send labeled assets on to review; those without a label or not done are declined."""
    ids = await ids_of(call, where)
    async with call.transaction() as connection:
        outcome = await add_to_review(connection, call.actor, ids)
    return call.answer(outcome.as_answer())


@mutation(Action.REVIEW_LABELS)
async def addAllLabeledAssetsToReview(call: Call, where: Input[AssetWhere]) -> Project | None:
    """Send labeled assets on to review and answer their project; null when no asset changed."""
    ids = await ids_of(call, where)
    async with call.transaction() as connection:
        outcome = await add_to_review(connection, call.actor, ids)
    return await call.by_id(outcome.project_id if outcome.succeeded else None)


@mutation(Action.REVIEW_LABELS)
async def sendAssetsBackToQueue(call: Call, where: Input[AssetWhere]) -> AssetActionOutcome:
    """Send assets back to the step before, or where their review step says; those still to be labeled are declined."""
    ids = await ids_of(call, where)
    async with call.transaction() as connection:
        outcome = await send_back(connection, call.actor, ids)
    return call.answer(outcome.as_answer())


@mutation(Action.REVIEW_LABELS)
async def sendBackAssetsToQueue(call: Call, where: Input[AssetWhere]) -> Project | None:
    """Send assets back to be labeled again and answer their project; null when no asset changed.

    Clients that call this wait until the last asset reads as ONGOING, which it does in labeling steps only.
    """
    ids = await ids_of(call, where)
    async with call.transaction() as connection:
        outcome = await send_back(connection, call.actor, ids, to_labeling=True)
    return await call.by_id(outcome.project_id if outcome.succeeded else None)


@mutation(Action.DISTRIBUTE_ASSETS)
async def setAssetsPriority(call: Call, where: Input[AssetWhere], priority: int) -> AssetActionOutcome:
    """Give assets a priority; those that nobody waits for in a queue are declined."""
    ids = await ids_of(call, where)
    async with call.transaction() as connection:
        outcome = await prioritize(connection, call.actor, ids, priority)
    return call.answer(outcome.as_answer())


@mutation(Action.DISTRIBUTE_ASSETS)
async def assignAssets(call: Call, where: Input[AssetWhere], userIds: list[str]) -> AssetActionOutcome:
    """Give assets to members of the project; an empty list opens them to everybody."""
    ids = await ids_of(call, where)
    async with call.transaction() as connection:
        outcome = await assign_people(connection, call.actor, ids, userIds)
    return call.answer(outcome.as_answer())


@mutation(Action.DISTRIBUTE_ASSETS)
async def assignAssetsToLabelers(call: Call, where: Input[AssetWhere], userIds: list[str]) -> list[Asset] | None:
    """Give assets to members of the project and answer the assets."""
    ids = await ids_of(call, where)
    async with call.transaction() as connection:
        outcome = await assign_people(connection, call.actor, ids, userIds)
    return await call.by_ids([identifier for identifier, _ in outcome.succeeded])


@mutation(Action.DISTRIBUTE_ASSETS, deprecated="States follow labels by themselves.")
async def forceUpdateStatus(call: Call, assetID: strawberry.ID | None = None) -> Asset | None:
    """Compute the state of an asset anew from its labels."""
    if assetID is None:
        raise BadUserInput("Name the asset: `assetID`.", field="assetID")
    async with call.transaction() as connection:
        await settle(connection, call.actor, assetID)
    return await call.by_id(assetID)


@mutation(Action.SUBMIT_LABELS)
async def skipAsset(call: Call, reason: str, where: Input[AssetWhere]) -> Asset | None:
    """Take an asset out of the queue."""
    if "id" not in where:
        raise BadUserInput("Name the asset: `where: {id: …}`.", field="where.id")
    async with call.transaction() as connection:
        await skip(connection, call.actor, where["id"], where.get("project", {}).get("id"), reason)
    return await call.by_id(where["id"])


@mutation(Action.SUBMIT_LABELS)
async def unskipAsset(call: Call, projectId: strawberry.ID, assetId: strawberry.ID) -> bool | None:
    """Put a skipped asset back in the queue; answers whether it was skipped."""
    async with call.transaction() as connection:
        return await unskip(connection, call.actor, assetId, projectId)
