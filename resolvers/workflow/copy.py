"""Copying projects and labels."""

import strawberry

from domain.permission import Action
from resolvers.operation import Call, Input, mutation
from resolvers.workflow.input import CopyLabelsInput, CopyProjectData
from services.project_copy import copy_labels_of_asset, copy_project


@mutation(Action.CHANGE_PROJECT)
async def copyProject(call: Call, data: Input[CopyProjectData]) -> strawberry.ID | None:
    """Copy a project's interface and settings, with its members and assets if wanted, and answer the new project's id."""
    await call.authorize(data["projectId"], in_archive=True)
    async with call.transaction() as connection:
        return strawberry.ID(
            await copy_project(
                connection,
                call.actor,
                data["projectId"],
                with_assets=bool(data.get("shouldCopyAssets")),
                with_members=bool(data.get("shouldCopyUsers")),
            )
        )


@mutation(Action.IMPORT_LABELS)
async def copyLabels(call: Call, data: Input[CopyLabelsInput]) -> bool | None:
    """Copy the labels of an asset to an asset of a project, with their authors and dates."""
    async with call.transaction() as connection:
        await copy_labels_of_asset(
            connection,
            call.services,
            call.actor,
            source_id=data["srcAssetId"],
            target_id=data["dstAssetId"],
            project_id=data["projectId"],
        )
    return True
