"""Conditions on the statuses of assets as they are shown: an asset locked for labeling is IN_PROGRESS, and so ONGOING."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.storage.filter.condition import MAX_PATTERNS, Condition, Filter, bounded
from labelyard.storage.workflow import IS_OPENED, IS_WAITING, LABELER_LOCK, STEP_STATUS

CURRENT_NAMES = {"DOING": "IN_PROGRESS", "REDO": "REWORK"}
WAITING = frozenset({"TO_DO", "PARTIALLY_DONE", "REWORK"})
LOCKED = f"(select 1 from asset_lock al where al.asset_id = {{row}}.id and {LABELER_LOCK} and {IS_WAITING})"
LOCKED_TODO = f"""(
  select 1
  from asset_lock al
  where al.asset_id = {{row}}.id
    and {LABELER_LOCK}
    and {IS_WAITING}
    and {{row}}.status = 'TODO'
)"""
# The list of ids, asked once in a statement, lets indexes find the few that are open beside those with a stored status. Where rows
# are walked instead, a look-up among the locks comes before the list, which would be compared from end to end.
OPENED = f"{IS_OPENED} and {{row}}.id = any(array(select al.asset_id from asset_lock al where {LABELER_LOCK}))"


def status_in(filters: Filter, values: Sequence[str], alias: str) -> None:
    """The status is one of a list."""
    statuses = [str(value) for value in bounded(values)]
    stored = _stored_in(filters, "status", statuses, alias)
    if ("TODO" in statuses) == ("ONGOING" in statuses):
        filters.require(stored)
    elif "TODO" in statuses:
        filters.require(stored)
        filters.require(f"not exists {LOCKED_TODO.format(row=alias)}")
    else:
        filters.require(f"{stored} or ({OPENED.format(row=alias)})")


def step_status(operator: str) -> Condition:
    """The status in the step is one of a list, or with `not` is none of it."""

    def condition(filters: Filter, values: Sequence[str], alias: str) -> None:
        names = {CURRENT_NAMES.get(value, str(value)) for value in bounded(values)}
        stored = _stored_in(filters, "step_status", sorted(names), alias)
        if "IN_PROGRESS" in names:
            shown = stored if names.issuperset(WAITING) else f"{stored} or ({OPENED.format(row=alias)})"
        else:
            shown = stored if names.isdisjoint(WAITING) else f"{stored} and not exists {LOCKED.format(row=alias)}"
        filters.require(f"{operator} coalesce({shown}, false)" if operator else shown)

    return condition


def step_and_status(*, is_not: bool) -> Condition:
    """Step and status in it are one of a list of pairs, or with `is_not` none of it."""

    def condition(filters: Filter, values: Sequence[Mapping[str, Any]], alias: str) -> None:
        steps = filters.value(bounded([str(value["stepId"]) for value in values]))
        statuses = filters.value([CURRENT_NAMES.get(value["status"], str(value["status"])) for value in values])
        shown = STEP_STATUS.format(row=alias)
        filters.is_heavy |= len(values) > MAX_PATTERNS
        # The pairs are hashed once in a statement; the status is computed once for a row, and only in one of the steps.
        is_one = f"""{alias}.current_step_id = any({steps})
        and ({alias}.current_step_id, {shown}) in (
          select wanted.step, wanted.status
          from unnest({steps}::text[], {statuses}::text[]) wanted(step, status)
        )"""
        # Null is compared with every pair, so it is not compared at all.
        is_other = f"{alias}.current_step_id is null or not coalesce({is_one}, false)"
        filters.require(is_other if is_not else is_one)

    return condition


def _stored_in(filters: Filter, column: str, values: Sequence[str], alias: str) -> str:
    if len(values) == 1:  # plain equality lets an index that begins with the column serve the order of the page
        return f"{alias}.{column} = {filters.value(values[0])}"
    return f"{alias}.{column} = any({filters.value(values)})"
