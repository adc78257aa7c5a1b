"""Recomputing the states of assets from what is left on them: after deletions, and when the number of labels they need changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.workflow import CONSENSUS, AssetState, ends_send_back, recomputed
from labelyard.services.workflow.state import histories_of, moved_values, state_of, workflow_of
from labelyard.storage.consensus import begun_in_consensus, redistribute
from labelyard.storage.database import Row, Writer
from labelyard.storage.label import label_histories, lock_assets, move_assets, workflow_row
from labelyard.storage.mark_request import request_project_marks
from labelyard.storage.project import update_project
from labelyard.storage.workflow import flag_sent_back


async def write_project_settings(connection: Writer, project: Row, values: Mapping[str, Any]) -> None:
    """Write settings of a project that is locked; `project` is its row from before.

    Assets follow the share that is labeled several times and the number of labels that these need, by whichever operation they
    were changed: nothing else writes a project's settings.
    """
    await update_project(connection, project["id"], values)
    coverage = values.get("consensus_tot_coverage", project["consensus_tot_coverage"])
    if coverage != project["consensus_tot_coverage"]:
        await redistribute(connection, project["id"], draw=CONSENSUS, coverage=int(coverage))
        await request_project_marks(connection, project["id"])
    if values.get("min_consensus_size", project["min_consensus_size"]) != project["min_consensus_size"]:
        await settle_states(connection, project["id"], await begun_in_consensus(connection, project["id"]))


async def settle_states(connection: Writer, project_id: str, asset_ids: Sequence[str]) -> None:
    """Give assets of one project the states that their labels justify; they stay locked until the transaction ends."""
    settings = await workflow_row(connection, project_id)
    if settings is None or not asset_ids:
        return
    workflow = workflow_of(settings)
    locked = await lock_assets(connection, asset_ids)
    histories = histories_of(settings, await label_histories(connection, asset_ids))
    settled = {asset_id: recomputed(state_of(row), histories[asset_id], workflow) for asset_id, row in locked.items()}
    moved = [after for asset_id, after in settled.items() if after != state_of(locked[asset_id])]
    if moved:
        await move_assets(connection, moved_values(moved))
    waiting = [asset_id for asset_id, after in settled.items() if _waits(locked[asset_id], after)]
    if waiting:
        await flag_sent_back(connection, waiting)


def _waits(row: Row, after: AssetState) -> bool:
    """Whether an asset waits to be done again, because what completed it may be gone."""
    return row["sent_back_at"] is not None and not ends_send_back(after, row["sent_back_step_id"])
