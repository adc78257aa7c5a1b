"""Lists of connections of projects to cloud storage."""

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.data_connection.input import DataConnectionIdWhere, DataConnectionsWhere
from labelyard.resolvers.data_connection.type import DataConnection
from labelyard.resolvers.operation import query
from labelyard.resolvers.scalar import PageSize
from labelyard.services.data_connection.writing import unknown_connection
from labelyard.storage.filter.data_integration import data_connection_filter


@query(Action.READ)
async def dataConnections(
    call: Call, where: Input[DataConnectionsWhere], first: PageSize, skip: int
) -> list[DataConnection] | None:
    """The connections of visible projects to cloud storage, oldest first; of one project or one integration, or all."""
    return await call.page(data_connection_filter(where), first=first, skip=skip)


@query(Action.READ)
async def dataConnection(call: Call, where: Input[DataConnectionIdWhere]) -> DataConnection | None:
    """One connection of a project to cloud storage; there being no such connection is an error."""
    found = await call.first_of(data_connection_filter({"id": where["id"]}))
    if found is None:
        raise unknown_connection(where["id"])
    return found
