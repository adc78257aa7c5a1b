"""What clients send about this room."""

import strawberry

from labelyard.resolvers.enumeration import InputType


@strawberry.input
class CreateDatasetData:
    """A new dataset."""

    name: str
    assetType: InputType


@strawberry.input
class DatasetData:
    """The change of a dataset; what is null stays."""

    name: str | None = strawberry.UNSET
    assetType: InputType | None = strawberry.UNSET


@strawberry.input
class AppendToDatasetUsersData:
    """A person who is to see and change a dataset."""

    userEmail: str


@strawberry.input
class DeleteFromDatasetUsersData:
    """A person who is not to see a dataset any more."""

    userEmail: str


@strawberry.input
class AppendDatasetsToProjectData:
    """Which assets of datasets a project is to have."""

    datasetIds: list[str] | None = strawberry.UNSET
    datasetAssetIds: list[str] | None = strawberry.UNSET


@strawberry.input
class DatasetAssetData:
    """The change of an asset of a dataset; what is null stays."""

    content: str | None = strawberry.UNSET
    externalId: str | None = strawberry.UNSET
    jsonContent: str | None = strawberry.UNSET
    jsonMetadata: str | None = strawberry.UNSET
