"""Making API keys. Their text is chosen by the client, and never answered."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.error import BadUserInput
from domain.permission import Action
from resolvers.api_key.input import AppendToApiKeysData, UpdateApiKeyData
from resolvers.api_key.type import ApiKey
from resolvers.operation import Call, Input, mutation
from resolvers.user.input import UserWhere
from resolvers.user.mutation import account_named
from resolvers.user.type import User
from services.api_key import add_chosen_key, replace_keys


@mutation(Action.MANAGE_OWN_ACCOUNT)
async def appendToApiKeys(call: Call, data: Input[AppendToApiKeysData], where: Input[UserWhere]) -> ApiKey | None:
    """Add a key to one's own account, or as an administrator to that of somebody else; it is valid for a year."""
    async with call.transaction() as connection:
        user = await account_named(call, connection, where)
        key_id = await add_chosen_key(
            connection, user_id=user["id"], name=data["name"], key=data["key"], now=datetime.now(UTC)
        )
    return await call.by_id(key_id)


@mutation(Action.MANAGE_OWN_ACCOUNT, deprecated="Ask for `appendToApiKeys`.")
async def updateApiKey(
    call: Call,
    data: Input[UpdateApiKeyData] | None = None,
    where: Input[UserWhere] | None = None,
    email: str | None = None,
    newApiKey: str | None = None,
) -> User | None:
    """Make a key the only one of one's own account, or as an administrator of somebody else's; all others are revoked."""
    if (data is None) == (newApiKey is None):
        raise BadUserInput("Give either `data` or the single arguments of older clients, and not both.", field="data")
    named: Mapping[str, Any] = where if where is not None else {"email": email or ""}
    async with call.transaction() as connection:
        user = await account_named(call, connection, named)
        key = data["newApiKey"] if data is not None else str(newApiKey)
        await replace_keys(connection, user_id=user["id"], key=key, now=datetime.now(UTC))
    return await call.by_id(user["id"])
