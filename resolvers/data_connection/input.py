"""What clients send about this room."""

import strawberry

from labelyard.resolvers.enumeration import DataDifferenceType
from labelyard.resolvers.scalar import DateTime


@strawberry.input
class DataConnectionsWhere:
    """Which connections of projects to cloud storage."""

    projectId: strawberry.ID | None = strawberry.UNSET
    integrationId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class DataConnectionIdWhere:
    """A connection of a project to cloud storage."""

    id: strawberry.ID


@strawberry.input
class DataConnectionInput:
    """A new connection of a project to cloud storage."""

    exclude: list[str] | None = strawberry.UNSET
    include: list[str] | None = strawberry.UNSET
    integrationId: strawberry.ID
    isChecking: bool | None = strawberry.UNSET
    isJsonProcessingEnabled: bool | None = strawberry.UNSET
    lastChecked: DateTime | None = strawberry.UNSET
    prefix: str | None = strawberry.UNSET
    projectId: strawberry.ID
    selectedFolders: list[str] | None = strawberry.UNSET


@strawberry.input
class DataConnectionComputeDifferencesPayload:
    """What a client has found in a container on Azure."""

    blobPaths: list[str]
    warnings: list[str]
    contentTypes: list[str]


@strawberry.input
class ValidateDataDifferencesWhere:
    """Differences of one type between cloud storage and a project."""

    connectionId: strawberry.ID
    type: DataDifferenceType
