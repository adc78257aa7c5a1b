"""Language models of an organization, and having them answer in projects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from labelyard.domain.error import Conflict, NotFound
from labelyard.domain.model import ModelCredentials, ModelType, configuration_of, credentials_of, model_name_of
from labelyard.domain.permission import Action, Actor
from labelyard.services.credential import Credentials
from labelyard.services.guard import refuse_archived, require_to_write
from labelyard.services.identity import new_id
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.model import (
    count_models,
    delete_model,
    delete_project_model,
    insert_model,
    insert_project_model,
    models_of_project,
    own_model,
    own_project_model,
    set_configuration,
    update_model,
)
from labelyard.storage.organization import lock_organization
from labelyard.storage.project import lock_project

MAX_MODELS = 200
MAX_PROJECT_MODELS = 50


def purpose_of(model_id: str) -> str:
    """The purpose that the key of a model is sealed for."""
    return f"model {model_id}"


async def create_model(connection: Writer, credentials: Credentials, actor: Actor, fields: Mapping[str, Any]) -> str:
    """Add a model to the person's organization, and answer its id."""
    organization_id = fields["organizationId"]
    if organization_id != actor.organization_id:
        raise NotFound(
            f"[notFound] No organization {organization_id!r} is visible to you.", organizationId=organization_id
        )
    model_type = ModelType(str(fields["type"]))
    name, checked = model_name_of(fields["name"]), credentials_of(model_type, fields["credentials"])
    await lock_organization(connection, organization_id)
    if await count_models(connection, organization_id) >= MAX_MODELS:
        raise Conflict(
            f"[quotaReached] An organization has at most {MAX_MODELS} models; delete one first.", limit=MAX_MODELS
        )
    model_id = new_id()
    await insert_model(
        connection,
        {
            "id": model_id,
            "organization_id": organization_id,
            "name": name,
            "type": model_type.value,
            **_columns(credentials, model_id, checked),
        },
    )
    return model_id


async def change_model(
    connection: Writer, credentials: Credentials, actor: Actor, model_id: str, fields: Mapping[str, Any]
) -> None:
    """Change the name of a model, or where it is reached and its key."""
    model = _required(await own_model(connection, model_id, actor.organization_id), model_id)
    values: dict[str, Any] = {}
    if "name" in fields:
        values["name"] = model_name_of(fields["name"])
    if "credentials" in fields:
        checked = credentials_of(ModelType(model["type"]), fields["credentials"])
        values |= _columns(credentials, model_id, checked)
    if values:
        await update_model(connection, model_id, {**values, "updated_at": datetime.now(UTC)})


async def remove_model(connection: Writer, actor: Actor, model_id: str) -> None:
    """Delete a model, in all projects it answers in; its messages stay."""
    if not await delete_model(connection, model_id, actor.organization_id):
        raise unknown_model(model_id)


async def attach_model(connection: Writer, actor: Actor, project_id: str, model_id: str, configuration: Any) -> str:
    """Have a model of the organization answer in a project, and answer its id there."""
    checked = configuration_of(configuration)
    project = await lock_project(connection, project_id)
    refuse_archived(project_id, project["archived_at"])
    _required(await own_model(connection, model_id, actor.organization_id), model_id)
    if len(await models_of_project(connection, project_id)) >= MAX_PROJECT_MODELS:
        raise Conflict(
            f"[quotaReached] A project has at most {MAX_PROJECT_MODELS} models; take one out first.",
            limit=MAX_PROJECT_MODELS,
        )
    project_model_id = new_id()
    await insert_project_model(
        connection,
        {"id": project_model_id, "project_id": project_id, "model_id": model_id, "configuration": checked},
    )
    return project_model_id


async def configure_project_model(
    connection: Writer, actor: Actor, project_model_id: str, fields: Mapping[str, Any]
) -> None:
    """Give a model of a project another configuration; conversations that have begun keep theirs."""
    await _project_model(connection, actor, project_model_id)
    if "configuration" in fields and not await set_configuration(
        connection, project_model_id, configuration_of(fields["configuration"])
    ):
        raise _unknown_project_model(project_model_id)


async def detach_model(connection: Writer, actor: Actor, project_model_id: str) -> None:
    """Take a model out of a project; conversations that have begun go on with it."""
    await _project_model(connection, actor, project_model_id)
    if not await delete_project_model(connection, project_model_id):
        raise _unknown_project_model(project_model_id)


def unknown_model(model_id: str) -> NotFound:
    """The refusal of a model that does not exist or is somebody else's."""
    return NotFound(f"[notFound] No model {model_id!r} is visible to you.", modelId=model_id)


def _unknown_project_model(project_model_id: str) -> NotFound:
    return NotFound(f"[notFound] No model {project_model_id!r} answers in a project of yours.", id=project_model_id)


def _required(model: Row | None, model_id: str) -> Row:
    if model is None:
        raise unknown_model(model_id)
    return model


async def _project_model(connection: Connection, actor: Actor, project_model_id: str) -> None:
    row = await own_project_model(connection, project_model_id, actor)
    if row is None:
        raise _unknown_project_model(project_model_id)
    require_to_write(actor, Action.MANAGE_PROJECT_MODELS, row)


def _columns(credentials: Credentials, model_id: str, checked: ModelCredentials) -> dict[str, Any]:
    return {
        "endpoint": checked.endpoint,
        "deployment_id": checked.deployment_id,
        "sealed_key": credentials.seal(checked.api_key, purpose_of(model_id)),
    }
