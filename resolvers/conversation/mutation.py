"""Importing conversations, beginning them, and going on with them."""

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.asset.input import AssetWhere
from labelyard.resolvers.asset.type import Asset
from labelyard.resolvers.call import Call
from labelyard.resolvers.conversation.input import CreateChatItemData, CreateLLMAssetData, ImportConversationsData
from labelyard.resolvers.conversation.type import ChatItem, ImportConversationsResult
from labelyard.resolvers.operation import mutation
from labelyard.resolvers.project.input import ProjectWhere
from labelyard.services.conversation.beginning import begin_conversation
from labelyard.services.conversation.importing import import_conversations
from labelyard.services.conversation.reply import add_message


@mutation(Action.CHANGE_ASSETS, own_transaction="checks the conversations first")
async def importConversations(
    call: Call, data: Input[ImportConversationsData], where: Input[ProjectWhere]
) -> ImportConversationsResult:
    """Import conversations with their labels; one that is not fit is left out, with a warning."""
    project_id = _project_of(where)
    await call.authorize(project_id)
    count, warnings = await import_conversations(
        call.database, call.services, call.actor, project_id, data["conversations"]
    )
    return call.answer({"numberOfUploadedAssets": count, "warnings": warnings})


@mutation(Action.CHANGE_ASSETS, own_transaction="begins again when its label was overtaken")
async def createLLMAsset(call: Call, data: Input[CreateLLMAssetData], where: Input[ProjectWhere]) -> Asset | None:
    """Begin a conversation: an asset with a label, whose messages follow by `createChatItem`."""
    project_id = _project_of(where)
    await call.authorize(project_id)
    asset_id = await begin_conversation(call.database, call.services, call.actor, project_id, data)
    return await call.by_id(asset_id)


@mutation(Action.SUBMIT_LABELS, own_transaction="asks the models first", waits_for_others=True)
async def createChatItem(
    call: Call, data: Input[CreateChatItemData], where: Input[AssetWhere]
) -> list[ChatItem] | None:
    """Add a message to a conversation; the models answer a message of USER. Answers the message and theirs."""
    if where.keys() != {"id"}:
        raise BadUserInput("Name the conversation by its asset, and nothing else: `where: {id: …}`.", field="where")
    return await call.by_ids(await add_message(call.database, call.services, call.actor, where["id"], data))


def _project_of(where: Input[ProjectWhere]) -> str:
    if where.keys() != {"id"}:
        raise BadUserInput("Name the project, and nothing else: `where: {id: …}`.", field="where.id")
    return str(where["id"])
