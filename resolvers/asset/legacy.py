"""Reading assets as the first clients did."""

from typing import Any

import strawberry

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import page_size
from labelyard.resolvers.asset.input import LegacyAssetsWhere, LegacyLabelsWhere
from labelyard.resolvers.asset.type import Asset
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.asset import asset_filter
from labelyard.storage.filter.condition import Filter
from labelyard.storage.filter.legacy import searched_asset_filter

MAX_EXPORTED = 10_000


@query(Action.READ, deprecated="Ask for `assets`.")
async def getAsset(call: Call, assetID: strawberry.ID | None = None) -> Asset | None:
    """One asset, or null."""
    return await call.first_of(asset_filter({"id": assetID or ""}, call.actor))


@query(Action.READ, deprecated="Ask for `assets`.")
async def getAssets(
    call: Call, projectID: strawberry.ID | None = None, skip: int | None = None, first: PageSize | None = None
) -> list[Asset] | None:
    """A page of the assets of a project; null past the end."""
    return await _page(call, asset_filter({"project": {"id": projectID or ""}}, call.actor), skip=skip, first=first)


@query(Action.READ, deprecated="Ask for `assets`.")
async def getAssetsByExternalId(
    call: Call, projectID: strawberry.ID | None = None, externalID: str | None = None
) -> list[Asset] | None:
    """The assets of a project with exactly this external id."""
    where = {"project": {"id": projectID or ""}, "externalIdStrictlyIn": [externalID or ""]}
    return await call.page(asset_filter(where, call.actor), first=1, skip=0)


@query(Action.READ, deprecated="Ask for `assets`.")
async def getAssetsWithSearch(
    call: Call,
    projectID: strawberry.ID | None = None,
    skip: int | None = None,
    first: int | None = None,
    where: Input[LegacyAssetsWhere] | None = None,
    assetsWhere: Input[LegacyAssetsWhere] | None = None,
    labelsWhere: Input[LegacyLabelsWhere] | None = None,
) -> list[Asset] | None:
    """A page of the assets of a project that filters leave; null past the end, where clients stop."""
    return await _page(call, _searched(call, projectID, where, assetsWhere, labelsWhere), skip=skip, first=first)


@query(Action.READ, deprecated="Ask for `countAssets`.")
async def countAssetsWithSearch(
    call: Call,
    projectID: strawberry.ID | None = None,
    assetsWhere: Input[LegacyAssetsWhere] | None = None,
    labelsWhere: Input[LegacyLabelsWhere] | None = None,
) -> int:
    """How many assets `getAssetsWithSearch` lists in all."""
    return await call.count("asset", _searched(call, projectID, None, assetsWhere, labelsWhere))


@query(Action.READ, deprecated="Ask for `assets`.")
async def exportAssets(call: Call, projectID: strawberry.ID | None = None) -> list[Asset] | None:
    """All assets of a project, up to 10,000."""
    chosen = asset_filter({"project": {"id": projectID or ""}}, call.actor)
    return await call.all_of(chosen, most=MAX_EXPORTED, instead="getAssetsWithSearch")


def _searched(
    call: Call,
    project_id: str | None,
    where: Input[LegacyAssetsWhere] | None,
    assets_where: Input[LegacyAssetsWhere] | None,
    labels_where: Input[LegacyLabelsWhere] | None,
) -> Filter:
    merged = {**(where or {}), **(assets_where or {})}
    return searched_asset_filter(call.actor, project_id or "", merged, labels_where or {})


async def _page(call: Call, chosen: Filter, *, skip: int | None, first: int | None) -> Any:
    """A page, or null when it is empty: the first clients ask for page after page until they get null."""
    page = await call.page(chosen, first=page_size(first), skip=skip or 0)
    return page if page.value else None
