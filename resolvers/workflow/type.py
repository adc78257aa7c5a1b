"""The lock as clients see it."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers.enumeration import LockType
from resolvers.scalar import DateTime
from resolvers.stored import column, one, stored
from storage.table import AssetLock

if TYPE_CHECKING:
    from resolvers.user.type import User


@stored(AssetLock)
class Lock:
    """A person has an asset open, until 30 minutes after their last draft of it."""

    id: strawberry.ID
    author: Annotated["User", strawberry.lazy("resolvers.user.type")] | None = one("User", on="{r}.id = {t}.user_id")
    authorIdCompute: strawberry.ID | None = column("user_id")
    createdAt: DateTime | None
    lockOfIdCompute: strawberry.ID | None = column("asset_id")
    lockType: LockType | None
