"""The first start: an organization, its administrator, and a key that is shown once."""

from __future__ import annotations

from datetime import datetime

from labelyard.domain.text import email_of
from labelyard.services.api_key import add_key, new_key
from labelyard.services.identity import new_id
from labelyard.storage.advisory_lock import AdvisoryLock, take_transaction_lock
from labelyard.storage.database import Writer
from labelyard.storage.organization import insert_organization
from labelyard.storage.user import has_users, insert_user


async def has_no_users(connection: Writer) -> bool:
    """Whether there is no user at all; until the transaction ends, no other process makes the first one."""
    await take_transaction_lock(connection, AdvisoryLock.FIRST_START)
    return not await has_users(connection)


async def first_start(
    connection: Writer, *, email: str, organization: str, key: str | None, now: datetime
) -> str | None:
    """Create the first administrator if there is no user at all; answers the key, None when there was somebody."""
    if not await has_no_users(connection):
        return None
    organization_id, user_id = new_id(), new_id()
    await insert_organization(connection, identifier=organization_id, name=organization)
    await insert_user(
        connection,
        {
            "id": user_id,
            "organization_id": organization_id,
            "email": email_of(email),
            "firstname": "First",
            "lastname": "Administrator",
            "organization_role": "ADMIN",
        },
    )
    first_key = key or new_key()
    await add_key(connection, user_id=user_id, name="first key", key=first_key, now=now)
    return first_key
