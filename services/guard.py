"""The check of rights."""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple

from labelyard.domain.error import Forbidden, NotFound
from labelyard.domain.permission import IN_ARCHIVE, LASTING, ORGANIZATION_ADMINS, Action, Actor
from labelyard.storage.actor import find_current
from labelyard.storage.bound import Bound
from labelyard.storage.database import Connection, Database, Row, Writer
from labelyard.storage.project import own_project


class Check(NamedTuple):
    """An action that somebody was found to be allowed in a project, or about to be refused."""

    action: Action
    project_id: str


_CHECKS: ContextVar[list[Check]] = ContextVar("checks")


def current_checks() -> list[Check]:
    """The checks of rights in projects for the call that is being resolved."""
    return _CHECKS.get([])


def recorded_checks(checks: list[Check] | None = None) -> Bound[list[Check]]:
    """Add the checks of rights in projects while the block runs to `checks`, or to a new list."""
    return Bound(_CHECKS, checks if checks is not None else [])


def require_of_organization(actor: Actor, action: Action) -> None:
    """Refuse what only administrators of the organization may, to everybody else."""
    if action in ORGANIZATION_ADMINS and not actor.is_organization_admin:
        raise Forbidden(
            "[noOrganizationRights] You cannot use this function because it seems that you do not have access to this "
            f"organization: only its administrators may {action.value}. | trace : false"
        )


def refuse_to_plugins(actor: Actor, action: Action) -> None:
    """Refuse the key of a plugin's call what would last longer than the call."""
    if actor.depth and action in LASTING:
        raise Forbidden(
            f"[endsWithTheCall] The key that a plugin is called with does not allow you to {action.value}: that would last longer "
            "than the call. Do it with a key of your own.",
            action=action.name,
        )


async def renewed(connection: Connection, actor: Actor, action: Action) -> Actor:
    """The person with the rights that they have now, for a write after a wait: what was checked in projects before is checked again.

    Refused where these rights have ended.
    """
    current = await find_current(connection, actor)
    if current is None:
        raise Forbidden("[accessDenied] Your key or your account has ended in the meantime; nothing was written.")
    require_of_organization(current, action)
    for check in set(current_checks()):
        require(current, check.action, check.project_id)
    return current


async def authorize(
    source: Database | Writer, actor: Actor, action: Action, project_id: str, *, in_archive: bool = False
) -> None:
    """Refuse unless the person may do the action in the project whose id a client has sent.

    The roles of members name the project, and whether it is archived. Those who administer an organization have none to look
    at, so the project is looked up: it may be of another organization. `in_archive` says that the operation decides by itself
    what it does with an archived project. `source` is the open transaction of the operation, if it has one.
    """
    is_archived = project_id in actor.archived
    if actor.is_organization_admin:
        if isinstance(source, Writer):
            project = await own_project(source, project_id, actor)
        else:
            async with source.autocommit() as connection:
                project = await own_project(connection, project_id, actor)
        if project is None:
            raise unknown_project(project_id)
        is_archived = project["archived_at"] is not None
    require(actor, action, project_id)
    if is_archived and not in_archive and action not in IN_ARCHIVE:
        raise archived_project(project_id)


def require(actor: Actor, action: Action, project_id: str) -> None:
    """Refuse what the person's role does not allow; to strangers a project does not exist.

    The project is known to be of the person's organization: it was read by a statement with `storage.scope.OWN_PROJECT`, or
    `authorize` looked.
    """
    current_checks().append(Check(action, project_id))
    role = actor.role_in(project_id)
    if role is None:
        raise unknown_project(project_id)
    if not actor.may(action, project_id):
        raise Forbidden(
            f"[accessDenied] Your role {role.value} in project {project_id} does not allow you to {action.value}; "
            "ask an administrator of the project.",
            projectId=project_id,
            role=role.value,
        )


def require_to_write(actor: Actor, action: Action, row: Row) -> None:
    """Refuse to write to a row that was read with its `project_id` and the project's `archived_at`, unless role and project
    allow it.
    """
    require(actor, action, row["project_id"])
    refuse_archived(row["project_id"], row["archived_at"])


def refuse_archived(project_id: str, archived_at: object) -> None:
    """Refuse every write to an archived project."""
    if archived_at is not None:
        raise archived_project(project_id)


def archived_project(project_id: str) -> Forbidden:
    """The refusal of a write to an archived project."""
    return Forbidden(
        f"[archivedProject] Project {project_id} is archived and takes no changes; unarchive it with "
        "updatePropertiesInProject first.",
        projectId=project_id,
    )


def unknown_project(project_id: str) -> NotFound:
    """The refusal of a project that does not exist or is somebody else's."""
    return NotFound(f"[notFound] No project {project_id!r} is visible to you.", projectId=project_id)
