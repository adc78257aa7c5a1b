"""Writing users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labelyard.domain.error import BadUserInput, Conflict, Forbidden, NotFound
from labelyard.domain.permission import Actor
from labelyard.domain.person import names_of
from labelyard.domain.text import email_of
from labelyard.services.api_key import replace_keys
from labelyard.services.identity import new_id
from labelyard.storage.api_key import revoke_keys_of
from labelyard.storage.asset_lock import release_locks_of
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.login import end_sessions
from labelyard.storage.organization import lock_organization
from labelyard.storage.scope import nameless_projects, viewer_values
from labelyard.storage.user import (
    accept_invitations,
    has_other_admin,
    insert_user,
    lock_user,
    update_user,
    user_by_email,
)


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user that has been checked and can be written."""

    email: str
    organization_role: str = "USER"
    names: Mapping[str, str] = field(default_factory=dict)
    password_hash: str | None = None
    is_activated: bool = True


async def add_user(connection: Writer, organization_id: str, new: NewUser) -> str:
    """Add a user to an organization and answer their id; an e-mail address names one user of the organization."""
    user_id = await _insert(connection, organization_id, new)
    if user_id is None:
        raise _taken(new.email)
    return user_id


async def find_or_invite(connection: Writer, actor: Actor, email: str, names: Mapping[str, str] | None = None) -> Row:
    """The person of the actor's organization with an e-mail address.

    Who is not known there yet gets an account of the organization: without access until an administrator or the operator
    lets them in, but one that roles and labels can name. Accounts of other organizations are neither looked at nor touched.
    """
    address = email_of(email)
    user = await known_by_email(connection, actor, address)
    if user is None and nameless_projects(actor):
        # Whether the address is that of a labeler there must not show, so neither is invited.
        raise NotFound(
            f"[notFound] You see no user {address!r}; as you label or review in an anonymized project, somebody who manages it, or "
            "an administrator of the organization, has to add them.",
            email=email,
        )
    if user is None:
        # Two invitations at once make one user: the second finds the address taken, and reads it below.
        await _insert(connection, actor.organization_id, NewUser(address, names=names or {}, is_activated=False))
        user = await known_by_email(connection, actor, address)
    if user is None:
        raise LookupError("an address is free or taken, and users are never removed")
    return user


async def known_by_email(connection: Connection, actor: Actor, email: str) -> Row | None:
    """The person of the actor's organization with an e-mail address, unless the actor is not to learn whose it is."""
    return await user_by_email(connection, actor.organization_id, email, viewer_values(actor))


@dataclass(frozen=True, slots=True)
class UserChange:
    """A change of a user that has been checked as far as it can be without reading them; None stays as it is."""

    columns: Mapping[str, Any]
    email: str | None
    activated: bool | None
    organization_role: str | None
    organization_id: str | None
    key: str | None


def check_user_change(data: Mapping[str, Any]) -> UserChange:
    """Check `UserData`. `hubspotSubscriptionStatus` is accepted and not used."""
    if "auth0Id" in data:
        raise Forbidden("[accessDenied] auth0Id belongs to another service and cannot be set here.", field="auth0Id")
    columns: dict[str, Any] = dict(names_of(data))
    if "hasCompletedLabelingTour" in data:
        columns["has_completed_labeling_tour"] = data["hasCompletedLabelingTour"]
    return UserChange(
        columns=columns,
        email=email_of(data["email"]) if "email" in data else None,
        activated=data.get("activated"),
        organization_role=str(data["organizationRole"]) if "organizationRole" in data else None,
        organization_id=data.get("organizationId", data.get("organization")),
        key=data.get("apiKey"),
    )


async def change_user(connection: Writer, actor: Actor, user: Row, change: UserChange, *, now: datetime) -> None:
    """Write a change: to one's own account, or by an administrator of the organization.

    Only administrators say who is active, who administers and who is invited by which e-mail address: an address that members
    could give themselves would take over the roles meant for its owner. Clients send unchanged values along, which anybody may.
    """
    require_account(actor, user)
    # In this order everywhere: the organization first decides who of two leaving administrators is the last one.
    await lock_organization(connection, user["organization_id"])
    current = await lock_user(connection, user["id"])
    if current is None:
        raise unknown_user()
    if change.organization_id not in (None, current["organization_id"]):
        raise Forbidden("[accessDenied] Users stay in their organization.", field="organizationId")
    values = dict(change.columns)
    if change.email not in (None, current["email"]):
        _require_admin(actor, "email")
        values["email"] = await _free_email(connection, current, str(change.email))
    if change.organization_role not in (None, current["organization_role"]):
        _require_admin(actor, "organizationRole")
        values["organization_role"] = change.organization_role
    # An invited person is not active yet, and is suspended like everybody else.
    if change.activated not in (None, current["activated"]) or (change.activated is False and current["is_invited"]):
        _require_admin(actor, "activated")
        values |= {"activated": change.activated, "is_invited": False}
    if values.get("organization_role", "ADMIN") != "ADMIN" or not values.get("activated", True):
        await _require_other_admin(connection, current)
    if values:
        await update_user(connection, current["id"], values)
    if values.get("activated"):
        await accept_invitations(connection, current["id"])
    elif "activated" in values:
        await end_sessions(connection, current["id"])
        await release_locks_of(connection, current["id"])
    if change.key is not None:
        await replace_keys(connection, user_id=current["id"], key=change.key, now=now)


