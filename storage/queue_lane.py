"""What of a project waits in its queue, and the lanes of the index `asset_queue`, as SQL about a row (`storage.asset_queue`)."""

from __future__ import annotations

IN_QUEUE = """(
  not {row}.skipped
  and case
    when {row}.current_step_id is null then {row}.status in ('TODO', 'ONGOING', 'TO_REVIEW')
    else {row}.step_status in ('TO_DO', 'REWORK', 'IN_PROGRESS', 'PARTIALLY_DONE')
  end
)"""
LANE = "coalesce({row}.current_step_id, {row}.status)"
IS_BEGUN = "({row}.is_used_for_consensus and {row}.status = 'ONGOING')"
# Laid out as PostgreSQL does it, so that the test of the migrations finds it the same.
ASSIGNEE = """coalesce(
case
    when {row}.status = 'TO_REVIEW' then {row}.reviewing_assignee
    else {row}.labeling_assignee
end, '')"""
SEVERAL = "*"
"""Stands for the assignees of an asset that has several."""
