"""What the jobs of connections share: the person they work for, and what becomes of them when a store fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from labelyard.domain.error import ClientError
from labelyard.domain.permission import Action, Actor
from labelyard.services.credential import UnreadableCredential
from labelyard.services.data_integration.store import OpenStore, StoreAway, StoreRefused
from labelyard.services.data_integration.writing import store_address
from labelyard.services.guard import authorize
from labelyard.services.job.handler import GiveUp, RunningJob
from labelyard.services.notification import create_notification
from labelyard.storage.actor import find_actor
from labelyard.storage.data_connection import taken_connection
from labelyard.storage.data_integration import set_status
from labelyard.storage.database import Row, Writer
from labelyard.storage.origin import Origin, originating

ATTEMPTS = 5
# A store that does not answer is asked so often before the person is told.
ATTEMPTS_OF_STORE = 3


@asynccontextmanager
async def working(job: RunningJob) -> AsyncIterator[tuple[Row, Actor]]:
    """The connection of a job and the person who asked for it, whose rights are looked at again."""
    async with job.database.transaction() as connection:
        row, actor = await still_allowed(job, connection)
    with originating(Origin(user=actor.user_id, operation=job.kind)):
        yield row, actor


async def still_allowed(job: RunningJob, connection: Writer) -> tuple[Row, Actor]:
    """The connection of a job and the person who asked for it, as they are now; `GiveUp` where one of them is not what it was."""
    row = await taken_connection(connection, job.payload["connectionId"])
    actor = await find_actor(connection, job.created_by or "")
    if row is None:
        raise GiveUp("The connection, or its project, has been deleted.")
    if actor is None:
        raise GiveUp("The person who asked for this is not active any more.")
    try:
        await authorize(connection, actor, Action.CONNECT_STORAGE, row["project_id"])
    except ClientError as refusal:
        raise GiveUp(refusal.message) from refusal
    if row["allowed_projects"] and row["project_id"] not in row["allowed_projects"]:
        raise GiveUp(f"Cloud storage {row['name']} is not open for this project any more.")
    return row, actor


@asynccontextmanager
async def reading(job: RunningJob, row: Row, actor: Actor) -> AsyncIterator[OpenStore]:
    """The store of a connection. When it fails for good, the integration is noted to be disconnected and the person is told."""
    try:
        address = store_address(job.app_services.credentials, row)
    except UnreadableCredential as error:
        raise GiveUp(error.message) from error
    try:
        async with job.app_services.object_stores.opened(address) as store:
            yield store
    except (StoreRefused, StoreAway) as failure:
        if isinstance(failure, StoreAway) and job.attempt < ATTEMPTS_OF_STORE:
            raise
        await _disconnect(job, row, actor, failure)
        raise GiveUp(failure.message) from failure
    async with job.database.transaction() as connection:
        await set_status(connection, row["integration_id"], "CONNECTED")


async def _disconnect(job: RunningJob, row: Row, actor: Actor, failure: ClientError) -> None:
    async with job.database.transaction() as connection:
        await set_status(connection, row["integration_id"], "DISCONNECTED")
        message = f"Cloud storage {row['name']} of project {row['project_id']}: {failure.message}"
        await create_notification(connection, actor, None, {"message": message, "status": "FAILURE", "progress": 100})
