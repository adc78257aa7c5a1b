"""Making API keys. Their text is chosen by the client, and never answered."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from labelyard.domain.permission import Action
from labelyard.resolvers.api_key.input import AppendToApiKeysData, UpdateApiKeyData
from labelyard.resolvers.api_key.type import ApiKey
from labelyard.resolvers.argument import one_form
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.user.input import UserWhere
from labelyard.resolvers.user.mutation import account_named
from labelyard.resolvers.user.type import User
from labelyard.services.api_key import add_chosen_key, replace_keys
from labelyard.storage.database import Writer


@mutation(Action.MANAGE_OWN_ACCOUNT)
async def appendToApiKeys(
    call: Call, writer: Writer, data: Input[AppendToApiKeysData], where: Input[UserWhere]
) -> ApiKey | None:
    """Add a key to one's own account, or as an administrator to that of somebody else; it is valid for a year."""
    user = await account_named(call, writer, where)
    key_id = await add_chosen_key(writer, user_id=user["id"], name=data["name"], key=data["key"], now=datetime.now(UTC))
    return call.after_commit(call.by_id, key_id)


@mutation(Action.MANAGE_OWN_ACCOUNT, deprecated="Ask for `appendToApiKeys`.")
async def updateApiKey(
    call: Call,
    writer: Writer,
    data: Input[UpdateApiKeyData] | None = None,
    where: Input[UserWhere] | None = None,
    email: str | None = None,
    newApiKey: str | None = None,
) -> User | None:
    """Make a key the only one of one's own account, or as an administrator of somebody else's; all others are revoked."""
    key = one_form(data, {"newApiKey": newApiKey})["newApiKey"]
    named: Mapping[str, Any] = where if where is not None else {"email": email or ""}
    user = await account_named(call, writer, named)
    await replace_keys(writer, user_id=user["id"], key=key, now=datetime.now(UTC))
    return call.after_commit(call.by_id, user["id"])
