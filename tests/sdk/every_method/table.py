"""All rows of all rooms."""

from __future__ import annotations

from tests.sdk.every_method.rooms import (
    asset,
    asset_import,
    dataset,
    default,
    event,
    export,
    issue,
    label,
    local,
    member,
    model,
    organization,
    plugin,
    project,
    storage,
    tag,
    user,
    workflow,
)
from tests.sdk.every_method.row import Row

ROOMS = (
    asset,
    asset_import,
    dataset,
    default,
    event,
    export,
    issue,
    label,
    local,
    member,
    model,
    organization,
    plugin,
    project,
    storage,
    tag,
    user,
    workflow,
)
ROWS: list[Row] = [one for room in ROOMS for one in room.ROWS]


def methods(release: str) -> set[str]:
    """The methods that the tables call in a release."""
    return {method for one in ROWS for method in one.calls(release)}
