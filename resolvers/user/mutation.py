"""Users: making them, changing them, and their passwords."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput, Forbidden, NotImplementedOperation
from labelyard.domain.password import password_of
from labelyard.domain.permission import Action
from labelyard.domain.person import names_of
from labelyard.domain.text import email_of
from labelyard.resolvers.argument import one_form, present
from labelyard.resolvers.enumeration import OrganizationRole
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.user.input import CreateUserData, UpdatePasswordData, UserData, UserWhere
from labelyard.resolvers.user.type import User
from labelyard.services.login import change_password, check_new_password
from labelyard.services.member import join_as_labeler
from labelyard.services.user import (
    NewUser,
    add_user,
    change_user,
    check_user_change,
    close_account,
    find_or_invite,
    organization_role_of,
    require_account,
    unknown_user,
)
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.filter.user import user_filter
from labelyard.storage.user import find_users


async def user_named(call: Call, connection: Connection, where: Mapping[str, Any]) -> Row:
    """The one visible user that a `where` names."""
    if not where.keys() & {"id", "email", "apiKey"}:
        raise BadUserInput("Name the user: `where: {id: …}` or `where: {email: …}`.", field="where")
    users = await find_users(connection, user_filter(where), call.viewer_values)
    if len(users) != 1:
        raise unknown_user()
    return users[0]


async def account_named(call: Call, connection: Connection, where: Mapping[str, Any]) -> Row:
    """The user that a `where` names: oneself, or anybody of the organization for its administrators."""
    user = await user_named(call, connection, where)
    require_account(call.actor, user)
    return user


@mutation(Action.MANAGE_ORGANIZATION, own_transaction="hashes the password first")
async def createUser(
    call: Call,
    data: Input[CreateUserData] | None = None,
    name: str | None = None,
    email: str | None = None,
    password: str | None = None,
    phone: str | None = None,
    organizationID: strawberry.ID | None = None,
    organizationRole: OrganizationRole | None = None,
) -> User | None:
    """Add a user to the organization, from `data` or from the arguments of older clients."""
    del phone
    if organizationID not in (None, call.actor.organization_id):
        raise Forbidden("[accessDenied] Users are made in your own organization only.", field="organizationID")
    flat = {"name": name, "email": email, "password": password, "organizationRole": organizationRole}
    account = one_form(data, flat)
    if "email" not in account:
        raise BadUserInput("Give the e-mail address of the new user.", field="email")
    new = NewUser(
        email=email_of(account["email"]),
        organization_role=organization_role_of(account.get("organizationRole")),
        names=names_of(account),
        password_hash=await hash_of(call, account),
    )
    async with call.transaction() as connection:
        user_id = await add_user(connection, call.actor.organization_id, new)
    return await call.by_id(user_id)


async def hash_of(call: Call, account: Mapping[str, Any]) -> str | None:
    """The hash of a new user's password; None for one who uses API keys only."""
    if "password" not in account:
        return None
    return await call.services.passwords.hash(password_of(account["password"], email=email_of(account["email"])))


@mutation(Action.MANAGE_MEMBERS, deprecated="Ask for `appendToRoles`.")
async def createUserFromEmailIfNotExists(
    call: Call,
    writer: Writer,
    name: str | None = None,
    email: str | None = None,
    organizationName: str | None = None,
    organizationRole: OrganizationRole | None = None,
    projectID: str | None = None,
) -> User | None:
    """Make a person a labeler of a project, and invite them first if nobody has their e-mail address."""
    del organizationName
    if email is None or projectID is None:
        raise BadUserInput("Give an e-mail address and the project.", field="email" if email is None else "projectID")
    await call.authorize(projectID)
    if organization_role_of(organizationRole) == "ADMIN":
        raise Forbidden(
            "[accessDenied] Administrators are made with createUser; invite with the role USER.",
            field="organizationRole",
        )
    names = names_of({"name": name} if name is not None else {})
    user = await find_or_invite(writer, call.actor, email, names)
    await join_as_labeler(writer, call.actor, project_id=projectID, user=user)
    return call.after_commit(call.by_id, user["id"])


