"""Connections of projects to cloud storage as clients see them."""

from typing import Any

import strawberry

from labelyard.resolvers.data_integration.type import DataIntegration
from labelyard.resolvers.object_type import column, computed, expression, object_type, to_one
from labelyard.resolvers.scalar import DateTime
from labelyard.storage.data_connection import IS_APPLYING, IS_CHECKING


def summary(_call: Any, added: int, removed: int) -> dict[str, Any]:
    """What a comparison has found and nobody has applied."""
    return {"added": added, "removed": removed, "total": added + removed}


@object_type(None)
class DataDifferencesSummary:
    """How many differences between cloud storage and a project the last comparison found and nobody has applied."""

    added: int
    removed: int
    total: int


@object_type("data_connection")
class DataConnection:
    """A project that takes assets from cloud storage."""

    id: strawberry.ID
    dataDifferencesSummary: DataDifferencesSummary | None = computed(summary, "{t}.added", "{t}.removed")
    dataIntegration: DataIntegration | None = to_one("DataIntegration", on="{r}.id = {t}.integration_id")
    dataIntegrationId: strawberry.ID | None = column("integration_id")
    exclude: list[str] | None
    include: list[str] | None
    isApplyingDataDifferences: bool | None = expression(IS_APPLYING)
    isChecking: bool = expression(IS_CHECKING)
    isJsonProcessingEnabled: bool | None
    lastCheck: DateTime | None = column("last_checked")
    lastChecked: DateTime | None
    numberOfAssets: int = expression("(select count(*)::int from asset a where a.data_connection_id = {t}.id)")
    prefix: str | None
    projectId: strawberry.ID | None
    selectedFolders: list[str] | None
