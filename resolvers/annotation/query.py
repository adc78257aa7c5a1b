"""The annotations of one label."""

from labelyard.domain.annotation import every_annotation_of
from labelyard.domain.permission import Action
from labelyard.resolvers.annotation.type import Annotation
from labelyard.resolvers.label.input import AnnotationWhere
from labelyard.resolvers.label.type import current_answer, interface_of, spoken_of
from labelyard.resolvers.operation import Call, Input, query
from labelyard.storage.filter.label import label_filter
from labelyard.storage.label import label_for_annotations


@query(Action.READ)
async def annotations(call: Call, where: Input[AnnotationWhere]) -> list[Annotation] | None:
    """The answers of a label that the caller may see; none when there is no such label."""
    chosen = label_filter({"id": where.get("labelId", "")}, call.actor)
    async with call.reader() as connection:
        label = await label_for_annotations(connection, chosen.where, {**call.viewer_values, **chosen.values})
    if label is None:
        return call.answer([])
    listed = every_annotation_of(
        current_answer(call, label["json_response"], label["retired_names"]),
        interface_of(label["json_interface"], label["input_type"]),
        input_type=label["input_type"],
        label_id=label["id"],
        **spoken_of(label["chat_items"]),
    )
    return call.answer(listed)