async def set_password_hash(connection: Writer, user_id: str, password_hash: str) -> None:
    """Keep the hash of a new password; every session of the person ends, their API keys stay."""
    await update_user(connection, user_id, {"password_hash": password_hash})
    await end_sessions(connection, user_id)


async def activate(connection: Writer, user: Row) -> bool:
    """Activate a person who was invited or suspended; answers whether they were."""
    if user["activated"]:
        return False
    await update_user(connection, user["id"], {"activated": True, "is_invited": False})
    await accept_invitations(connection, user["id"])
    return True


async def close_account(connection: Writer, actor: Actor, user: Row) -> None:
    """Revoke every access of a user. The account stays, because labels name their author."""
    if not actor.is_organization_admin:
        raise _not_admin("delete users")
    await lock_organization(connection, user["organization_id"])
    current = await lock_user(connection, user["id"])
    if current is None:
        raise unknown_user()
    await _require_other_admin(connection, current)
    await update_user(connection, current["id"], {"activated": False, "is_invited": False, "password_hash": None})
    await revoke_keys_of(connection, current["id"])
    await end_sessions(connection, current["id"])
    await release_locks_of(connection, current["id"])


def require_account(actor: Actor, user: Row) -> None:
    """Refuse unless the visible user is oneself, or one administers the organization."""
    if user["id"] != actor.user_id and not actor.is_organization_admin:
        raise _not_admin("change the accounts of others")


def unknown_user() -> NotFound:
    """The refusal of a user who does not exist or whom the person cannot see."""
    return NotFound("[notFound] No such user is visible to you; `users` lists those who are.")


async def _insert(connection: Writer, organization_id: str, new: NewUser) -> str | None:
    """The id of the user who was added, None when the e-mail address is taken."""
    values = {
        "id": new_id(),
        "organization_id": organization_id,
        "email": new.email,
        "organization_role": new.organization_role,
        "activated": new.is_activated,
        "is_invited": not new.is_activated,
        "password_hash": new.password_hash,
        "firstname": "",
        "lastname": "",
        **new.names,
    }
    return str(values["id"]) if await insert_user(connection, values) else None


def _taken(email: str) -> Conflict:
    """The refusal of an e-mail address that another user of the organization has."""
    return Conflict(
        f"[emailTaken] This cannot be done -- This can be due to: an entity User already exists with value {email}; "
        "change it with updatePropertiesInUser | trace : false",
        email=email,
    )


async def _free_email(connection: Connection, user: Row, email: str) -> str:
    if await user_by_email(connection, user["organization_id"], email) is not None:
        raise _taken(email)
    return email


async def _require_other_admin(connection: Connection, user: Row) -> None:
    """Refuse to take the last active administrator from an organization, whose row is held."""
    is_admin = user["activated"] and user["organization_role"] == "ADMIN"
    if is_admin and not await has_other_admin(connection, user["organization_id"], user["id"]):
        raise Conflict(
            "[lastAdministrator] The organization would have no administrator left; make somebody else ADMIN first.",
            userId=user["id"],
        )


def _require_admin(actor: Actor, name: str) -> None:
    if not actor.is_organization_admin:
        raise _not_admin(f"change {name}")


def _not_admin(what: str) -> Forbidden:
    return Forbidden(
        "[noOrganizationRights] You cannot use this function because it seems that you do not have access to this "
        f"organization: only its administrators may {what}. | trace : false"
    )


def organization_role_of(text: str | None) -> str:
    """A role in an organization; USER when none is given."""
    if text not in (None, "ADMIN", "USER"):
        raise BadUserInput(f"A role in an organization is ADMIN or USER, not {text!r}.", value=text)
    return text or "USER"
