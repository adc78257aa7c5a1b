"""The commands `labelyard user` and `labelyard key`: what an operator does to people and keys without a key of their own.

They work on the database itself, beside a server that runs or without one.
"""

from __future__ import annotations

import asyncio
import getpass
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.password import password_of
from labelyard.domain.person import names_of
from labelyard.domain.text import MAX_NAME, email_of, within
from labelyard.server.cli.database import DataDir, existing_settings, opened_database, print_table, settings_in
from labelyard.server.settings import Settings
from labelyard.services.api_key import KEY_DAYS, add_key, new_key
from labelyard.services.first_start import has_no_users
from labelyard.services.identity import new_id
from labelyard.services.password import Passwords
from labelyard.services.user import NewUser, activate, add_user, organization_role_of, set_password_hash
from labelyard.storage.api_key import list_keys, revoke_key
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.organization import insert_organization, organizations_named
from labelyard.storage.user import list_users, users_with_email

user_app = typer.Typer(name="user", help="Make and list users, and set their passwords.", no_args_is_help=True)
key_app = typer.Typer(name="key", help="Make, list and revoke API keys.", no_args_is_help=True)

MOST_DAYS = 36_500
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail address.")]
OfOrganization = Annotated[
    str | None, typer.Option("--organization", help="Name or id of the organization, when several know the address.")
]


