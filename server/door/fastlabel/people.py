"""People of the workspace, their roles and modules, and members of projects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from labelyard.domain.door.fastlabel.people import (
    LANGUAGES,
    MODULES,
    REMOVED,
    ROLE_OF_WORD,
    WORD_OF_WORKSPACE,
    WORKSPACE_ROLES,
)
from labelyard.domain.door.fastlabel.time import text_of_time
from labelyard.domain.door.fastlabel.value import text_of, word_of
from labelyard.domain.error import NotFound
from labelyard.domain.permission import Action
from labelyard.domain.person import names_of
from labelyard.domain.text import email_of
from labelyard.server.door.fastlabel.door import DOOR, page_of, project_named
from labelyard.server.door.rest import Answer, Call, Sent, no_content
from labelyard.services.door.fastlabel.annotation_class import locked_project
from labelyard.services.door.fastlabel.project import put_record
from labelyard.services.member import append_role, remove_member
from labelyard.services.user import NewUser, add_user, change_user, check_user_change
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.fastlabel.people import (
    listed_people,
    person_by_email,
    put_person_record,
    records_of_people,
    slugs_of_people,
)
from labelyard.storage.member import member_by_user

USUAL_PEOPLE: Final = 20
MAX_PERSON_NAME: Final = 200
MAX_EMAIL: Final = 320
RESOURCES: Final = tuple(MODULES.values())


@DOOR.get("/workspaces-users")
async def people(call: Call) -> object:
    """The people of the organization that the person sees."""
    offset, limit = page_of(call, usual=USUAL_PEOPLE)
    async with call.reader() as connection:
        rows = await listed_people(
            connection, call.actor, keyword=call.query.text("keyword"), offset=offset, limit=limit
        )
        return await _shapes(connection, call, rows)


@DOOR.post("/workspaces-users/internal-users", Action.MANAGE_ORGANIZATION)
async def create(call: Call) -> object:
    """Add a person, who has no password until one is set."""
    body = call.object
    name = text_of(body.get("name"), "name", limit=MAX_PERSON_NAME, least=1)
    role = WORKSPACE_ROLES[word_of(body.get("role", "member"), "role", WORKSPACE_ROLES)]
    language = word_of(body.get("language", "en"), "language", LANGUAGES)
    email = email_of(_email(body))
    async with call.transaction() as writer:
        user_id = await add_user(writer, call.actor.organization_id, NewUser(email, role, names_of({"name": name})))
        await put_person_record(writer, user_id, {"language": language})
    async with call.reader() as connection:
        return (await _shapes(connection, call, [await _person(call, connection, email)]))[0]


@DOOR.put("/workspaces-users/internal-users", Action.MANAGE_ORGANIZATION)
async def change(call: Call) -> object:
    """Change the role of a person in the workspace; `none` takes every access."""
    email = _email(call.object)
    role = word_of(call.object.get("role"), "role", (*WORKSPACE_ROLES, REMOVED))
    async with call.transaction() as writer:
        person = await _person(call, writer, email)
        change: dict[str, Any] = (
            {"activated": False} if role == REMOVED else {"organizationRole": WORKSPACE_ROLES[role], "activated": True}
        )
        await change_user(writer, call.actor, person, check_user_change(change), now=datetime.now(UTC))
        after = await _person(call, writer, email)
        return {**(await _shapes(writer, call, [after]))[0], "role": role}


def _declare_module(path: str, resource: str) -> None:
    @DOOR.post(f"/function-resource-permissions/{path}/internal-users", Action.MANAGE_ORGANIZATION)
    async def grant(call: Call) -> object:
        """Note that a person may use a module."""
        async with call.transaction() as writer:
            return await _set_module(call, writer, resource, is_granted=True)


for _path, _resource in MODULES.items():
    _declare_module(_path, _resource)


@DOOR.delete("/function-resource-permissions", Action.MANAGE_ORGANIZATION, sent=Sent.JSON)
async def revoke(call: Call) -> Answer:
    """Note that a person may not use a module."""
    resource = word_of(call.object.get("resource"), "resource", RESOURCES)
    async with call.transaction() as writer:
        await _set_module(call, writer, resource, is_granted=False)
    return no_content()


@DOOR.put("/projects-users", Action.MANAGE_MEMBERS)
async def change_member(call: Call) -> object:
    """Give a person a role in a project, or take it."""
    body = call.object
    word = word_of(body.get("role"), "role", (*ROLE_OF_WORD, REMOVED))
    found = await project_named(call, body.get("project", ""))
    email = email_of(_email(body))
    async with call.transaction() as writer:
        project = await locked_project(writer, call.actor, found.id)
        words = dict(project.record.get("roles") or {})
        if word == REMOVED:
            person = await _person(call, writer, email)
            member = await member_by_user(writer, project.id, person["id"])
            if member is None:
                raise NotFound(f"{email} is no member of project {project.slug!r}.", email=email)
            await remove_member(writer, call.actor, member)
            words.pop(person["id"], None)
        else:
            user_id = await append_role(writer, call.actor, project_id=project.id, email=email, role=ROLE_OF_WORD[word])
            words[user_id] = word
        await put_record(writer, project.id, {**project.record, "roles": words}, project.slug)
    return True


def _email(body: dict[str, Any]) -> str:
    return text_of(body.get("email"), "email", limit=MAX_EMAIL, least=1)


async def _person(call: Call, connection: Connection, email: str) -> Row:
    person = await person_by_email(connection, call.actor, email)
    if person is None:
        raise NotFound(f"There is nobody with the e-mail address {email[:100]!r} that you may see.", email=email[:100])
    return person


async def _set_module(call: Call, writer: Writer, resource: str, *, is_granted: bool) -> str:
    person = await _person(call, writer, _email(call.object))
    record = (await records_of_people(writer, [person["id"]])).get(person["id"], {})
    modules = {**(record.get("modules") or {}), resource: is_granted}
    await put_person_record(writer, person["id"], {**record, "modules": modules})
    return str(person["id"])


async def _shapes(connection: Connection, call: Call, rows: list[Row]) -> list[dict[str, Any]]:
    slugs = await slugs_of_people(connection, call.actor)
    records = await records_of_people(connection, [row["id"] for row in rows])
    return [_shape(row, slugs[row["id"]], records.get(row["id"], {})) for row in rows]


def _shape(row: Row, slug: str, record: dict[str, Any]) -> dict[str, Any]:
    modules = record.get("modules") or {}
    return {
        "id": row["id"],
        "userId": row["id"],
        "userSlug": slug,
        "userName": " ".join(filter(None, (row["firstname"], row["lastname"]))),
        "userEmail": row["email"],
        "role": WORD_OF_WORKSPACE[row["organization_role"]],
        "isExternal": False,
        "language": record.get("language", "en"),
        "createdAt": text_of_time(row["created_at"]),
        "updatedAt": text_of_time(row["updated_at"]),
        "functionResourcePermissions": {resource: modules.get(resource, True) for resource in RESOURCES},
    }
