"""Members of projects: inviting them, changing their roles, removing them."""

from collections.abc import Mapping
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.domain.permission import ProjectRole as Role
from labelyard.resolvers.argument import one_form, present
from labelyard.resolvers.enumeration import ProjectRole
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.input import ProjectWhere
from labelyard.resolvers.project.type import Project
from labelyard.resolvers.project_user.input import AppendToRolesData, ProjectUserData, ProjectUserWhere, RoleData
from labelyard.resolvers.project_user.type import ProjectUser
from labelyard.resolvers.selection import selection_of
from labelyard.services.guard import require
from labelyard.services.member import append_role, change_role, remove_member, star, unknown_member
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.filter.project_user import project_user_filter
from labelyard.storage.member import find_members


async def member_named(call: Call, connection: Connection, where: Mapping[str, Any]) -> Row:
    """The one visible member that a `where` names: by id, or by project and person."""
    person = where.get("user", {})
    by_person = "id" in where.get("project", {}) and ("id" in person or "email" in person)
    if not ("id" in where or "roleID" in where or by_person):
        raise BadUserInput(
            "Name the member: `where: {id: …}`, or `where: {project: {id: …}, user: {email: …}}`.", field="where"
        )
    members = await find_members(connection, project_user_filter(where), call.viewer_values)
    if len(members) != 1:
        raise unknown_member()
    return members[0]


async def change(
    call: Call, writer: Writer, where: Mapping[str, Any], role: ProjectRole, data: Mapping[str, Any]
) -> Any:
    """Change a role and answer the member. A project or a person that is named beside the member must be the member's."""
    member = await member_named(call, writer, where)
    require(call.actor, call.action, member["project_id"])
    owner: dict[str, Any] = {"project": {"id": data["projectID"]}} if "projectID" in data else {}
    if "userID" in data:  # clients may give an e-mail address here
        owner["user"] = {"email" if "@" in data["userID"] else "id": data["userID"]}
    if owner:
        await member_named(call, writer, {"id": member["id"], **owner})
    await change_role(writer, call.actor, member, Role(str(role)))
    return call.after_commit(call.by_id, member["id"])


@mutation(Action.MANAGE_MEMBERS)
async def appendToRoles(
    call: Call,
    writer: Writer,
    data: Input[AppendToRolesData] | None = None,
    where: Input[ProjectWhere] | None = None,
    projectID: strawberry.ID | None = None,
    userEmail: str | None = None,
    role: ProjectRole | None = None,
) -> Project | None:
    """Give a person a role in a project, from `data` or from the arguments of older clients, and answer the project.

    A member's role changes; who is not known yet is invited.
    """
    form = one_form(data, {"userEmail": userEmail, "role": role})
    email, new_role = form.get("userEmail"), form.get("role")
    project_id = where.get("id") if where is not None else projectID
    if project_id is None or email is None or new_role is None:
        raise BadUserInput("Name the project, the e-mail address and the role.", field="where.id")
    await call.authorize(project_id)
    await append_role(writer, call.actor, project_id=project_id, email=email, role=Role(str(new_role)))
    return call.after_commit(call.by_id, project_id)


@mutation(Action.MANAGE_MEMBERS)
async def updatePropertiesInRole(
    call: Call, writer: Writer, data: Input[RoleData], where: Input[ProjectUserWhere]
) -> ProjectUser | None:
    """Change the role of a member, named by id or by project and e-mail address."""
    return await change(call, writer, where, data["role"], data)


@mutation(Action.MANAGE_MEMBERS, deprecated="Ask for `updatePropertiesInRole`.")
async def updateRole(
    call: Call,
    writer: Writer,
    roleID: strawberry.ID | None = None,
    projectID: strawberry.ID | None = None,
    userID: strawberry.ID | None = None,
    role: ProjectRole | None = None,
) -> ProjectUser | None:
    """Change the role of a member as the first clients did."""
    if roleID is None or role is None:
        raise BadUserInput("Name the member and the role: `roleID` and `role`.", field="roleID")
    owner = present({"projectID": projectID, "userID": userID})
    return await change(call, writer, {"id": roleID}, role, owner)


@mutation(Action.MANAGE_MEMBERS)
async def deleteFromRoles(
    call: Call, writer: Writer, where: Input[ProjectUserWhere] | None = None, roleID: strawberry.ID | None = None
) -> ProjectUser | None:
    """Remove a member; their labels stay. The `id` of the answer is that of the project, which is what clients promise."""
    if (where is None) == (roleID is None):
        raise BadUserInput("Give either `where` or `roleID`, and not both.", field="where")
    member = await member_named(call, writer, where if where is not None else {"id": roleID})
    require(call.actor, call.action, member["project_id"])
    await remove_member(writer, call.actor, member)

    async def answer() -> Any:
        removed = await call.by_id(member["id"])
        removed.value.update(
            {field.key: member["project_id"] for field in selection_of(call.info) if field.name == "id"}
        )
        return removed

    return call.after_commit(answer)


@mutation(Action.STAR_PROJECT)
async def updatePropertiesInProjectUser(
    call: Call, writer: Writer, data: Input[ProjectUserData], where: Input[ProjectUserWhere]
) -> ProjectUser | None:
    """Star a project for oneself, or take the star away. Counters and marks are computed; values that a client sends are not used."""
    member = await member_named(call, writer, where)
    if "starred" in data:
        await star(writer, call.actor, member, data["starred"])
    return call.after_commit(call.by_id, member["id"])
