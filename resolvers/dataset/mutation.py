"""Creating, filling and deleting datasets, and adding their assets to projects."""

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import one_form
from labelyard.resolvers.asset.importing import project_of
from labelyard.resolvers.asset.input import DatasetAssetWhere, DatasetWhere
from labelyard.resolvers.dataset.input import (
    AppendDatasetsToProjectData,
    AppendToDatasetUsersData,
    CreateDatasetData,
    DatasetAssetData,
    DatasetData,
    DeleteFromDatasetUsersData,
)
from labelyard.resolvers.dataset.type import Dataset, DatasetAsset
from labelyard.resolvers.enumeration import InputType
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.input import ProjectWhere
from labelyard.services import dataset as service
from labelyard.storage.database import Writer


@mutation(Action.USE_DATASETS)
async def createDataset(
    call: Call,
    writer: Writer,
    data: Input[CreateDatasetData] | None = None,
    name: str | None = None,
    assetType: InputType | None = None,
) -> Dataset | None:
    """Create a dataset, from `data` or from the arguments of older clients. Its creator and administrators see it."""
    chosen = one_form(data, {"name": name, "assetType": assetType})
    for key in ("name", "assetType"):
        if key not in chosen:
            raise BadUserInput(f"A dataset needs {key}.", field=key)
    identifier = await service.create_dataset(
        writer, call.actor, name=chosen["name"], asset_type=str(chosen["assetType"])
    )
    return call.after_commit(call.by_id, identifier)


@mutation(Action.USE_DATASETS)
async def updatePropertiesInDataset(
    call: Call, writer: Writer, data: Input[DatasetData], where: Input[DatasetWhere]
) -> Dataset | None:
    """Change the name of a dataset, or its type as long as it has no assets."""
    dataset_id = dataset_of(where)
    asset_type = data.get("assetType")
    await service.update_dataset(
        writer,
        call.actor,
        dataset_id,
        name=data.get("name"),
        asset_type=None if asset_type is None else str(asset_type),
    )
    return call.after_commit(call.by_id, dataset_id)


@mutation(Action.USE_DATASETS, own_transaction="reads the dataset before it is gone")
async def deleteDataset(call: Call, where: Input[DatasetWhere]) -> Dataset | None:
    """Delete a dataset with its assets, as its creator or as an administrator, and answer it as it was.

    Assets that projects have made of them stay.
    """
    dataset_id = dataset_of(where)
    await service.require_dataset(call.database, call.actor, dataset_id)
    answer = await call.by_id(dataset_id)
    async with call.transaction() as writer:
        await service.delete_dataset(writer, call.actor, dataset_id)
    return answer


@mutation(Action.SHARE_DATASETS)
async def appendToDatasetUsers(
    call: Call, writer: Writer, data: Input[AppendToDatasetUsersData], where: Input[DatasetWhere]
) -> Dataset | None:
    """Let a person of the organization see and change a dataset, as its creator or as an administrator."""
    dataset_id = dataset_of(where)
    await service.add_dataset_user(writer, call.actor, dataset_id, data["userEmail"])
    return call.after_commit(call.by_id, dataset_id)


@mutation(Action.SHARE_DATASETS)
async def deleteFromDatasetUsers(
    call: Call, writer: Writer, data: Input[DeleteFromDatasetUsersData], where: Input[DatasetWhere]
) -> Dataset | None:
    """Take a dataset from a person, as its creator or as an administrator, or leave it oneself."""
    dataset_id = dataset_of(where)
    await service.remove_dataset_user(writer, call.actor, dataset_id, data["userEmail"])
    return call.after_commit(call.by_id, dataset_id)


@mutation(Action.CHANGE_ASSETS, own_transaction="reads the assets and their files first")
async def appendDatasetsToProject(
    call: Call,
    data: Input[AppendDatasetsToProjectData] | None = None,
    where: Input[ProjectWhere] | None = None,
    projectId: str | None = None,
    datasetIds: list[str] | None = None,
    datasetAssetIds: list[str] | None = None,
) -> bool | None:
    """Add assets of datasets to a project: those that are named, and all of the datasets of which none is named.

    Assets that the project has already from there are left out.
    """
    chosen = one_form(data, {"datasetIds": datasetIds, "datasetAssetIds": datasetAssetIds}, may_be_absent=True)
    appending = await service.check_appending(
        call.database,
        call.services,
        call.actor,
        project_of(where, projectId),
        dataset_ids=chosen.get("datasetIds", []),
        asset_ids=chosen.get("datasetAssetIds", []),
    )
    async with call.transaction() as writer:
        await service.append_to_project(writer, appending)
    return True


@mutation(Action.USE_DATASETS)
async def deleteDatasetAssets(
    call: Call,
    writer: Writer,
    where: Input[DatasetAssetWhere] | None = None,
    assetIds: list[strawberry.ID] | None = None,
) -> bool | None:
    """Delete assets of datasets. Assets that projects have made of them stay."""
    await service.delete_dataset_assets(writer, call.actor, one_form(where, {"idIn": assetIds}, may_be_absent=True))
    return True


@mutation(Action.USE_DATASETS, own_transaction="stores files first")
async def updatePropertiesInDatasetAssets(
    call: Call, data: list[Input[DatasetAssetData]], where: list[Input[DatasetAssetWhere]]
) -> list[DatasetAsset] | None:
    """Change assets of datasets, all or none; each entry of `where` names one by its id."""
    ids = [str(one.get("id") or "") for one in where]
    changes = await service.check_dataset_asset_changes(call.database, call.services, call.actor, ids, data)
    async with call.transaction() as writer:
        await service.change_dataset_assets(writer, call.actor, changes)
    return await call.by_ids(ids)


def dataset_of(where: Input[DatasetWhere]) -> str:
    """The dataset that a mutation's `where` must name."""
    dataset_id = where.get("id")
    if not isinstance(dataset_id, str):
        raise BadUserInput("Name the dataset: `where: {id: …}`.", field="where.id")
    return dataset_id
