"""The version of a project as clients see it."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.object_type import object_type, to_one
from labelyard.resolvers.scalar import DateTime

if TYPE_CHECKING:
    from labelyard.resolvers.project.type import Project


@object_type("project_version")
class ProjectVersion:
    """An interface that a project has or had."""

    id: strawberry.ID
    content: str | None
    createdAt: DateTime | None
    name: str | None
    project: Annotated["Project", strawberry.lazy("labelyard.resolvers.project.type")] | None = to_one(
        "Project", on="{r}.id = {t}.project_id"
    )
    projectId: strawberry.ID | None
