"""Editing labels."""

from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import present
from labelyard.resolvers.enumeration import LabelType
from labelyard.resolvers.label.input import LabelData, LabelWhere
from labelyard.resolvers.label.type import Label
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.services.label.update import edit_label


async def edit(call: Call, label_id: str | None, data: Input[LabelData] | dict[str, object]) -> Any:
    """Check and write an edit, and answer the label."""
    if not label_id:
        raise BadUserInput("Name the label: `where: {id: …}`.", field="where.id")
    edited = await edit_label(call.context.database, call.services, call.actor, label_id, data)
    call.warn(edited.warnings)
    return await call.by_id(label_id)


@mutation(Action.SUBMIT_LABELS, own_transaction="checks the answer first, and again when it was overtaken")
async def updatePropertiesInLabel(call: Call, data: Input[LabelData], where: Input[LabelWhere]) -> Label | None:
    """Edit a label in place; what is null stays as it is."""
    return await edit(call, where.get("id"), data)


@mutation(Action.SUBMIT_LABELS, own_transaction="checks the answer first, and again when it was overtaken")
async def updateLabel(
    call: Call,
    labelID: strawberry.ID | None = None,
    labelAssetID: strawberry.ID | None = None,
    reviewAssetID: strawberry.ID | None = None,
    authorID: strawberry.ID | None = None,
    labelType: LabelType | None = None,
    jsonResponse: str | None = None,
    secondsToLabel: float | None = None,
) -> Label | None:
    """Edit a label as the first clients did; its asset, author and type stay as they are."""
    del labelAssetID, reviewAssetID, authorID, labelType
    return await edit(call, labelID, present({"jsonResponse": jsonResponse, "secondsToLabel": secondsToLabel}))
