"""Logging in with an e-mail address and a password.

An attempt is counted as failed before the password is looked at, and forgotten when it succeeds: attempts that run at once
cannot slip past the limit together. So a log-in takes two short transactions, with the hashing between them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from labelyard.domain.address import client_network
from labelyard.domain.error import BadUserInput, TooManyRequests, Unauthenticated
from labelyard.domain.password import password_of
from labelyard.domain.permission import Actor
from labelyard.domain.secret import PREFIX, digest_of
from labelyard.services.identity import new_id
from labelyard.services.password import Passwords
from labelyard.services.user import set_password_hash
from labelyard.storage.actor import find_actors
from labelyard.storage.database import Database, Row, Writer
from labelyard.storage.login import credentials, end_session, failures, forget_failures, insert_failure, insert_session
from labelyard.storage.user import update_user

SESSION_HOURS = 12
MAX_FAILURES_OF_ACCOUNT = 10
MAX_FAILURES_FROM_ADDRESS = 50
RETRY_SECONDS = 60
LEAST_COMPARISONS = 2


@dataclass(frozen=True, slots=True)
class Login:
    """A session that was opened: its id, its key, which is shown here only, and the person."""

    id: str
    token: str
    actor: Actor


async def sign_in(database: Database, passwords: Passwords, *, email: str, password: str, address: str) -> Login:
    """Open a session of 12 hours; an unknown person and a wrong password are one refusal, after the same work."""
    user = await _verified(database, passwords, email=email, password=password, address=address)
    token = f"{PREFIX}session_{secrets.token_urlsafe(32)}"
    kept = user["password_hash"]
    fresh = await passwords.hash(password) if passwords.is_outdated(kept) else None
    session_id = new_id()
    async with database.transaction() as connection:
        if fresh is not None:
            await update_user(connection, user["id"], {"password_hash": fresh})
        await insert_session(
            connection, identifier=session_id, user_id=user["id"], digest=digest_of(token), hours=SESSION_HOURS
        )
        actor = (await find_actors(connection, [digest_of(token)])).get(digest_of(token))
        if actor is None:  # deactivated meanwhile
            raise _wrong()
        await forget_failures(connection, _account(email))
    return Login(session_id, token, actor)


async def sign_out(connection: Writer, actor: Actor) -> None:
    """End the session that the person calls with; a key is no session."""
    if not await end_session(connection, actor.key_id, actor.user_id):
        raise BadUserInput(
            "[noSession] You call with an API key, and signOut ends sessions of signIn. Leave the key out where it is used, or "
            "revoke it on the server with `labelyard key revoke`.",
            field="Authorization",
        )


async def check_new_password(
    database: Database, passwords: Passwords, actor: Actor, *, old: str, new: str, repeated: str, address: str
) -> str:
    """The hash of a new password of one's own, once the old one has been shown; a wrong one counts as a failed log-in."""
    if new != repeated:
        raise BadUserInput("newPassword1 and newPassword2 differ; write the new password twice.", field="newPassword2")
    password_of(new, email=actor.email)
    await _verified(database, passwords, email=actor.email, password=old, address=address, user_id=actor.user_id)
    return await passwords.hash(new)


async def change_password(connection: Writer, actor: Actor, password_hash: str) -> None:
    """Keep a new password of one's own; sessions end, API keys stay."""
    await set_password_hash(connection, actor.user_id, password_hash)
    await forget_failures(connection, _account(actor.email))


async def _verified(
    database: Database, passwords: Passwords, *, email: str, password: str, address: str, user_id: str | None = None
) -> Row:
    """The account whose password was given. Several organizations may have an account of the address: the password decides.

    Every account is compared, and never fewer than `LEAST_COMPARISONS`, so that the time says neither whether an address is
    known nor whether a second organization knows it.
    """
    async with database.aside() as connection:
        await _count_attempt(connection, account=_account(email), address=client_network(address))
        accounts = await credentials(connection, email.lower(), user_id)
    missing = LEAST_COMPARISONS - len(accounts)
    hashes = [*(account["password_hash"] for account in accounts), *[None] * missing]
    answers = [await passwords.verify(kept, password) for kept in hashes]
    right = [account for account, is_right in zip(accounts, answers, strict=False) if is_right]
    if not right:
        raise _wrong()
    return right[0]


async def _count_attempt(connection: Writer, *, account: str, address: str) -> None:
    of_account, from_address = await failures(connection, account=account, address=address)
    if of_account >= MAX_FAILURES_OF_ACCOUNT or from_address >= MAX_FAILURES_FROM_ADDRESS:
        raise TooManyRequests(
            "Too many attempts to log in have failed; wait a quarter of an hour.", retryAfterSeconds=RETRY_SECONDS
        )
    await insert_failure(connection, identifier=new_id(), account=account, address=address)


def _account(email: str) -> str:
    """The digest that attempts for an account are counted under: the address itself may be a mistyped password."""
    return digest_of(email.lower())


def _wrong() -> Unauthenticated:
    return Unauthenticated("[unauthorized] The e-mail address or the password is wrong.")
