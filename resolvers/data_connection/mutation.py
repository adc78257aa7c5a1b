"""Connecting projects to cloud storage, and bringing the two in line."""

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.data_connection.input import (
    DataConnectionComputeDifferencesPayload,
    DataConnectionIdWhere,
    DataConnectionInput,
    ValidateDataDifferencesWhere,
)
from labelyard.resolvers.data_connection.type import DataConnection
from labelyard.resolvers.operation import mutation
from labelyard.services.data_connection.writing import add_connection, start_application, start_comparison
from labelyard.storage.database import Writer


@mutation(Action.CONNECT_STORAGE)
async def addDataConnection(call: Call, writer: Writer, data: Input[DataConnectionInput]) -> DataConnection | None:
    """Have a project take assets from a cloud storage of the organization, or from a part of it."""
    await call.authorize(data["projectId"])
    connection_id = await add_connection(writer, call.actor, data)
    return call.after_commit(call.by_id, connection_id)


@mutation(Action.CONNECT_STORAGE)
async def computeDifferences(
    call: Call,
    writer: Writer,
    where: Input[DataConnectionIdWhere],
    data: Input[DataConnectionComputeDifferencesPayload] | None = None,
) -> DataConnection | None:
    """Begin to compare a cloud storage with the assets of a project; `isChecking` says when that is done."""
    connection_id = await start_comparison(writer, call.actor, where["id"], data)
    return call.after_commit(call.by_id, connection_id)


@mutation(Action.CONNECT_STORAGE)
async def validateDataDifferences(
    call: Call,
    writer: Writer,
    where: Input[ValidateDataDifferencesWhere],
    processingParameters: str | None = None,
) -> DataConnection | None:
    """Begin to add or to remove the assets in which a cloud storage and a project differ, as the last comparison has found."""
    connection_id = await start_application(
        writer, call.actor, where["connectionId"], str(where["type"]), processingParameters
    )
    return call.after_commit(call.by_id, connection_id)
