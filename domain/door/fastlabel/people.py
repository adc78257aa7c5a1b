"""Roles of people, in projects and in the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from labelyard.domain.permission import ProjectRole

ROLE_OF_WORD: Final[Mapping[str, ProjectRole]] = {
    "annotator": ProjectRole.LABELER,
    "external_annotator": ProjectRole.LABELER,
    "reviewer": ProjectRole.REVIEWER,
    "external_reviewer": ProjectRole.REVIEWER,
    "external_approver": ProjectRole.REVIEWER,
    "external_sub_owner": ProjectRole.TEAM_MANAGER,
    "external_owner": ProjectRole.TEAM_MANAGER,
    "owner": ProjectRole.ADMIN,
}
REMOVED: Final = "none"
WORKSPACE_ROLES: Final[Mapping[str, str]] = {"member": "USER", "owner": "ADMIN"}
WORD_OF_WORKSPACE: Final[Mapping[str, str]] = {role: word for word, role in WORKSPACE_ROLES.items()}
LANGUAGES: Final = ("en", "ja")
MODULES: Final[Mapping[str, str]] = {"annotation": "annotation", "dataset": "dataset", "model-dev": "modelDev"}
"""Modules by their word in paths, and the key of their flag."""
USER_FIELDS: Final = (
    "assignee",
    "reviewer",
    "approver",
    "externalAssignee",
    "externalReviewer",
    "externalApprover",
    *(f"workflow{number}User" for number in range(1, 7)),
)
"""The people that a task names: the first two are assigned in the store, the others are kept beside it."""
