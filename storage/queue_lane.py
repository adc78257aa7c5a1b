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
# Lines are broken, and parentheses stand, where PostgreSQL has them, so that the test of the migrations finds the same.
ASSIGNEE = """coalesce(
case
    when {row}.status = 'TO_REVIEW' then {row}.reviewing_assignee
    else {row}.labeling_assignee
end, '')"""
# All of these in one number, which makes entries a fifth as long and their order cheap. Two lanes may share one: whoever walks a lane
# compares what it is made of, too.
NUMBER = (
    "hashtextextended(((({project} || '/') || {lane}) || '/') || {assignee}, "
    "({is_begun}::int + 2 * {is_honeypot}::int)::bigint)"
)
NUMBER_OF_ROW = NUMBER.format(
    project="{row}.project_id", lane=LANE, assignee=ASSIGNEE, is_begun=IS_BEGUN, is_honeypot="{row}.is_honeypot"
)
SEVERAL = "*"
"""Stands for the assignees of an asset that has several."""
