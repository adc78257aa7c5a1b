"""The list of events."""

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input, check_skip, page_size
from labelyard.resolvers.call import Call
from labelyard.resolvers.enumeration import Order
from labelyard.resolvers.event.input import EventPagination, EventsWhere
from labelyard.resolvers.event.type import Event
from labelyard.resolvers.operation import query
from labelyard.storage.event import list_events
from labelyard.storage.filter.event import event_filter


@query(Action.READ)
async def events(
    call: Call, where: Input[EventsWhere], pagination: Input[EventPagination], order: Order | None = None
) -> list[Event]:
    """What happened in projects that the caller administers, for administrators of the organization in all of it; oldest first."""
    first, skip = page_size(pagination.get("first")), pagination.get("skip", 0)
    check_skip(skip)
    chosen = event_filter(where, pagination, call.actor)
    async with call.reader_for(chosen) as connection:
        rows = await list_events(
            connection, chosen.where, chosen.values, is_descending=order == "desc", first=first, skip=skip
        )
    call.context.budget.take_values(len(rows) * len(Event.__annotations__))
    return call.answer(rows)
