"""Accounts of people, their passwords, keys and notifications."""

from __future__ import annotations

import uuid
from typing import Any

from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

PASSWORD, BETTER = "correct horse 1", "a much better 2"


async def nobody(world: World) -> Names:
    return {"email": f"{world.unique('ada')}@example.com"}


async def nobody_of_a_project(world: World) -> Names:
    project = await world.project(title=world.unique("People"))
    return {**await nobody(world), "project": project.id}


async def a_person(world: World) -> Names:
    person = await world.organization.person(firstname="Ada", lastname="King")
    count = await world.read(
        "countUsers(where: {organization: {id: $organization}})", {"organization": world.organization.id}
    )
    return {"email": person.email, "person": person.id, "count": count}


async def a_person_with_a_password(world: World) -> Names:
    """Somebody who works with a key and may log in."""
    made = await nobody(world)
    user = await world.send(
        "mutation ($data: CreateUserData!) { data: createUser(data: $data) { id } }",
        {"data": {**made, "password": PASSWORD, "firstname": "Ada", "lastname": "King", "organizationRole": "USER"}},
    )
    key = str(uuid.uuid4())
    await world.send(
        "mutation ($key: String!, $email: String!) "
        '{ data: appendToApiKeys(data: {key: $key, name: "own"}, where: {email: $email}) { id } }',
        {"key": key, **made},
    )
    return {**made, "person": user["id"], "key": key, "new_key": str(uuid.uuid4())}


async def a_new_key(world: World) -> Names:
    return {"new_key": str(uuid.uuid4()), "name": world.unique("laptop")}


async def a_notification(world: World) -> Names:
    message = world.unique("done")
    made = await world.send(
        "mutation ($data: NotificationData!) { data: createNotification(data: $data) { id } }",
        {
            "data": {
                "message": message,
                "status": "PENDING",
                "url": "/label",
                "userID": world.organization.admin.id,
                "hasBeenSeen": False,
            }
        },
    )
    return {"notification": made["id"], "message": message}


async def a_message(world: World) -> Names:
    return {"message": world.unique("done")}


async def logs_in(world: World, names: Names) -> Any:
    """Which of the two passwords are taken."""
    taken = []
    for password in (PASSWORD, BETTER):
        answered = await world.organization.http.graphql(
            "mutation ($e: String!, $p: String!) { data: signIn(email: $e, password: $p) { token } }",
            {"e": names["email"], "p": password},
        )
        taken.append("errors" not in answered)
    return taken


async def who_has(world: World, names: Names) -> Any:
    """Whose key the new one is."""
    answered = await world.organization.http.as_(names["new_key"]).post("{ me { email } }")
    return answered.json()["data"]["me"]["email"] if answered.status_code == 200 else answered.status_code


async def notified(world: World, names: Names) -> Any:
    found = await world.send(
        "{ data: notifications(where: {}, first: 100, skip: 0) { message status url hasBeenSeen } }"
    )
    return [[one["status"], one["url"], one["hasBeenSeen"]] for one in found if one["message"] == names["message"]]


ACCOUNT = "users(where: {email: $email}, first: 5, skip: 0) { firstname lastname organizationRole activated }"
KING = {"firstname": "Ada", "lastname": "King", "organizationRole": "USER", "activated": True}
NEW = {"email": "$email", "password": PASSWORD, "organization_role": "USER"}
PASSWORDS = {"email": "$email", "old_password": PASSWORD, "new_password_1": BETTER, "new_password_2": BETTER}
NO_MAIL = "This server sends no mail; whoever runs it sets a password (`labelyard user password`)."

