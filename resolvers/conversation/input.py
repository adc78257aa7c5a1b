"""What clients send about this room. Every key that may be absent may be null, which means the same."""

import strawberry

from labelyard.resolvers.enumeration import ChatItemRole, LabelType, Status
from labelyard.resolvers.scalar import JSON


@strawberry.input
class ChatItemsWhere:
    """Which messages."""

    assetId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class CreateLLMAssetData:
    """A new conversation."""

    authorId: strawberry.ID | None = strawberry.UNSET
    status: Status | None = strawberry.UNSET
    labelType: LabelType | None = strawberry.UNSET


@strawberry.input
class CreateChatItemData:
    """A new message."""

    content: str
    role: ChatItemRole
    labelId: strawberry.ID | None = strawberry.UNSET
    parentId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class ImportConversationsData:
    """Conversations that have been held elsewhere."""

    conversations: list[JSON]
