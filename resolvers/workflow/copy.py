"""Copying projects and labels."""

import strawberry

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.workflow.input import CopyLabelsInput, CopyProjectData
from labelyard.services.project_copy import copy_labels_of_asset, copy_project
from labelyard.storage.database import Writer


@mutation(Action.CHANGE_PROJECT)
async def copyProject(call: Call, writer: Writer, data: Input[CopyProjectData]) -> strawberry.ID | None:
    """Copy a project's interface and settings, with its members and assets if wanted, and answer the new project's id."""
    await call.authorize(data["projectId"], in_archive=True)
    return strawberry.ID(
        await copy_project(
            writer,
            call.actor,
            data["projectId"],
            with_assets=bool(data.get("shouldCopyAssets")),
            with_members=bool(data.get("shouldCopyUsers")),
        )
    )


@mutation(Action.IMPORT_LABELS)
async def copyLabels(call: Call, writer: Writer, data: Input[CopyLabelsInput]) -> bool | None:
    """Copy the labels of an asset to an asset of a project, with their authors and dates."""
    await copy_labels_of_asset(
        writer,
        call.services,
        call.actor,
        source_id=data["srcAssetId"],
        target_id=data["dstAssetId"],
        project_id=data["projectId"],
    )
    return True