ROWS: list[Row] = [
    row(
        "create_user 2.1.1..2.99.0",
        given=nobody,
        call=dict(**NEW, name="Ada King"),
        read=ACCOUNT,
        before=[],
        after=[KING],
    ),
    row(
        "create_user 2.120.0..",
        "domain:users.create",
        given=nobody,
        call=dict(**NEW, firstname="Ada", lastname="King"),
        read=ACCOUNT,
        before=[],
        after=[KING],
    ),
    row(
        "create_user_from_email_if_not_exists 2.1.1",
        given=nobody_of_a_project,
        call={"name": "Ada King", "email": "$email", "organization_role": "USER", "project_id": "$project"},
        read=ACCOUNT,
        before=[],
        refused="organizationRole",
        reason="The release uses a variable that it does not declare.",
    ),
    row(
        "update_properties_in_user 2.1.1",
        given=a_person,
        call={"email": "$email", "name": "Grace Hopper", "organization_role": "ADMIN"},
        read=ACCOUNT,
        before=[KING],
        after=[{**KING, "firstname": "Grace", "lastname": "Hopper", "organizationRole": "ADMIN"}],
    ),
    row(
        "update_properties_in_user 2.60.0..2.99.0",
        given=a_person,
        call={"email": "$email", "name": "Grace Hopper", "organization_role": "ADMIN", "activated": False},
        read=ACCOUNT,
        before=[KING],
        after=[
            {"firstname": "Grace", "lastname": "Hopper", "organizationRole": "ADMIN", "activated": False},
        ],
    ),
    row(
        "update_properties_in_user 2.120.0..",
        "domain:users.update",
        given=a_person,
        call={
            "email": "$email",
            "firstname": "Grace",
            "lastname": "Hopper",
            "organization_role": "ADMIN",
            "activated": False,
        },
        read=ACCOUNT,
        before=[KING],
        after=[
            {"firstname": "Grace", "lastname": "Hopper", "organizationRole": "ADMIN", "activated": False},
        ],
    ),
    row(
        "update_password",
        "domain:users.update_password",
        given=a_person_with_a_password,
        call=PASSWORDS,
        read=logs_in,
        before=[True, False],
        after=[False, True],
    ),
    row(
        "reset_password 2.1.1..2.120.0",
        "internal.reset_password 2.140.0..",
        given=a_person_with_a_password,
        call={"email": "$email"},
        read=logs_in,
        before=[True, False],
        refused="labelyard user password",
        reason=NO_MAIL,
    ),
    row(
        "signin 2.1.1",
        given=a_person_with_a_password,
        call={"email": "$email", "password": PASSWORD},
        of=lambda found: found["user"]["id"],
        answer="$person",
    ),
    row(
        "users",
        given=a_person,
        call={"email": "$email", "fields": ["id", "email"]},
        answer=[{"id": "$person", "email": "$email"}],
    ),
    row(
        "domain:users.list",
        "domain:users.list_as_generator",
        given=a_person,
        call={"filter": {"email": "$email"}, "fields": ["id", "email"]},
        answer=[{"id": "$person", "email": "$email"}],
    ),
    row("count_users 2.60.0..", given=a_person, call={"organization_id": "$organization"}, answer="$count"),
    row("domain:users.count", given=a_person, call={"filter": {"email": "$email"}}, answer=1),
    row(
        "get_current_user 26.2.4",
        "domain:users.me 26.2.4",
        given=a_person_with_a_password,
        call={"fields": ["id", "email"]},
        answer={"id": "$person", "email": "$email"},
    ),
    row("get_user 2.140.0", given=a_person_with_a_password, of=lambda found: found["email"], answer="$email"),
    row(
        "update_api_key 2.60.0",
        given=a_person_with_a_password,
        call={"email": "$email", "new_api_key": "$new_key"},
        read=who_has,
        before=401,
        after="$email",
    ),
    row(
        "append_to_api_keys 2.99.0..2.120.0",
        given=a_new_key,
        call={"api_key": "$new_key", "name": "$name"},
        read=who_has,
        before=401,
        after="$admin_email",
    ),
    row(
        "api_keys 2.99.0..2.120.0",
        "internal.api_keys 2.140.0..",
        given=a_person_with_a_password,
        call={"user_id": "$person", "fields": ["name", "revoked"]},
        answer=[{"name": "own", "revoked": False}],
    ),
    row(
        "count_api_keys 2.99.0..2.120.0",
        "internal.count_api_keys 2.140.0..",
        given=a_person_with_a_password,
        call={"user_id": "$person"},
        answer=1,
    ),
    row(
        "create_notification 2.60.0..25.2.10",
        given=a_message,
        call={"message": "$message", "status": "PENDING", "url": "/label", "user_id": "$admin"},
        read=notified,
        before=[],
        after=[["PENDING", "/label", False]],
    ),
    row(
        "update_properties_in_notification 2.60.0..25.2.10",
        given=a_notification,
        call={"notification_id": "$notification", "has_been_seen": True, "status": "SUCCESS", "url": "/done"},
        read=notified,
        before=[["PENDING", "/label", False]],
        after=[["SUCCESS", "/done", True]],
    ),
    row(
        "notifications 2.60.0..25.2.10",
        given=a_notification,
        call={"notification_id": "$notification", "fields": ["id", "message"]},
        answer=[{"id": "$notification", "message": "$message"}],
    ),
    row(
        "count_notifications 2.140.0..25.2.10",
        given=a_notification,
        call={"notification_id": "$notification"},
        answer=1,
    ),
    row(
        "count_notifications 2.60.0..2.120.0",
        given=a_notification,
        call={"user_id": "$admin"},
        of=lambda found: found > 0,
        answer=True,
    ),
]
