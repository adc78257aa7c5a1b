"""Lists of datasets and of their assets."""

from labelyard.domain.permission import Action
from labelyard.resolvers.asset.input import DatasetAssetWhere, DatasetWhere
from labelyard.resolvers.call import Call
from labelyard.resolvers.dataset.type import Dataset, DatasetAsset
from labelyard.resolvers.operation import Input, query
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.dataset import dataset_asset_filter, dataset_filter


@query(Action.READ)
async def datasets(call: Call, where: Input[DatasetWhere], first: PageSize, skip: int) -> list[Dataset] | None:
    """The datasets that one sees, oldest first."""
    return await call.page(dataset_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countDatasets(call: Call, where: Input[DatasetWhere]) -> int:
    """How many datasets one sees."""
    return await call.count("dataset", dataset_filter(where))


@query(Action.READ)
async def datasetAssets(
    call: Call, where: Input[DatasetAssetWhere], first: PageSize, skip: int
) -> list[DatasetAsset] | None:
    """The assets of the datasets that one sees, oldest first."""
    return await call.page(dataset_asset_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countDatasetAssets(call: Call, where: Input[DatasetAssetWhere]) -> int:
    """How many assets of datasets one sees."""
    return await call.count("dataset_asset", dataset_asset_filter(where))
