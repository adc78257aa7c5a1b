"""Lists of cloud storage of organizations."""

from typing import Any

import strawberry

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.data_integration.input import DataIntegrationWhere
from labelyard.resolvers.data_integration.type import DataIntegration
from labelyard.resolvers.operation import query
from labelyard.resolvers.scalar import JSON, PageSize
from labelyard.services.data_integration.writing import folders
from labelyard.storage.filter.data_integration import (
    OF_CONNECTIONS,
    data_connection_filter,
    data_integration_filter,
)


@query(Action.READ)
async def dataIntegrations(
    call: Call, where: Input[DataIntegrationWhere], first: PageSize, skip: int
) -> list[DataIntegration] | None:
    """The cloud storage of the organization that one may connect projects to, oldest first."""
    asked = {name: value for name, value in where.items() if name not in OF_CONNECTIONS}
    return await call.page(data_integration_filter(asked), first=first, skip=skip)


@query(Action.READ)
async def countDataIntegrations(call: Call, where: Input[DataIntegrationWhere]) -> int:
    """How many integrations `dataIntegrations` lists in all; with `projectId` or `integrationId`, how many connections
    `dataConnections` lists.
    """
    if OF_CONNECTIONS & where.keys():
        asked = {name: value for name, value in where.items() if name in OF_CONNECTIONS}
        return await call.count("data_connection", data_connection_filter(asked))
    return await call.count("data_integration", data_integration_filter(where))


@query(Action.READ)
async def getFoldersAndSubfolders(
    call: Call, dataIntegrationId: strawberry.ID, rootFolder: str | None = None
) -> JSON | None:
    """The folders of a cloud storage that one may connect projects to, as objects within objects."""
    tree: Any = await folders(call.database, call.services, call.actor, dataIntegrationId, rootFolder or "")
    return tree
