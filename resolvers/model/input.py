"""What clients send about this room. Every key that may be absent may be null, which means the same."""

import strawberry

from labelyard.resolvers.enumeration import ModelType
from labelyard.resolvers.scalar import JSON


@strawberry.input
class ModelWhere:
    """Which models."""

    organizationId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class ProjectModelWhere:
    """Which models of projects."""

    projectId: strawberry.ID | None = strawberry.UNSET
    modelId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class CreateModelInput:
    """A new model."""

    credentials: JSON
    name: str
    type: ModelType
    organizationId: strawberry.ID


@strawberry.input
class UpdateModelInput:
    """What to change in a model."""

    credentials: JSON | None = strawberry.UNSET
    name: str | None = strawberry.UNSET


@strawberry.input
class CreateProjectModelInput:
    """A model that is to answer in a project."""

    projectId: strawberry.ID
    modelId: strawberry.ID
    configuration: JSON | None = strawberry.UNSET


@strawberry.input
class UpdateProjectModelInput:
    """What to change in a model of a project."""

    configuration: JSON | None = strawberry.UNSET
