"""What clients send about this room. Every key may be absent or null, which means the same."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from labelyard.resolvers.user.input import UserWhere


@strawberry.input
class ApiKeyWhere:
    """Which of the caller's keys; `key` is the text of a key."""

    id: strawberry.ID | None = strawberry.UNSET
    key: str | None = strawberry.UNSET
    user: Annotated["UserWhere", strawberry.lazy("labelyard.resolvers.user.input")] | None = strawberry.UNSET


@strawberry.input
class AppendToApiKeysData:
    """A key that the client has made up, and what it is called."""

    key: str
    name: str


@strawberry.input
class UpdateApiKeyData:
    """The key that takes the place of all others."""

    newApiKey: str
