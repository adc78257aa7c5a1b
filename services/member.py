"""Membership in projects.

A change of who administers a project locks the project's row: two requests that take the last two administrators away
come one after the other, and the second is refused.
"""

from __future__ import annotations

from labelyard.domain.error import BadUserInput, Conflict, Forbidden, NotFound
from labelyard.domain.permission import Action, Actor, ProjectRole
from labelyard.services.guard import refuse_archived, require
from labelyard.services.identity import new_id
from labelyard.services.user import find_or_invite
from labelyard.storage import member as rows
from labelyard.storage.asset_lock import release_locks_of
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.project import lock_project

MAX_MEMBERS = 100


async def put_member(
    connection: Writer, *, project_id: str, user_id: str, role: ProjectRole, invitation: str = "ACCEPTED"
) -> str:
    """Give a user a role in a project, new or not, and answer the membership's id."""
    return await rows.put_member(
        connection,
        identifier=new_id(),
        project_id=project_id,
        user_id=user_id,
        role=role.value,
        invitation=invitation,
    )


async def append_role(connection: Writer, actor: Actor, *, project_id: str, email: str, role: ProjectRole) -> str:
    """Give a person a role in a project, and answer their user id. Who is not known yet is invited."""
    _require_manages(actor, role, project_id)
    await _open_project(connection, project_id)
    user = await find_or_invite(connection, actor, email)
    member = await rows.member_by_user(connection, project_id, user["id"])
    if member is not None:
        await _change(connection, actor, member, role)
    else:
        await _require_room(connection, project_id)
        invitation = "ACCEPTED" if user["activated"] else "PENDING"
        await put_member(connection, project_id=project_id, user_id=user["id"], role=role, invitation=invitation)
    return str(user["id"])


async def join_as_labeler(connection: Writer, actor: Actor, *, project_id: str, user: Row) -> None:
    """Make a user a labeler of a project unless they are a member already."""
    _require_manages(actor, ProjectRole.LABELER, project_id)
    await _open_project(connection, project_id)
    if await rows.member_by_user(connection, project_id, user["id"]) is None:
        await _require_room(connection, project_id)
        invitation = "ACCEPTED" if user["activated"] else "PENDING"
        await put_member(
            connection,
            project_id=project_id,
            user_id=user["id"],
            role=ProjectRole.LABELER,
            invitation=invitation,
        )


async def change_role(connection: Writer, actor: Actor, member: Row, role: ProjectRole) -> None:
    """Change the role of a member of a project in which the person may manage members."""
    _require_manages(actor, role, member["project_id"])
    await _change(connection, actor, await _locked(connection, member), role)


async def remove_member(connection: Writer, actor: Actor, member: Row) -> None:
    """End a membership in a project in which the person may manage members; labels stay."""
    current = await _locked(connection, member)
    _require_manages(actor, _effective_role(current), current["project_id"])
    await _require_other_admin(connection, current)
    await rows.end_membership(connection, current)
    await release_locks_of(connection, current["user_id"], current["project_id"])


async def star(connection: Writer, actor: Actor, member: Row, starred: bool) -> None:
    """Star a project for oneself, or take the star away."""
    refuse_archived(member["project_id"], member["archived_at"])
    if member["user_id"] != actor.user_id:
        raise Forbidden(
            f"[accessDenied] Membership {member['id']} is somebody else's; everybody stars projects for themselves.",
            id=member["id"],
        )
    require(actor, Action.STAR_PROJECT, member["project_id"])
    await rows.set_starred(connection, member["id"], starred)


def unknown_member() -> NotFound:
    """The refusal of a membership that does not exist, has ended, or is in a project of strangers."""
    return NotFound("[notFound] No such member is visible to you; `projectUsers` lists the members of a project.")


async def _open_project(connection: Writer, project_id: str) -> None:
    """Lock a project against changes by others; one that is archived is refused."""
    project = await lock_project(connection, project_id)
    refuse_archived(project_id, project["archived_at"])


async def _locked(connection: Writer, member: Row) -> Row:
    """The membership, read once the project's row is locked."""
    await _open_project(connection, member["project_id"])
    current = await rows.member_by_id(connection, member["id"])
    if current is None:
        raise unknown_member()
    return current


async def _change(connection: Writer, actor: Actor, member: Row, role: ProjectRole) -> None:
    if member["role"] == role:
        return
    _require_manages(actor, _effective_role(member), member["project_id"])
    await _require_other_admin(connection, member)
    await rows.set_role(connection, member["id"], role.value)


def _effective_role(member: Row) -> ProjectRole:
    """What a member may do: administrators of the organization act as ADMIN whatever their role is."""
    return ProjectRole.ADMIN if member["organization_role"] == "ADMIN" else ProjectRole(member["role"])


def _require_manages(actor: Actor, role: ProjectRole, project_id: str) -> None:
    if not actor.manages(role, project_id):
        own = actor.role_in(project_id)
        raise Forbidden(
            f"[accessDenied] Your role {own} in project {project_id} does not allow you to give, change or take the role "
            f"{role}; ask an administrator of the project.",
            projectId=project_id,
            role=role.value,
        )


async def _require_other_admin(connection: Connection, member: Row) -> None:
    """Refuse to take the role from the last administrator of a project who can log in."""
    if member["role"] == ProjectRole.ADMIN and not await rows.has_other_admin(
        connection, member["project_id"], member["id"]
    ):
        raise Conflict(
            f"[lastAdministrator] Project {member['project_id']} would have no administrator left; "
            "make somebody else ADMIN first.",
            projectId=member["project_id"],
        )


async def _require_room(connection: Connection, project_id: str) -> None:
    members = await rows.count_members(connection, project_id)
    if members >= MAX_MEMBERS:
        raise BadUserInput(
            f"[quotaReached] A project has at most {MAX_MEMBERS} members; remove somebody with deleteFromRoles first.",
            projectId=project_id,
            limit=MAX_MEMBERS,
        )
