"""Messages of conversations, as clients see them."""

import strawberry

from labelyard.resolvers.enumeration import ChatItemRole
from labelyard.resolvers.object_type import object_type
from labelyard.resolvers.scalar import DateTime


@object_type("chat_item")
class ChatItem:
    """A message of a conversation."""

    id: strawberry.ID
    content: str
    createdAt: DateTime | None
    externalId: str | None
    labelId: strawberry.ID | None
    modelId: strawberry.ID | None
    modelName: str | None
    parentId: strawberry.ID | None
    role: ChatItemRole


@object_type(None)
class ImportWarning:
    """A conversation that was not imported, and why."""

    type: str | None
    details: str | None
    externalId: str | None
    lineNumber: int | None


@object_type(None)
class ImportConversationsResult:
    """What became of an import of conversations."""

    numberOfUploadedAssets: int
    warnings: list[ImportWarning]
