"""The state of assets computed anew from what is left on them: after deletions, and when it changes how many labels they need."""

from __future__ import annotations

from collections.abc import Sequence

from domain.workflow import recomputed
from services.state import histories_of, moved_values, state_of, workflow_of
from storage.database import Connection
from storage.label import label_histories, lock_assets, move_assets, workflow_row


async def settle_states(connection: Connection, project_id: str, asset_ids: Sequence[str]) -> None:
    """Give assets of one project the states that their labels justify; they stay locked until the transaction ends."""
    settings = await workflow_row(connection, project_id)
    if settings is None or not asset_ids:
        return
    workflow = workflow_of(settings)
    locked = await lock_assets(connection, asset_ids)
    histories = histories_of(settings, await label_histories(connection, asset_ids))
    moved = []
    for asset_id, row in locked.items():
        before = state_of(row)
        after = recomputed(before, histories[asset_id], workflow)
        if after != before:
            moved.append(after)
    if moved:
        await move_assets(connection, moved_values(moved))
