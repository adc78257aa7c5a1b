"""Deleting labels."""

import strawberry

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, mutation
from labelyard.services.label.update import remove_labels


@mutation(Action.DELETE_LABELS)
async def deleteLabels(call: Call, ids: list[strawberry.ID]) -> list[strawberry.ID] | None:
    """Delete labels and answer the ids of those that were there."""
    async with call.transaction() as connection:
        deleted = await remove_labels(connection, call.actor, ids)
    return [strawberry.ID(identifier) for identifier in deleted]
