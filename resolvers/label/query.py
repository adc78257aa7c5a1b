"""Lists of labels."""

from labelyard.domain.permission import Action
from labelyard.resolvers.label.input import LabelWhere
from labelyard.resolvers.label.type import Label
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.label import label_filter


@query(Action.READ)
async def labels(call: Call, where: Input[LabelWhere], first: PageSize, skip: int) -> list[Label] | None:
    """Labels that the caller may see, in the order of their creation."""
    return await call.page(label_filter(where, call.actor), first=first, skip=skip)


@query(Action.READ)
async def countLabels(call: Call, where: Input[LabelWhere]) -> int:
    """How many labels `labels` lists in all."""
    return await call.count("label", label_filter(where, call.actor))
