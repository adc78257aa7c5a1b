"""The tool as the first clients see it."""

import strawberry

from labelyard.resolvers.object_type import column, object_type


@object_type("project")
class Tool:
    """The interface of a project, under the id of the project."""

    id: strawberry.ID
    jsonSettings: str | None = column("json_interface")
    name: str | None = column("title")
    toolType: str | None = column("interface_category")
