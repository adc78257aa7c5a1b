"""Importing assets, in the forms of every client generation."""

from collections.abc import Mapping
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import one_form, present
from labelyard.resolvers.asset.input import (
    AppendManyAssetsAsynchronouslyData,
    AppendManyAssetsData,
    AppendManyFramesToDatasetAsynchronouslyData,
    AppendManyToDatasetData,
    AppendToDatasetData,
    DatasetWhere,
)
from labelyard.resolvers.asset.type import Asset, IdResult
from labelyard.resolvers.enumeration import Status
from labelyard.resolvers.notification.type import Notification
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.input import ProjectWhere
from labelyard.resolvers.project.type import Project
from labelyard.services.asset.import_check import check_import
from labelyard.services.asset.importing import import_assets
from labelyard.services.dataset import add_dataset_assets, check_new_dataset_assets
from labelyard.services.notification import tell_finished


async def import_arrays(call: Call, project_id: str, arrays: Mapping[str, Any]) -> list[str]:
    """Check parallel arrays, store their files, and write the assets in one transaction."""
    checked = await check_import(call.context.database, call.services, call.actor, project_id, arrays)
    async with call.transaction() as connection:
        ids = await import_assets(connection, checked)
    if ids != checked.ids:
        call.keeps_ids()
    return ids


def project_of(where: Mapping[str, Any] | None, project_id: str | None = None) -> str:
    """The project an import names, in either form."""
    named_id = (where or {}).get("id") or project_id
    if not named_id:
        raise BadUserInput("Name the project: `where: {id: …}`.", field="where.id")
    return str(named_id)


@mutation(Action.CHANGE_ASSETS, own_transaction="stores files first")
async def appendManyToDataset(
    call: Call,
    data: Input[AppendManyToDatasetData] | None = None,
    where: Input[ProjectWhere] | None = None,
    projectID: strawberry.ID | None = None,
    contentArray: list[str] | None = None,
    externalIDArray: list[str] | None = None,
    filenameArray: list[str] | None = None,
    isInstructionsArray: list[bool] | None = None,
    instructionsArray: list[str] | None = None,
    isHoneypotArray: list[bool] | None = None,
    statusArray: list[Status] | None = None,
    jsonContentArray: list[str] | None = None,
    jsonMetadataArray: list[str] | None = None,
) -> Project | None:
    """Import assets and answer the project. `data` with `where`, the single arrays with `projectID`, or the arrays with `where`."""
    flat = {
        "contentArray": contentArray,
        "externalIDArray": externalIDArray,
        "filenameArray": filenameArray,
        "isInstructionsArray": isInstructionsArray,
        "instructionsArray": instructionsArray,
        "isHoneypotArray": isHoneypotArray,
        "statusArray": statusArray,
        "jsonContentArray": jsonContentArray,
        "jsonMetadataArray": jsonMetadataArray,
    }
    arrays = one_form(data, flat, may_be_absent=True)
    project_id = project_of(where, projectID)
    await import_arrays(call, project_id, arrays)
    return await call.by_id(project_id)


@mutation(Action.CHANGE_ASSETS, own_transaction="stores files first")
async def appendManyAssets(
    call: Call, data: Input[AppendManyAssetsData], where: Input[ProjectWhere]
) -> list[Asset] | None:
    """Import assets and answer them in the order given. An external id that is taken refuses the whole call."""
    return await call.by_ids(await import_arrays(call, project_of(where), data))


@mutation(Action.CHANGE_ASSETS, own_transaction="stores files first")
async def appendManyAssetsAsynchronously(
    call: Call, data: Input[AppendManyAssetsAsynchronouslyData], where: Input[ProjectWhere]
) -> Notification | None:
    """Import videos and large images; the notification answered says when they are there."""
    return await call.by_id(await import_and_tell(call, project_of(where), data))


@mutation(Action.CHANGE_ASSETS, own_transaction="stores files first")
async def appendManyFramesToDatasetAsynchronously(
    call: Call, data: Input[AppendManyFramesToDatasetAsynchronouslyData], where: Input[ProjectWhere]
) -> IdResult | None:
    """Import videos and large images; the id answered is that of a notification."""
    return call.answer({"id": await import_and_tell(call, project_of(where), data)})


async def import_and_tell(call: Call, project_id: str, data: Mapping[str, Any]) -> str:
    """Import and leave a notification in the same transaction: this server has nothing to process afterwards."""
    arrays = {name: values for name, values in data.items() if name != "uploadType"}
    checked = await check_import(call.context.database, call.services, call.actor, project_id, arrays)
    async with call.transaction() as connection:
        ids = await import_assets(connection, checked)
        notification_id = await tell_finished(
            connection, call.actor, f"{len(ids)} assets imported into project {project_id}"
        )
    if ids != checked.ids:
        call.keeps_ids()
    return notification_id


@mutation(Action.CHANGE_ASSETS, own_transaction="stores files first")
async def createAssets(
    call: Call,
    projectID: strawberry.ID | None = None,
    contents: list[str] | None = None,
    externalIDs: list[str] | None = None,
) -> list[Asset] | None:
    """Import assets as the first clients did."""
    arrays = {"contentArray": contents or [], "externalIDArray": externalIDs or []}
    return await call.by_ids(await import_arrays(call, project_of(None, projectID), arrays))


@mutation(Action.USE_DATASETS, own_transaction="stores files first")
async def appendToDataset(
    call: Call,
    data: Input[AppendToDatasetData] | None = None,
    where: Input[DatasetWhere] | None = None,
    contentArray: list[str] | None = None,
    datasetId: str | None = None,
    externalIdArray: list[str] | None = None,
    projectID: strawberry.ID | None = None,
    content: str | None = None,
    externalID: str | None = None,
    filename: str | None = None,
    isInstructions: bool | None = None,
    instructions: str | None = None,
    isHoneypot: bool | None = None,
    status: Status | None = None,
    jsonMetadata: str | None = None,
) -> IdResult | None:
    """Add assets to a dataset and answer its id. With `projectID`, import one asset as the first clients did."""
    if projectID is None:
        arrays = one_form(data, {"contentArray": contentArray, "externalIdArray": externalIdArray}, may_be_absent=True)
        return await _append_to_dataset(call, where.get("id") if where is not None else datasetId, arrays)
    if any(value is not None for value in (data, where, contentArray, datasetId, externalIdArray)):
        raise BadUserInput("Name either a project, with `projectID`, or a dataset.", field="projectID")
    single = {
        "contentArray": content,
        "externalIDArray": externalID,
        "filenameArray": filename,
        "isInstructionsArray": isInstructions,
        "instructionsArray": instructions,
        "isHoneypotArray": isHoneypot,
        "statusArray": status,
        "jsonMetadataArray": jsonMetadata,
    }
    arrays = {name: [value] for name, value in present(single).items()}
    (asset_id,) = await import_arrays(call, projectID, arrays)  # chosen by the server, so in no other form
    return call.answer({"id": asset_id})


async def _append_to_dataset(call: Call, dataset_id: str | None, data: Mapping[str, Any]) -> Any:
    if not dataset_id:
        raise BadUserInput("Name the dataset: `where: {id: …}`, or a project, with `projectID`.", field="where.id")
    names = {"contentArray": "contentArray", "externalIdArray": "externalIDArray"}
    arrays = {names[name]: values for name, values in data.items()}
    checked = await check_new_dataset_assets(call.context.database, call.services, call.actor, dataset_id, arrays)
    async with call.transaction() as connection:
        await add_dataset_assets(connection, dataset_id, checked)
    return call.answer({"id": dataset_id})
