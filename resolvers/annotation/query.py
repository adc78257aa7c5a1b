"""The annotations of one label."""

from domain.permission import Action
from resolvers.annotation.type import Annotation
from resolvers.label.input import AnnotationWhere
from resolvers.label.type import annotations as annotations_of_label
from resolvers.operation import Call, Finished, Input, query
from resolvers.selection import selection_of
from storage.filter.label import choose_labels
from storage.label import label_for_annotations
from storage.plan.tree import shape


@query(Action.READ)
async def annotations(call: Call, where: Input[AnnotationWhere]) -> list[Annotation] | None:
    """The answers of a label that the caller may see; none when there is no such label."""
    chosen = choose_labels({"id": where.get("labelId", "")}, call.actor)
    async with call.reader() as connection:
        label = await label_for_annotations(connection, chosen.where, {**call.viewer_values, **chosen.values})
    if label is None:
        return Finished([])
    found = annotations_of_label(
        call, label["id"], label["json_response"], label["json_interface"], label["input_type"]
    )
    return Finished(shape(found, selection_of(call.info), "Annotation"))
