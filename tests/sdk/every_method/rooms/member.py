"""Members of projects and their roles."""

from __future__ import annotations

from typing import Any

from tests.sdk.every_method.rooms.given import member_of, only
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World


async def a_member(world: World) -> Names:
    project = await world.project(title=world.unique("People"))
    return {"project": project.id, **await member_of(world, project.id)}


async def a_person(world: World) -> Names:
    project = await world.project(title=world.unique("People"))
    person = await world.organization.person()
    return {"project": project.id, "person": person.id, "email": person.email}


async def ones_own_membership(world: World) -> Names:
    """That of the administrator: everybody stars projects for themselves."""
    project = await world.project(title=world.unique("Own"))
    ((member),) = await world.read(f"{MEMBERS} {{ id }}", {"project": project.id})
    return {"project": project.id, "role": member["id"]}


async def roles(world: World, names: Names) -> Any:
    """Everybody's role but that of the administrator who made the project."""
    found = await world.read(f"{MEMBERS} {{ role user {{ email }} }}", names)
    return [[one["user"]["email"], one["role"]] for one in found if one["user"]["email"] != names["admin_email"]]


MEMBERS = "projectUsers(where: {project: {id: $project}}, first: 50, skip: 0)"
FIGURES = "projectUsers(where: {id: $role}, first: 5, skip: 0) { starred }"
IS_LABELER = [["$member_email", "LABELER"]]
IS_REVIEWER = [["$member_email", "REVIEWER"]]
LISTED = {"project_id": "$project", "email": "$member_email"}

ROWS: list[Row] = [
    row(
        "append_to_roles",
        given=a_person,
        call={"project_id": "$project", "user_email": "$email", "role": "REVIEWER"},
        read=roles,
        before=[],
        after=[["$email", "REVIEWER"]],
    ),
    row(
        "domain:projects.users.create",
        given=a_person,
        call={"project_id": "$project", "email": "$email", "role": "REVIEWER"},
        read=roles,
        before=[],
        after=[["$email", "REVIEWER"]],
    ),
    row(
        "update_properties_in_role",
        given=a_member,
        call={"role_id": "$role", "project_id": "$project", "user_id": "$member", "role": "REVIEWER"},
        read=roles,
        before=IS_LABELER,
        after=IS_REVIEWER,
    ),
    row(
        "update_properties_in_project_user 26.2.4",
        "domain:projects.users.update 26.2.4",
        given=a_member,
        call={"project_id": "$project", "user_email": "$member_email", "role": "REVIEWER"},
        read=roles,
        before=IS_LABELER,
        after=IS_REVIEWER,
    ),
    row(
        "update_properties_in_project_user 25.2.10",
        "domain:projects.users.update 25.2.10",
        given=a_member,
        call={"project_id": "$project", "user_email": "$member_email", "role": "REVIEWER"},
        read=roles,
        before=IS_LABELER,
        after=IS_REVIEWER,
        refused="data",
        reason="The role is changed; the release then looks for the answer under a name that it did not give it.",
    ),
    row(
        "update_properties_in_project_user 2.60.0..2.120.0",
        given=ones_own_membership,
        call={"project_user_id": "$role", "starred": True},
        read=FIGURES,
        before=[{"starred": False}],
        after=[{"starred": True}],
    ),
    row(
        "update_properties_in_project_user 2.1.1",
        given=a_member,
        call={"project_user_id": "$role", "total_duration": 7},
        read=FIGURES,
        before=[{"starred": False}],
        refused="non-null type 'ID!'",
        reason="The release requires a variable that it does not send.",
    ),
    row(
        "delete_from_roles",
        given=a_member,
        call={"role_id": "$role"},
        read=roles,
        before=IS_LABELER,
        after=[],
    ),
    row(
        "domain:projects.users.remove",
        given=a_member,
        call={"project_id": "$project", "email": "$member_email"},
        read=roles,
        before=IS_LABELER,
        after=[],
    ),
    row(
        "project_users",
        given=a_member,
        call=dict(**LISTED, fields=["id", "role", "user.email"]),
        of=only("id", "role", "user"),
        answer=[{"id": "$role", "role": "LABELER", "user": {"email": "$member_email"}}],
    ),
    row(
        "domain:projects.users.list",
        "domain:projects.users.list_as_generator",
        given=a_member,
        call={"project_id": "$project", "filter": {"email": "$member_email"}, "fields": ["id", "role"]},
        of=only("id", "role"),
        answer=[{"id": "$role", "role": "LABELER"}],
    ),
    row("count_project_users 2.60.0..", given=a_member, call=LISTED, answer=1),
    row(
        "domain:projects.users.count",
        given=a_member,
        call={"project_id": "$project", "filter": {"email": "$member_email"}},
        answer=1,
    ),
]
