"""Labels as they are made."""

from collections.abc import AsyncGenerator

import strawberry

from resolvers.label.type import Label


@strawberry.type
class Subscription:
    """What clients can listen to."""

    @strawberry.subscription
    async def labelCreatedOrUpdated(
        self, info: strawberry.Info, projectID: strawberry.ID
    ) -> AsyncGenerator[Label | None]:
        """Each label of a project when it is created or changed."""
        labels: AsyncGenerator[Label | None] = await info.context.labels_of(info, projectID)
        return labels
