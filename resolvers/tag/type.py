"""The tag as clients see it."""

import strawberry

from labelyard.resolvers.object_type import expression, object_type
from labelyard.storage.scope import OWN_PROJECT


@object_type("tag")
class Tag:
    """A word of an organization, put on projects."""

    id: strawberry.ID
    checkedForProjects: list[strawberry.ID] | None = expression(
        "array(select pt.project_id from project_tag pt join project p on p.id = pt.project_id "
        f"where pt.tag_id = {{t}}.id and {OWN_PROJECT} order by p.position)"
    )
    color: str | None
    label: str
    organizationId: strawberry.ID | None


@object_type(None)
class UpdateTagResult:
    """The outcome of the change of a tag."""

    affectedRows: int
    updatedTag: Tag
