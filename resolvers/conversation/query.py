"""Lists of messages of conversations."""

from labelyard.domain.conversation import MAX_CHAT_ITEMS
from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.conversation.input import ChatItemsWhere
from labelyard.resolvers.conversation.type import ChatItem
from labelyard.resolvers.operation import query
from labelyard.storage.filter.conversation import chat_item_filter


@query(Action.READ)
async def chatItems(call: Call, where: Input[ChatItemsWhere]) -> list[ChatItem]:
    """The messages of an asset that the caller may see, in the order in which they were written."""
    if "assetId" not in where:
        raise BadUserInput("Name the asset: `where: {assetId: …}`.", field="where.assetId")
    return await call.page(chat_item_filter(where["assetId"]), first=MAX_CHAT_ITEMS, skip=0)
