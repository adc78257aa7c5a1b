"""Lists of assets."""

import strawberry

from domain.error import BadUserInput
from domain.permission import Action
from resolvers.asset.input import AssetWhere
from resolvers.asset.type import Asset
from resolvers.operation import Call, Input, query
from resolvers.scalar import PageSize
from storage.asset import visible_external_ids
from storage.filter.asset import choose_assets

MAX_EXTERNAL_IDS = 1_000


@query(Action.READ)
async def assets(call: Call, where: Input[AssetWhere], first: PageSize, skip: int) -> list[Asset] | None:
    """Assets that the caller may see, in the order of their import."""
    return await call.page(choose_assets(where, call.actor), first=first, skip=skip)


@query(Action.READ)
async def countAssets(call: Call, where: Input[AssetWhere]) -> int:
    """How many assets `assets` lists in all."""
    return await call.count("asset", choose_assets(where, call.actor))


@query(Action.READ)
async def countAssetAnnotations(call: Call, where: Input[AssetWhere]) -> int:
    """How many annotations the labels of these assets hold in all."""
    return await call.total_annotations(choose_assets(where, call.actor))


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
