"""Labels as they are created or changed."""

from collections.abc import AsyncGenerator

import strawberry

from labelyard.resolvers.label.type import Label


@strawberry.type
class Subscription:
    """The subscriptions of the schema."""

    @strawberry.subscription
    async def labelCreatedOrUpdated(
        self, info: strawberry.Info, projectID: strawberry.ID
    ) -> AsyncGenerator[Label | None]:
        """Each label of a project when it is created or changed."""
        labels: AsyncGenerator[Label | None] = await info.context.labels_of(info, projectID)
        return labels
