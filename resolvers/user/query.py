"""The caller, and other users."""

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.scalar import PageSize
from labelyard.resolvers.user.input import UserWhere
from labelyard.resolvers.user.type import User
from labelyard.storage.filter.user import user_filter


@query(Action.READ)
async def viewer(call: Call) -> User | None:
    """The user behind the API key."""
    return await call.by_id(call.actor.user_id)


@query(Action.READ, deprecated="Ask for `viewer`.")
async def me(call: Call) -> User | None:
    """The user behind the API key."""
    return await call.by_id(call.actor.user_id)


@query(Action.READ)
async def users(call: Call, where: Input[UserWhere], first: PageSize, skip: int) -> list[User] | None:
    """Users of the organization that the caller may see, oldest first."""
    return await call.page(user_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countUsers(call: Call, where: Input[UserWhere]) -> int:
    """How many users `users` lists in all."""
    return await call.count("user_account", user_filter(where))


@query(Action.READ, deprecated="Ask for `users`.")
async def getUser(call: Call, email: str | None = None) -> User | None:
    """A visible user by e-mail address, as the first clients asked."""
    return await call.first_of(user_filter({"email": email or ""}))
