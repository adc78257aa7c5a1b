"""Reading labels as the first clients did."""

import strawberry

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import page_size
from labelyard.resolvers.label.type import Label
from labelyard.resolvers.operation import Call, query
from labelyard.storage.filter.legacy import latest_label_filter

MAX_OF_USER = 10_000


@query(Action.READ, deprecated="Ask for `labels`.")
async def getLabel(
    call: Call, assetID: strawberry.ID | None = None, userID: strawberry.ID | None = None
) -> Label | None:
    """The newest answer of a user on an asset, or null."""
    return await call.first_of(latest_label_filter(call.actor, asset_id=assetID or "", user_id=userID or ""))


@query(Action.READ, deprecated="Ask for `labels`.")
async def getLatestLabels(
    call: Call, projectID: strawberry.ID | None = None, skip: int | None = None, first: int | None = None
) -> list[Label] | None:
    """A page of the newest answers in a project, one of each person on each asset."""
    chosen = latest_label_filter(call.actor, project_id=projectID or "")
    return await call.page(chosen, first=page_size(first), skip=skip or 0)


@query(Action.READ, deprecated="Ask for `labels`.")
async def getLatestLabelsForUser(
    call: Call, projectID: strawberry.ID | None = None, userID: strawberry.ID | None = None
) -> list[Label] | None:
    """The newest answers of a user in a project, up to 10,000."""
    chosen = latest_label_filter(call.actor, project_id=projectID or "", user_id=userID or "")
    return await call.all_of(chosen, most=MAX_OF_USER, instead="getLatestLabels")
