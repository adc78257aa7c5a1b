"""Deleting labels."""

import strawberry

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, mutation
from labelyard.services.label.update import remove_labels
from labelyard.storage.database import Writer


@mutation(Action.DELETE_LABELS)
async def deleteLabels(call: Call, writer: Writer, ids: list[strawberry.ID]) -> list[strawberry.ID] | None:
    """Delete labels and answer the ids of those that were there."""
    deleted = await remove_labels(writer, call.actor, ids)
    return [strawberry.ID(identifier) for identifier in deleted]
