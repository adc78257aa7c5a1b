"""Counts that are known without looking at the rows: of whole projects, by status, skipped or not, by type of label.

What triggers have counted (`storage.table.tally`) is the same at any moment as what a count of the rows would find. It is asked
instead where a `where` asks for no more than that, and nothing of it is hidden from the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage import scope
from labelyard.storage.workflow import IS_OPENED, LABELER_LOCK

BY_STATUS = {
    "TODO": "t.todo",
    "ONGOING": "t.ongoing",
    "LABELED": "t.labeled",
    "TO_REVIEW": "t.to_review",
    "REVIEWED": "t.assets - t.todo - t.ongoing - t.labeled - t.to_review",
}
BY_TYPE = {
    "DEFAULT": "t.default_labels",
    "REVIEW": "t.labels - t.default_labels",
    "PREDICTION": "t.predictions",
    "INFERENCE": "t.inferences",
    "AUTOSAVE": "t.drafts",
}
ALL_LABELS = "t.labels + t.predictions + t.inferences + t.drafts"
# What is stored as TODO and shown as ONGOING, because a labeler has it open.
OPENED = f"""(
  select count(*)
  from asset t
  where t.id = any(array(select al.asset_id from asset_lock al where {LABELER_LOCK}))
    and t.status = 'TODO'
    and {IS_OPENED.format(row="t")}
    and {{projects}}
)"""


def counted_assets(where: Mapping[str, Any], actor: Actor, projects: str) -> str:
    """The statement that tells how many assets a `where` asks for; empty when it takes the rows to know.

    `projects` is the condition on the project of a row `t`.
    """
    rest = _rest(where, actor)
    if rest is None:
        return ""
    opened = OPENED.format(projects=projects)
    match rest:
        case {"skipped": bool(skipped), **others} if not others:
            return _sum_of("t.skipped" if skipped else "t.assets - t.skipped", "asset_tally", projects)
        case {"statusIn": statuses, **others} if not others:
            asked = {str(status) for status in statuses}
            total = _sum_of(" + ".join(BY_STATUS[status] for status in sorted(asked)) or "0", "asset_tally", projects)
            if ("TODO" in asked) == ("ONGOING" in asked):
                return total
            return f"{total} - {opened}" if "TODO" in asked else f"{total} + {opened}"
        case {**others} if not others:
            return _sum_of("t.assets", "asset_tally", projects)
        case _:
            return ""


def counted_labels(where: Mapping[str, Any], actor: Actor, projects: str) -> str:
    """The statement that tells how many labels a `where` asks for; empty when it takes the rows to know."""
    rest = _rest(where, actor)
    if rest is None or rest.keys() - {"typeIn"}:
        return ""
    if "typeIn" not in rest:
        return _sum_of(ALL_LABELS, "label_tally", projects)
    asked = sorted({str(label_type) for label_type in rest["typeIn"]})
    return _sum_of(" + ".join(BY_TYPE[label_type] for label_type in asked) or "0", "label_tally", projects)


def _rest(where: Mapping[str, Any], actor: Actor) -> dict[str, Any] | None:
    """What a `where` asks for beside a project; None where rows are hidden, or the project is more than named."""
    project = where.get("project", {})
    if project.keys() - {"id"}:
        return None
    hidden = scope.labeler_projects(actor)
    if hidden and (project.get("id") is None or project["id"] in hidden):
        return None
    return {key: value for key, value in where.items() if key != "project"}


def _sum_of(columns: str, table: str, projects: str) -> str:
    return f"select coalesce((select sum({columns}) from {table} t where {projects}), 0)::bigint"
