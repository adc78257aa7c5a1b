"""Lists of language models."""

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.model.input import ModelWhere, ProjectModelWhere
from labelyard.resolvers.model.type import Model, ProjectModel
from labelyard.resolvers.operation import query
from labelyard.resolvers.scalar import PageSize
from labelyard.services.model import unknown_model
from labelyard.storage.filter.model import model_filter, project_model_filter


@query(Action.MANAGE_MODELS)
async def models(call: Call, where: Input[ModelWhere], first: PageSize, skip: int) -> list[Model]:
    """The language models of the caller's organization, in the order of their creation."""
    return await call.page(model_filter(where), first=first, skip=skip)


@query(Action.MANAGE_MODELS)
async def model(call: Call, id: strawberry.ID) -> Model | None:
    """One language model; there being no such model is an error."""
    first = await call.first_of(model_filter({"id": id}))
    if first is None:
        raise unknown_model(id)
    return first


@query(Action.MANAGE_PROJECT_MODELS)
async def projectModels(call: Call, where: Input[ProjectModelWhere], first: PageSize, skip: int) -> list[ProjectModel]:
    """The language models that answer in a project, in the order in which they joined it."""
    if "projectId" not in where:
        raise BadUserInput("Name the project: `where: {projectId: …}`.", field="where.projectId")
    await call.authorize(where["projectId"], in_archive=True)
    return await call.page(project_model_filter(where), first=first, skip=skip)
