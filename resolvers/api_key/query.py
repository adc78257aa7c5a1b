"""Lists of API keys."""

from labelyard.domain.permission import Action
from labelyard.resolvers.api_key.input import ApiKeyWhere
from labelyard.resolvers.api_key.type import ApiKey
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.api_key import api_key_filter


@query(Action.READ)
async def apiKeys(call: Call, where: Input[ApiKeyWhere], first: PageSize, skip: int) -> list[ApiKey] | None:
    """The caller's API keys, oldest first."""
    return await call.page(api_key_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countApiKeys(call: Call, where: Input[ApiKeyWhere]) -> int:
    """How many keys `apiKeys` lists in all."""
    return await call.count("api_key", api_key_filter(where))
