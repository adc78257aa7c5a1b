"""Actions on assets, in the forms of every client generation."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec

import strawberry

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action, Actor
from labelyard.resolvers.asset.input import AssetWhere
from labelyard.resolvers.asset.type import Asset, AssetActionOutcome
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.type import Project
from labelyard.services.workflow.action import (
    MAX_ASSETS,
    Outcome,
    add_to_review,
    assign_people,
    prioritize,
    send_back,
    settle,
    skip,
    unskip,
)
from labelyard.storage.asset import id_filter
from labelyard.storage.database import Writer
from labelyard.storage.filter.asset import asset_filter

P = ParamSpec("P")


async def ids_to_act_on(call: Call, where: Mapping[str, Any]) -> list[str]:
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
        asset_ids = await id_filter(connection, chosen.where, values, limit=MAX_ASSETS + 1)
    if named and where.keys() <= {"id", "idIn", "project"}:
        if set(named) - set(asset_ids) and len(asset_ids) <= MAX_ASSETS:
            raise NotFound(
                "[notFound] One or more of these assets cannot be found in one project; nothing was changed."
            )
        return named
    return asset_ids


async def act(
    call: Call,
    where: Mapping[str, Any],
    write: Callable[Concatenate[Writer, Actor, Sequence[str], P], Awaitable[Outcome]],
    *arguments: P.args,
    **named: P.kwargs,
) -> Outcome:
    """Search for assets and write an action on them in one transaction."""
    ids = await ids_to_act_on(call, where)
    async with call.transaction() as writer:
        return await write(writer, call.actor, ids, *arguments, **named)


@mutation(Action.REVIEW_LABELS, own_transaction="searches for the assets first")
async def addAssetsToReview(call: Call, where: Input[AssetWhere]) -> AssetActionOutcome:
    """Send labeled assets on to review; those without a label or not done are declined."""
    outcome = await act(call, where, add_to_review)
    return call.answer(outcome.as_answer())


@mutation(Action.REVIEW_LABELS, own_transaction="searches for the assets first")
async def addAllLabeledAssetsToReview(call: Call, where: Input[AssetWhere]) -> Project | None:
    """Send labeled assets on to review and answer their project; null when no asset changed."""
    outcome = await act(call, where, add_to_review)
    return await call.by_id(outcome.project_id if outcome.succeeded else None)


@mutation(Action.REVIEW_LABELS, own_transaction="searches for the assets first")
async def sendAssetsBackToQueue(call: Call, where: Input[AssetWhere]) -> AssetActionOutcome:
    """Send assets back to the step before, or where their review step says; those still to be labeled are declined."""
    outcome = await act(call, where, send_back)
    return call.answer(outcome.as_answer())


@mutation(Action.REVIEW_LABELS, own_transaction="searches for the assets first")
async def sendBackAssetsToQueue(call: Call, where: Input[AssetWhere]) -> Project | None:
    """Send assets back to be labeled again and answer their project; null when no asset changed.

    Clients that call this wait until the last asset reads as ONGOING, which it does in labeling steps only.
    """
    outcome = await act(call, where, send_back, to_labeling=True)
    return await call.by_id(outcome.project_id if outcome.succeeded else None)


@mutation(Action.DISTRIBUTE_ASSETS, own_transaction="searches for the assets first")
async def setAssetsPriority(call: Call, where: Input[AssetWhere], priority: int) -> AssetActionOutcome:
    """Give assets a priority; those that nobody waits for in a queue are declined."""
    outcome = await act(call, where, prioritize, priority)
    return call.answer(outcome.as_answer())


@mutation(Action.DISTRIBUTE_ASSETS, own_transaction="searches for the assets first")
async def assignAssets(call: Call, where: Input[AssetWhere], userIds: list[str]) -> AssetActionOutcome:
    """Give assets to members of the project; an empty list opens them to everybody."""
    outcome = await act(call, where, assign_people, userIds)
    return call.answer(outcome.as_answer())


@mutation(Action.DISTRIBUTE_ASSETS, own_transaction="searches for the assets first")
async def assignAssetsToLabelers(call: Call, where: Input[AssetWhere], userIds: list[str]) -> list[Asset] | None:
    """Give assets to members of the project and answer the assets."""
    outcome = await act(call, where, assign_people, userIds)
    return await call.by_ids([identifier for identifier, _ in outcome.succeeded])


@mutation(Action.DISTRIBUTE_ASSETS, deprecated="States follow labels by themselves.")
async def forceUpdateStatus(call: Call, writer: Writer, assetID: strawberry.ID | None = None) -> Asset | None:
    """Compute the state of an asset anew from its labels."""
    if assetID is None:
        raise BadUserInput("Name the asset: `assetID`.", field="assetID")
    await settle(writer, call.actor, assetID)
    return call.after_commit(call.by_id, assetID)


@mutation(Action.SUBMIT_LABELS)
async def skipAsset(call: Call, writer: Writer, reason: str, where: Input[AssetWhere]) -> Asset | None:
    """Take an asset out of the queue."""
    if "id" not in where:
        raise BadUserInput("Name the asset: `where: {id: …}`.", field="where.id")
    await skip(writer, call.actor, where["id"], where.get("project", {}).get("id"), reason)
    return call.after_commit(call.by_id, where["id"])


@mutation(Action.SUBMIT_LABELS)
async def unskipAsset(call: Call, writer: Writer, projectId: strawberry.ID, assetId: strawberry.ID) -> bool | None:
    """Put a skipped asset back in the queue; answers whether it was skipped."""
    return await unskip(writer, call.actor, assetId, projectId)
