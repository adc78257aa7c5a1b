"""Asking for exports and cancelling them."""

import strawberry

from labelyard.domain.export import check_project, options_of
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.export.input import ProjectExportData
from labelyard.resolvers.export.job import read_project
from labelyard.resolvers.export.type import ProjectExport
from labelyard.resolvers.operation import mutation
from labelyard.services.export.request import cancel_export, request_export
from labelyard.storage.database import Writer


@mutation(Action.EXPORT_LABELS, own_transaction="reads the project first")
async def createProjectExport(call: Call, projectId: strawberry.ID, data: Input[ProjectExportData]) -> ProjectExport:
    """Have the server make an archive of a project's labels, as far as one sees them; `projectExports` says when it is there."""
    await call.authorize(projectId)
    options = options_of(data)
    project = await read_project(call.database, call.services, call.actor, projectId)
    check_project(
        options,
        input_type=project["input_type"],
        jobs=project["interface"].get("jobs") or {},
        geospatial_settings=project["geospatial_settings"],
        is_connected=project["is_connected"],
    )
    async with call.transaction() as writer:
        identifier = await request_export(writer, call.actor, projectId, options)
    return await call.by_id(identifier)


@mutation(Action.EXPORT_LABELS)
async def cancelProjectExport(call: Call, writer: Writer, id: strawberry.ID) -> ProjectExport:
    """End an export that is not done yet; nothing of it is kept."""
    await cancel_export(writer, call.actor, id)
    return call.after_commit(call.by_id, id)
