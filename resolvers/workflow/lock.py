"""Locks, and the next asset of the queue, which locks it."""

import strawberry

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action
from labelyard.resolvers.asset.type import Asset
from labelyard.resolvers.operation import Call, Input, mutation, query
from labelyard.resolvers.scalar import JSON, PageSize
from labelyard.resolvers.workflow.input import LockWhere
from labelyard.resolvers.workflow.type import Lock
from labelyard.services.asset.lock import open_asset
from labelyard.services.asset.queue import next_asset
from labelyard.storage.asset import assets_of_project
from labelyard.storage.asset_lock import release_locks
from labelyard.storage.database import Writer
from labelyard.storage.filter.lock import lock_filter

MAX_LOCKS = 1_000


@query(Action.READ)
async def locks(call: Call, where: Input[LockWhere], first: PageSize, skip: int) -> list[Lock] | None:
    """Valid locks in the caller's projects, oldest first; labelers see their own."""
    return await call.page(lock_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countLocks(call: Call, where: Input[LockWhere]) -> int:
    """How many locks `locks` lists in all."""
    return await call.count("asset_lock", lock_filter(where))


@query(Action.READ_PROJECT, deprecated="Ask for `locks`.")
async def getLocks(call: Call, projectID: strawberry.ID | None = None) -> list[Lock] | None:
    """The valid locks of a project."""
    await call.authorize(projectID or "")
    return await call.all_of(lock_filter({}, project_id=projectID), most=MAX_LOCKS, instead="locks")


@mutation(Action.SUBMIT_LABELS, own_transaction="answers the locks as they were", deprecated="Locks end by themselves.")
async def deleteLocks(call: Call, assetID: strawberry.ID | None = None) -> list[Lock] | None:
    """End the locks on an asset and answer them: all of them for who distributes assets, one's own for others."""
    project_id = await _project_of(call, [assetID or ""])
    await call.authorize(project_id)
    everybody = call.actor.may(Action.DISTRIBUTE_ASSETS, project_id)
    chosen = lock_filter({}, asset_id=assetID)
    if not everybody:
        chosen.require("t.user_id = :viewer")
    ended = await call.all_of(chosen, most=MAX_LOCKS, instead="deleteLocks")
    async with call.transaction() as connection:
        await release_locks(connection, [assetID or ""], user_id=None if everybody else call.actor.user_id)
    return ended


@mutation(Action.SUBMIT_LABELS)
async def lockAsset(call: Call, writer: Writer, assetID: strawberry.ID) -> Lock:
    """Have an asset open for labeling or review for 30 minutes from now: take its lock, or renew one's own.

    Refused like a label that the caller would submit on it now, with the reason in `context.reason`; while others have it open,
    `context.lockedUntil` says until when.
    """
    found = await assets_of_project(writer, [assetID], call.actor)
    if not found:
        raise NotFound("[notFound] This asset cannot be found.")
    (asset,) = found
    await call.authorize(asset["project_id"])
    return call.after_commit(call.by_id, await open_asset(writer, call.actor, asset))


@query(Action.SUBMIT_LABELS, deprecated="Ask for `assets`.")
async def getNextAssetFromProject(
    call: Call,
    projectID: strawberry.ID | None = None,
    wantInstructionsOnly: bool | None = None,
    inReview: bool | None = None,
) -> Asset | None:
    """The next asset of the caller's queue in a project, locked for them; null when there is nothing to do."""
    del wantInstructionsOnly  # assets hold their instructions beside their content
    await call.authorize(projectID or "")
    asset_id = await next_asset(call.transaction, call.actor, projectID or "", in_review=inReview)
    return await call.by_id(asset_id)


@query(Action.SUBMIT_LABELS, deprecated="Ask for `assets`.")
async def getNextAssetFromLabel(
    call: Call,
    labelAssetID: strawberry.ID | None = None,
    labelAssetIDs: list[strawberry.ID] | None = None,
    wantInstructionsOnly: bool | None = None,
    inReview: bool | None = None,
    where: JSON | None = None,
) -> Asset | None:
    """The next asset after some that the caller is done with, whose locks end."""
    del wantInstructionsOnly, where
    seen = [str(identifier) for identifier in labelAssetIDs or ([labelAssetID] if labelAssetID else [])]
    if not seen:
        raise BadUserInput("Name the assets seen so far: `labelAssetIDs: […]`.", field="labelAssetIDs")
    project_id = await _project_of(call, seen)
    await call.authorize(project_id)
    asset_id = await next_asset(call.transaction, call.actor, project_id, seen=seen, in_review=inReview)
    return await call.by_id(asset_id)


async def _project_of(call: Call, asset_ids: list[str]) -> str:
    """The project of the last of assets, all of which are visible."""
    async with call.reader() as connection:
        project_ids = {
            row["id"]: row["project_id"] for row in await assets_of_project(connection, asset_ids, call.actor)
        }
    if set(asset_ids) - project_ids.keys():
        raise NotFound("[notFound] One or more of these assets cannot be found.")
    return str(project_ids[asset_ids[-1]])
