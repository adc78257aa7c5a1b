"""Which tags are listed."""

from __future__ import annotations

from labelyard.storage.filter.condition import Filter
from labelyard.storage.scope import SCOPES

OWN = SCOPES["Tag"].condition.format(r="t")


def tags_of_organization() -> Filter:
    """All tags of the caller's organization."""
    return Filter([OWN])


def tags_of_project(project_id: str) -> Filter:
    """The tags of a project."""
    filters = tags_of_organization()
    project = filters.value(project_id)
    filters.require(f"exists (select 1 from project_tag pt where pt.tag_id = t.id and pt.project_id = {project})")
    return filters
