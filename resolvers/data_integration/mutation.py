"""Adding, changing and removing cloud storage of organizations."""

import strawberry

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.data_integration.input import DataIntegrationData, DataIntegrationWhere
from labelyard.resolvers.data_integration.type import DataIntegration
from labelyard.resolvers.operation import mutation
from labelyard.services.data_integration.writing import (
    add_integration,
    change_integration,
    check_change,
    check_new,
    remove_integration,
)
from labelyard.storage.database import Writer


@mutation(Action.MANAGE_STORAGE, own_transaction="asks the store first", waits_for_others=True)
async def createDataIntegration(call: Call, data: Input[DataIntegrationData]) -> DataIntegration | None:
    """Add cloud storage to the organization, once it has been read. Its credentials are kept sealed, and shown to nobody."""
    checked = await check_new(call.services, call.actor, data)
    async with call.transaction() as writer:
        identifier = await add_integration(writer, call.services.credentials, call.actor, checked)
    return await call.by_id(identifier)


@mutation(Action.MANAGE_STORAGE, own_transaction="asks the store first", waits_for_others=True)
async def updatePropertiesInDataIntegration(
    call: Call, data: Input[DataIntegrationData], where: Input[DataIntegrationWhere]
) -> DataIntegration | None:
    """Change cloud storage of the organization; what is left out or null stays. It is read anew when its address or its
    credentials change, or when `status` is sent.
    """
    checked = await check_change(call.database, call.services, call.actor, where, data)
    async with call.transaction() as writer:
        identifier = await change_integration(writer, call.services.credentials, call.actor, where, checked)
    return await call.by_id(identifier)


@mutation(Action.MANAGE_STORAGE)
async def deleteDataIntegration(call: Call, writer: Writer, where: Input[DataIntegrationWhere]) -> strawberry.ID | None:
    """Remove cloud storage of the organization, with the connections of projects to it; refused while assets are in it."""
    return strawberry.ID(await remove_integration(writer, call.actor, where))
