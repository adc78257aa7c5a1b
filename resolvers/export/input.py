"""What clients send about this room."""

import strawberry

from labelyard.resolvers.enumeration import ExportFormat, ExportLabels, ExportLayout, LabelType


@strawberry.input
class ProjectExportData:
    """What to export, and how."""

    format: ExportFormat
    layout: ExportLayout | None = strawberry.UNSET
    labels: ExportLabels | None = strawberry.UNSET
    labelTypes: list[LabelType] | None = strawberry.UNSET
    singleFile: bool | None = strawberry.UNSET
    normalizedCoordinates: bool | None = strawberry.UNSET
    includeSentBackLabels: bool | None = strawberry.UNSET
    assetIds: list[strawberry.ID] | None = strawberry.UNSET
    externalIds: list[str] | None = strawberry.UNSET
    withAssets: bool | None = strawberry.UNSET


@strawberry.input
class ProjectExportWhere:
    """Which exports."""

    id: strawberry.ID | None = strawberry.UNSET
    projectId: strawberry.ID | None = strawberry.UNSET