@user_app.command("create")
def create_user(
    email: Email,
    role: Annotated[str, typer.Option(help="ADMIN or USER: the role in the organization.")] = "USER",
    name: Annotated[str, typer.Option(help="First and last name, divided at the first space.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password from standard input, one line.")
    ] = False,
    organization: Annotated[
        str | None, typer.Option(help="Name or id of the organization, when there are several.")
    ] = None,
    new_organization: Annotated[
        str | None, typer.Option(help="Make an organization of this name for the user, who administers it.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Make a user. Nothing is sent: give them a key with `labelyard key create`, or a password."""
    settings = settings_in(data_dir)
    address, organization_role = email_of(email), organization_role_of(role)
    password = _password(address) if password_stdin else None

    async def run() -> str:
        password_hash = await Passwords().hash(password) if password is not None else None
        new = NewUser(address, organization_role, names_of({"name": name}), password_hash)
        async with opened_database(settings) as database, database.transaction() as connection:
            organization_id = await _organization(connection, settings, new, organization, new_organization)
            return await add_user(connection, organization_id, new)

    print(f"{address} is a user now, with the id {asyncio.run(run())}.")


@user_app.command("list")
def show_users(data_dir: DataDir = None) -> None:
    """List all users, oldest first."""
    settings = existing_settings(data_dir)

    async def run() -> list[Row]:
        async with opened_database(settings) as database, database.reader() as connection:
            return await list_users(connection)

    print_table(
        ("EMAIL", "ROLE", "ACTIVE", "PASSWORD", "KEYS", "NAME", "ORGANIZATION"),
        [
            (
                row["email"],
                row["organization_role"],
                "yes" if row["activated"] else "no",
                "yes" if row["has_password"] else "no",
                str(row["live_keys"]),
                f"{row['firstname']} {row['lastname']}".strip(),
                row["organization"],
            )
            for row in asyncio.run(run())
        ],
    )


@user_app.command("password")
def set_password(email: Email, organization: OfOrganization = None, data_dir: DataDir = None) -> None:
    """Set a user's password from standard input; it is asked for where that is a terminal. Their sessions end."""
    settings = existing_settings(data_dir)
    address = email_of(email)
    password = _password(address)

    async def run() -> bool:
        password_hash = await Passwords().hash(password)
        async with opened_database(settings) as database, database.transaction() as connection:
            user = await user_named(connection, address, organization)
            await set_password_hash(connection, user["id"], password_hash)
            return await activate(connection, user)

    was_out = asyncio.run(run())
    print(f"The password of {address} is set." + (" They were not active, and are now." if was_out else ""))


@key_app.command("create")
def create_key(
    email: Email,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How long the key is good for.")] = KEY_DAYS,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Make an API key for a user. It is printed here, once: only its digest is kept."""
    settings = existing_settings(data_dir)
    address, key = email_of(email), new_key()
    within(name, name="The name of a key", limit=MAX_NAME, least=1)

    async def run() -> bool:
        async with opened_database(settings) as database, database.transaction() as connection:
            user = await user_named(connection, address, organization)
            await add_key(connection, user_id=user["id"], name=name, key=key, now=datetime.now(UTC), days=days)
            return await activate(connection, user)

    if asyncio.run(run()):
        print(f"{address} was not active, and is now.", file=sys.stderr)
    print(key)


@key_app.command("list")
def show_keys(
    email: Annotated[str | None, typer.Argument(metavar="[EMAIL]", help="Whose keys; everybody's without it.")] = None,
    data_dir: DataDir = None,
) -> None:
    """List API keys by their first characters, oldest first."""
    settings = existing_settings(data_dir)
    address = email_of(email) if email is not None else None

    async def run() -> list[Row]:
        async with opened_database(settings) as database, database.reader() as connection:
            if address is not None and not await users_with_email(connection, address, None):
                raise _unknown_user(address)
            return await list_keys(connection, address)

    print_table(
        ("ID", "KEY", "EMAIL", "STATE", "CREATED", "EXPIRES", "NAME"),
        [
            (
                row["id"],
                row["hint"],
                row["email"],
                row["state"],
                row["created_at"].strftime("%Y-%m-%d"),
                row["expires_at"].strftime("%Y-%m-%d"),
                row["name"],
            )
            for row in asyncio.run(run())
        ],
    )


@key_app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, from `labelyard key list`.")],
    data_dir: DataDir = None,
) -> None:
    """Revoke a key: it is refused from the next request on."""
    settings = existing_settings(data_dir)

    async def run() -> Row:
        async with opened_database(settings) as database, database.transaction() as connection:
            row = await revoke_key(connection, key_id)
        if row is None:
            raise NotFound(f"There is no key with the id {key_id!r}; `labelyard key list` shows their ids.")
        return row

    row = asyncio.run(run())
    print(f"The key {key_id} of {row['email']} {'was revoked before' if row['was_revoked'] else 'is revoked'}.")


async def _organization(
    connection: Writer, settings: Settings, new: NewUser, named: str | None, new_name: str | None
) -> str:
    """The id of the organization that a user is made in; the very first user makes it, as the first start does."""
    is_first = await has_no_users(connection)
    if is_first and named is None and new_name is None:
        new_name = settings.bootstrap_organization
    if new_name is not None:
        if new.organization_role != "ADMIN":
            raise BadUserInput("The first user of an organization administers it: add `--role ADMIN`.", role="USER")
        organization_id = new_id()
        await insert_organization(connection, identifier=organization_id, name=new_name)
        return organization_id
    found = await organizations_named(connection, named)
    if not found:
        raise NotFound(f"There is no organization {named!r}; `labelyard user list` shows them.")
    if len(found) > 1:
        names = ", ".join(f"{row['name']} ({row['id']})" for row in found)
        raise Conflict(f"Several organizations come into question, name one with --organization: {names}.")
    return str(found[0]["id"])


async def user_named(connection: Connection, email: str, organization: str | None) -> Row:
    """The user with an e-mail address; where several organizations know it, that of the named one."""
    found = await users_with_email(connection, email, organization)
    if not found:
        raise _unknown_user(email)
    if len(found) > 1:
        names = ", ".join(f"{row['organization']} ({row['organization_id']})" for row in found)
        raise Conflict(f"{email} is a user of several organizations, name one with --organization: {names}.")
    return found[0]


def _unknown_user(email: str) -> NotFound:
    return NotFound(f"There is no user {email}; `labelyard user list` shows all, `labelyard user create` makes one.")


def _password(email: str) -> str:
    """A password: one line of standard input, or asked for twice on a terminal."""
    if not sys.stdin.isatty():
        return password_of(sys.stdin.readline().rstrip("\r\n"), email=email)
    password = password_of(getpass.getpass(f"New password of {email}: "), email=email)
    if getpass.getpass("Once more: ") != password:
        raise BadUserInput("The two passwords differ; nothing was changed.")
    return password
