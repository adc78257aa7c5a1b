"""Language models as clients see them: never with their keys."""

import strawberry

from labelyard.domain.model import MASKED_KEY
from labelyard.resolvers.enumeration import ModelType
from labelyard.resolvers.object_type import expression, json, object_type, to_one
from labelyard.resolvers.scalar import JSON

CREDENTIALS = (
    f"json_strip_nulls(json_build_object('apiKey', '{MASKED_KEY}', 'endpoint', {{t}}.endpoint, "
    "'deploymentId', {t}.deployment_id))::text"
)


@object_type("model")
class Model:
    """A language model of an organization. In `credentials`, the key is masked."""

    id: strawberry.ID
    credentials: JSON | None = json(CREDENTIALS)
    name: str
    type: ModelType


@object_type("project_model")
class ProjectModel:
    """A language model that answers in a project."""

    id: strawberry.ID
    configuration: JSON | None = json("{t}.configuration")
    model: Model = to_one("Model", on="{r}.id = {t}.model_id")
    modelId: strawberry.ID | None
    name: str | None = expression(
        "(select m.name from model m where m.id = {t}.model_id and m.organization_id = :organization_id)"
    )
    projectId: strawberry.ID | None


@object_type("asset_project_model")
class AssetProjectModel:
    """A language model as it answers in one conversation, with what was drawn for it."""

    id: strawberry.ID
    configuration: JSON | None = json("{t}.configuration")
    name: str | None
    projectModelId: strawberry.ID | None
