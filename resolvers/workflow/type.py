"""The lock as clients see it."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.enumeration import LockType
from labelyard.resolvers.object_type import column, expression, object_type, to_one
from labelyard.resolvers.scalar import DateTime
from labelyard.storage.scope import LOCK_MINUTES

if TYPE_CHECKING:
    from labelyard.resolvers.user.type import User


@object_type("asset_lock")
class Lock:
    """A person has an asset open, until 30 minutes after their last draft of it."""

    id: strawberry.ID
    author: Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")] | None = to_one(
        "User", on="{r}.id = {t}.user_id"
    )
    authorIdCompute: strawberry.ID | None = column("user_id")
    createdAt: DateTime | None
    expiresAt: DateTime | None = expression(f"{{t}}.renewed_at + interval '{LOCK_MINUTES} minutes'", is_timestamp=True)
    lockOfIdCompute: strawberry.ID | None = column("asset_id")
    lockType: LockType | None