async def change(call: Call, writer: Writer, where: Mapping[str, Any], data: Mapping[str, Any]) -> Any:
    """Check and write a change of a user, and answer the user."""
    checked = check_user_change(data)
    user = await user_named(call, writer, where)
    await change_user(writer, call.actor, user, checked, now=datetime.now(UTC))
    return call.after_commit(call.by_id, user["id"])


@mutation(Action.MANAGE_OWN_ACCOUNT)
async def updatePropertiesInUser(
    call: Call, writer: Writer, data: Input[UserData], where: Input[UserWhere]
) -> User | None:
    """Change one's own account, or as an administrator that of somebody else; what is null stays as it is."""
    return await change(call, writer, where, data)


@mutation(Action.MANAGE_OWN_ACCOUNT, deprecated="Ask for `updatePropertiesInUser`.")
async def updateUser(
    call: Call,
    writer: Writer,
    userID: strawberry.ID | None = None,
    organizationID: strawberry.ID | None = None,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    organizationRole: OrganizationRole | None = None,
) -> User | None:
    """Change a user as the first clients did."""
    del phone
    data = present(
        {"organizationId": organizationID, "name": name, "email": email, "organizationRole": organizationRole}
    )
    return await change(call, writer, {"id": userID} if userID is not None else {}, data)


@mutation(Action.MANAGE_OWN_ACCOUNT, own_transaction="compares and hashes passwords first")
async def updatePassword(
    call: Call,
    data: Input[UpdatePasswordData] | None = None,
    where: Input[UserWhere] | None = None,
    email: str | None = None,
    oldPassword: str | None = None,
    newPassword1: str | None = None,
    newPassword2: str | None = None,
) -> User | None:
    """Change one's own password; every session ends. `labelyard user password` sets the first one, and those of others."""
    flat = {"oldPassword": oldPassword, "newPassword1": newPassword1, "newPassword2": newPassword2}
    passwords = one_form(data, flat)
    async with call.reader() as connection:
        user = await user_named(call, connection, where if where is not None else {"email": email or ""})
    if user["id"] != call.actor.user_id:
        raise Forbidden(
            "[accessDenied] Everybody changes their own password only; whoever runs this server sets those of others "
            "with `labelyard user password`."
        )
    password_hash = await check_new_password(
        call.context.database,
        call.services.passwords,
        call.actor,
        old=passwords.get("oldPassword", ""),
        new=passwords.get("newPassword1", ""),
        repeated=passwords.get("newPassword2", ""),
        address=call.context.address,
    )
    async with call.transaction() as connection:
        await change_password(connection, call.actor, password_hash)
    return await call.by_id(call.actor.user_id)


@mutation(Action.MANAGE_OWN_ACCOUNT, own_transaction="writes nothing")
async def resetPassword(call: Call, where: Input[UserWhere] | None = None, email: str | None = None) -> User | None:
    """Say how a password is reset here: this server sends no mail, so it cannot send a link."""
    named = where.get("email") if where is not None else email
    address = email_of(named or call.actor.email)
    raise NotImplementedOperation(
        "[noMail] This server sends no mail, so there is no link to reset a password with. Whoever runs it sets a new one "
        f"with `labelyard user password {address}`; who knows the old one changes it with updatePassword.",
        operation="resetPassword",
    )


@mutation(Action.MANAGE_ORGANIZATION)
async def deleteUser(call: Call, writer: Writer, userID: strawberry.ID | None = None) -> User | None:
    """Revoke every access of a user, as the first client did. The account stays, because labels name their author."""
    user = await user_named(call, writer, {"id": userID} if userID is not None else {})
    await close_account(writer, call.actor, user)
    return call.after_commit(call.by_id, user["id"])
