"""Adding, changing and removing language models."""

import strawberry

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.model.input import (
    CreateModelInput,
    CreateProjectModelInput,
    UpdateModelInput,
    UpdateProjectModelInput,
)
from labelyard.resolvers.model.type import Model, ProjectModel
from labelyard.resolvers.operation import mutation
from labelyard.services.model import (
    attach_model,
    change_model,
    configure_project_model,
    create_model,
    detach_model,
    remove_model,
)
from labelyard.storage.database import Writer


@mutation(Action.MANAGE_MODELS)
async def createModel(call: Call, writer: Writer, input: Input[CreateModelInput]) -> Model | None:
    """Add a language model to the caller's organization. Its key is kept sealed, and shown to nobody."""
    model_id = await create_model(writer, call.services.credentials, call.actor, input)
    return call.after_commit(call.by_id, model_id)


@mutation(Action.MANAGE_MODELS)
async def updateModel(call: Call, writer: Writer, id: strawberry.ID, input: Input[UpdateModelInput]) -> Model | None:
    """Change a language model: its name, or its credentials as a whole."""
    await change_model(writer, call.services.credentials, call.actor, id, input)
    return call.after_commit(call.by_id, id)


@mutation(Action.MANAGE_MODELS)
async def deleteModel(call: Call, writer: Writer, id: strawberry.ID) -> bool | None:
    """Delete a language model, in all projects that it answers in."""
    await remove_model(writer, call.actor, id)
    return True


@mutation(Action.MANAGE_PROJECT_MODELS)
async def createProjectModel(call: Call, writer: Writer, input: Input[CreateProjectModelInput]) -> ProjectModel | None:
    """Have a language model of the organization answer in a project."""
    await call.authorize(input["projectId"])
    project_model_id = await attach_model(
        writer, call.actor, input["projectId"], input["modelId"], input.get("configuration")
    )
    return call.after_commit(call.by_id, project_model_id)


@mutation(Action.MANAGE_PROJECT_MODELS)
async def updateProjectModel(
    call: Call, writer: Writer, id: strawberry.ID, input: Input[UpdateProjectModelInput]
) -> ProjectModel | None:
    """Configure a language model of a project anew; conversations that have begun go on as they were."""
    await configure_project_model(writer, call.actor, id, input)
    return call.after_commit(call.by_id, id)


@mutation(Action.MANAGE_PROJECT_MODELS)
async def deleteProjectModel(call: Call, writer: Writer, id: strawberry.ID) -> bool | None:
    """Take a language model out of a project; conversations that have begun go on with it."""
    await detach_model(writer, call.actor, id)
    return True
