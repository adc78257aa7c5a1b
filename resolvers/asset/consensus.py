"""Which assets are labeled several times, set one by one."""

from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.number import in_range
from labelyard.domain.permission import Action
from labelyard.resolvers.asset.type import Asset
from labelyard.resolvers.asset.update import change_assets
from labelyard.resolvers.operation import Call, mutation
from labelyard.services.asset.update import check_changes, write_changes
from labelyard.storage.asset import ids_by_external_id, ids_in_project
from labelyard.storage.mark_request import request_labeled_marks


@mutation(Action.DISTRIBUTE_ASSETS, own_transaction="looks the asset up and checks the change first")
async def setAssetConsensus(
    call: Call,
    projectId: strawberry.ID,
    isConsensus: bool,
    assetId: strawberry.ID | None = None,
    externalId: str | None = None,
) -> bool | None:
    """Let an asset be labeled by several people, or by one; answers what it is then."""
    await call.authorize(projectId)
    if (assetId is None) == (externalId is None):
        raise BadUserInput("Name the asset by either assetId or externalId.", field="assetId")
    async with call.reader() as connection:
        if assetId is not None:
            asset_ids = await ids_in_project(connection, projectId, [assetId])
        else:
            asset_ids = list((await ids_by_external_id(connection, [(projectId, str(externalId))])).values())
    if not asset_ids:
        raise NotFound(
            f"[notFound] Project {projectId} has no asset {assetId if assetId is not None else externalId!r}; nothing was changed.",
            projectId=projectId,
        )
    await change_assets(call, asset_ids, [{"isUsedForConsensus": isConsensus}], is_about_consensus=True)
    return isConsensus


@mutation(Action.DISTRIBUTE_ASSETS, own_transaction="checks the changes first")
async def updateConsensusInManyAssets(
    call: Call,
    assetIDs: list[strawberry.ID] | None = None,
    consensusMarks: list[float] | None = None,
    areUsedForConsensus: list[bool | None] | None = None,
) -> list[Asset] | None:
    """Set for many assets whether several people label them; all or none are changed, and answered in the order given.

    The lists have one entry for each asset; a null leaves what is there. Marks that are sent are not kept: the server has the
    consensus marks of the assets computed anew from their labels.
    """
    ids = [str(identifier) for identifier in assetIDs or []]
    if not ids:
        raise BadUserInput("Name at least one asset: `assetIDs: […]`.", field="assetIDs")
    lists: dict[str, list[Any] | None] = {"consensusMarks": consensusMarks, "areUsedForConsensus": areUsedForConsensus}
    for name, values in lists.items():
        if values is not None and len(values) != len(ids):
            raise BadUserInput(
                f"`{name}` has one entry for each of the {len(ids)} assets, not {len(values)}.", field=name
            )
    for mark in consensusMarks or []:
        in_range(mark, "consensusMarks")
    flags = areUsedForConsensus or [None] * len(ids)
    changes: list[dict[str, Any]] = [{} if flag is None else {"isUsedForConsensus": flag} for flag in flags]
    checked = await check_changes(
        call.context.database, call.services, call.actor, ids, changes, is_about_consensus=True
    )
    async with call.transaction() as connection:
        await write_changes(connection, checked)
        await request_labeled_marks(connection, ids)
    return await call.by_ids(ids)
