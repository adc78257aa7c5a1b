"""The one check of rights."""

from __future__ import annotations

from domain.error import Forbidden, NotFound
from domain.permission import Action, Actor


def require(actor: Actor, action: Action, project_id: str) -> None:
    """Refuse what the actor's role does not allow; to strangers a project does not exist."""
    role = actor.role_in(project_id)
    if role is None:
        raise NotFound(f"[notFound] No project {project_id!r} is visible to you.", projectId=project_id)
    if not actor.may(action, project_id):
        raise Forbidden(
            f"[accessDenied] Your role {role.value} in project {project_id} does not allow you to {action.value}; "
            "ask an administrator of the project.",
            projectId=project_id,
            role=role.value,
        )
