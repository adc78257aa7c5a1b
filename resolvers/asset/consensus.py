"""Which assets are labeled several times, set one by one."""

import strawberry

from domain.error import BadUserInput, NotFound
from domain.permission import Action
from resolvers.asset.update import change_assets
from resolvers.operation import Call, mutation
from storage.asset import ids_by_external_id, ids_in_project


@mutation(Action.DISTRIBUTE_ASSETS)
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
            found = await ids_in_project(connection, projectId, [assetId])
        else:
            found = list((await ids_by_external_id(connection, [(projectId, str(externalId))])).values())
    if not found:
        raise NotFound(
            f"[notFound] Project {projectId} has no asset {assetId or externalId!r}; nothing was changed.",
            projectId=projectId,
        )
    await change_assets(call, found, [{"isUsedForConsensus": isConsensus}])
    return isConsensus
