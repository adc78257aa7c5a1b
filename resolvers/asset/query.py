"""Lists of assets."""

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.asset.input import AssetWhere
from labelyard.resolvers.asset.type import Asset
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.asset import visible_external_ids
from labelyard.storage.filter.asset import asset_filter

MAX_EXTERNAL_IDS = 1_000


@query(Action.READ)
async def assets(call: Call, where: Input[AssetWhere], first: PageSize, skip: int) -> list[Asset] | None:
    """Assets that the caller may see, in the order of their import."""
    return await call.page(asset_filter(where, call.actor), first=first, skip=skip)


@query(Action.READ)
async def countAssets(call: Call, where: Input[AssetWhere]) -> int:
    """How many assets `assets` lists in all."""
    return await call.count("asset", asset_filter(where, call.actor))


@query(Action.READ)
async def countAssetAnnotations(call: Call, where: Input[AssetWhere]) -> int:
    """How many annotations the labels of these assets hold in all."""
    return await call.total_annotations(asset_filter(where, call.actor))


@query(Action.READ_PROJECT)
async def filterExistingAssets(call: Call, projectID: strawberry.ID, externalIDs: list[str]) -> list[str]:
    """Those of the external ids that the project already has, as far as the caller sees its assets; at most 1,000 at once."""
    await call.authorize(projectID)
    if len(externalIDs) > MAX_EXTERNAL_IDS:
        raise BadUserInput(
            f"[tooManyItems] Ask for at most {MAX_EXTERNAL_IDS:,} external ids at once, not {len(externalIDs):,}.",
            limit=MAX_EXTERNAL_IDS,
            given=len(externalIDs),
        )
    async with call.reader() as connection:
        return await visible_external_ids(connection, projectID, externalIDs, call.actor)
