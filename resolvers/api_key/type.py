"""The API key as clients see it: never the key itself, which is shown once when it is made."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.object_type import column, expression, object_type, to_one
from labelyard.resolvers.scalar import DateTime

if TYPE_CHECKING:
    from labelyard.resolvers.user.type import User


@object_type("api_key")
class ApiKey:
    """A key that carries its owner's rights. `key` answers the first characters only."""

    id: strawberry.ID
    createdAt: DateTime
    expiryDate: DateTime = column("expires_at")
    key: str | None = column("hint")
    name: str | None
    revoked: bool = expression("({t}.revoked_at is not null)")
    user: Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")] | None = to_one(
        "User", on="{r}.id = {t}.user_id"
    )
    userId: strawberry.ID | None
