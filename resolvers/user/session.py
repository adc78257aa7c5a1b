"""Logging in with an e-mail address and a password, as clients did before there were keys."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.call import CompletedValue
from labelyard.resolvers.object_type import object_type
from labelyard.resolvers.operation import Call, mutation
from labelyard.resolvers.selection import selection_of
from labelyard.services.login import sign_in, sign_out
from labelyard.storage.database import Writer

if TYPE_CHECKING:
    from labelyard.resolvers.user.type import User


@object_type(None)
class AuthPayload:
    """A session: `token` is sent back as `Authorization: Bearer: <token>` and is good for 12 hours."""

    id: strawberry.ID
    token: str
    user: Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")]


@mutation(
    Action.MANAGE_OWN_ACCOUNT,
    own_transaction="counts the attempt, and compares and hashes the password, before it opens the session",
    is_public=True,
)
async def signIn(call: Call, email: str | None = None, password: str | None = None) -> AuthPayload | None:
    """Log in, and answer a token and who one is."""
    if email is None or password is None:
        raise BadUserInput("Give an e-mail address and a password.", field="email" if email is None else "password")
    login = await sign_in(
        call.context.database,
        call.services.passwords,
        email=email,
        password=password,
        address=call.context.address,
    )
    leaves = {"id": login.id, "token": login.token, "__typename": "AuthPayload"}
    person = call.as_(login.actor)
    answer: Any = CompletedValue({})
    for field in selection_of(call.info):
        is_leaf = field.children is None
        answer.value[field.key] = (
            leaves[field.name] if is_leaf else await person.object_below(field, login.actor.user_id)
        )
    return answer


@mutation(Action.MANAGE_OWN_ACCOUNT)
async def signOut(call: Call, writer: Writer) -> bool:
    """End the session whose token this is called with, and answer true; other sessions and keys stay. API keys are refused."""
    await sign_out(writer, call.actor)
    return True
