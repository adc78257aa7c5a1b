"""Changing assets."""

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import present
from labelyard.resolvers.asset.input import AssetData, AssetWhere
from labelyard.resolvers.asset.type import Asset
from labelyard.resolvers.enumeration import Status
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.services.asset.update import check_changes, unknown_assets, write_changes
from labelyard.storage.asset import ids_by_external_id


async def change_assets(
    call: Call, ids: Sequence[str], changes: Sequence[Mapping[str, Any]], *, is_about_consensus: bool = False
) -> None:
    """Check a batch of changes and write it in one transaction."""
    checked = await check_changes(
        call.context.database, call.services, call.actor, ids, changes, is_about_consensus=is_about_consensus
    )
    async with call.transaction() as connection:
        await write_changes(connection, checked)


async def named_asset_ids(call: Call, wheres: Sequence[Mapping[str, Any]]) -> list[str]:
    """The id each `where` names: by id, or by external id within a project."""
    named = [
        (where.get("project", {}).get("id"), names[0])
        for where in wheres
        if "id" not in where and (names := where.get("externalIdStrictlyIn") or where.get("externalIdIn"))
    ]
    ids_by_name: dict[tuple[Any, str], str] = {}
    if named:
        async with call.reader() as connection:
            ids_by_name = await ids_by_external_id(connection, named)
    ids = []
    for where in wheres:
        names = where.get("externalIdStrictlyIn") or where.get("externalIdIn")
        if "id" not in where and not names:
            raise BadUserInput("Name each asset: `where: {id: …}`.", field="where.id")
        identifier = where.get("id") or ids_by_name.get((where.get("project", {}).get("id"), (names or [""])[0]))
        if identifier is None:  # refused like an asset of another organization
            raise unknown_assets()
        ids.append(str(identifier))
    return ids


@mutation(Action.DISTRIBUTE_ASSETS, own_transaction="stores files first")
async def updatePropertiesInAssets(
    call: Call, data: list[Input[AssetData]], where: list[Input[AssetWhere]]
) -> list[Asset] | None:
    """Change many assets; `where` and `data` are parallel. All or none are changed, and answered in the order given."""
    ids = await named_asset_ids(call, where)
    await change_assets(call, ids, data)
    return await call.by_ids(ids)


@mutation(Action.DISTRIBUTE_ASSETS, own_transaction="stores files first")
async def updatePropertiesInAsset(call: Call, data: Input[AssetData], where: Input[AssetWhere]) -> Asset | None:
    """Change one asset."""
    ids = await named_asset_ids(call, [where])
    await change_assets(call, ids, [data])
    return await call.by_id(ids[0])


@mutation(Action.CHANGE_ASSETS, own_transaction="stores files first")
async def updateAsset(
    call: Call,
    assetID: strawberry.ID | None = None,
    projectID: strawberry.ID | None = None,
    content: str | None = None,
    externalID: str | None = None,
    filename: str | None = None,
    isInstructions: bool | None = None,
    instructions: str | None = None,
    isHoneypot: bool | None = None,
    consensusMark: float | None = None,
    honeypotMark: float | None = None,
    status: Status | None = None,
    jsonMetadata: str | None = None,
) -> Asset | None:
    """Change one asset as the first clients did; what is null stays as it is."""
    del projectID, filename, isInstructions, instructions, status  # set by the server or at import only
    changes = {
        "content": content,
        "externalId": externalID,
        "isHoneypot": isHoneypot,
        "consensusMark": consensusMark,
        "honeypotMark": honeypotMark,
        "jsonMetadata": jsonMetadata,
    }
    ids = await named_asset_ids(call, [{"id": assetID} if assetID else {}])
    await change_assets(call, ids, [present(changes)])
    return await call.by_id(ids[0])
