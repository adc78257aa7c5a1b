"""Lists of exports."""

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.export.input import ProjectExportWhere
from labelyard.resolvers.export.type import ProjectExport
from labelyard.resolvers.operation import query
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.project_export import project_export_filter


@query(Action.READ)
async def projectExports(
    call: Call, where: Input[ProjectExportWhere], first: PageSize, skip: int
) -> list[ProjectExport] | None:
    """The exports of visible projects that the server makes and has kept, oldest first; labelers see their own."""
    return await call.page(project_export_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countProjectExports(call: Call, where: Input[ProjectExportWhere]) -> int:
    """How many exports `projectExports` lists in all."""
    return await call.count("project_export", project_export_filter(where))
