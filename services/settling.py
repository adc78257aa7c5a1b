"""The state of assets computed anew from what is left on them: after deletions, and when it changes how many labels they need."""

from __future__ import annotations

from collections.abc import Sequence

from domain.workflow import AssetState, ends_send_back, recomputed
from services.state import histories_of, moved_values, state_of, workflow_of
from storage.database import Row, Writer
from storage.label import label_histories, lock_assets, move_assets, workflow_row
from storage.workflow import flag_sent_back


async def settle_states(connection: Writer, project_id: str, asset_ids: Sequence[str]) -> None:
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
        # What made an asset done after a send-back is gone: it waits to be done again.
        await flag_sent_back(
            connection, [after.asset_id for after in moved if _waits_again(locked[after.asset_id], after)]
        )


def _waits_again(row: Row, after: AssetState) -> bool:
    if row["sent_back_at"] is None:
        return False
    before, step_id = state_of(row), row["sent_back_step_id"]
    return ends_send_back(before, step_id) and not ends_send_back(after, step_id)
