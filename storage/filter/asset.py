"""`AssetWhere`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage import scope
from labelyard.storage.filter.condition import (
    MAX_PATTERNS,
    Filter,
    FilterTable,
    apply,
    bounded,
    contains_pattern,
    equals,
    from_timestamp,
    mark_from,
    mark_to,
    nested,
    none_of,
    one_of,
    to_timestamp,
)
from labelyard.storage.filter.dataset import made_of_dataset_asset
from labelyard.storage.filter.label import LABEL_CONDITIONS, label_probe, require_label
from labelyard.storage.filter.metadata import metadata_condition
from labelyard.storage.filter.project import in_project
from labelyard.storage.filter.standing import status_in, step_and_status, step_status
from labelyard.storage.filter.tallied import counted_assets
from labelyard.storage.plan.page_bookmark import list_key


def _external_id(filters: Filter, values: Sequence[str], alias: str) -> None:
    """One of the texts is contained; case does not matter."""
    patterns = filters.value([contains_pattern(value) for value in bounded(values)])
    filters.is_heavy |= len(values) > MAX_PATTERNS
    filters.require(f"{alias}.external_id ilike any({patterns})")


def _label(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    """Some label satisfies all of it; lists of labels in the answer follow the types asked for."""
    if not value:
        return
    require_label(filters, LABEL_CONDITIONS, value, alias)
    if "typeIn" in value:
        filters.values["label_types"] = list(value["typeIn"])


def _issue(filters: Filter, value: Mapping[str, Any], alias: str) -> None:
    """Some issue or question satisfies all of it."""
    if value:
        inner = nested(ASSET_ISSUE_CONDITIONS, value, filters, "ai")
        visible = scope.LABELER_ISSUE.format(r="ai") if filters.is_for_labeler else "true"
        filters.require(f"exists (select 1 from issue ai where ai.asset_id = {alias}.id and {inner} and {visible})")


def _assignee(operator: str) -> Any:
    """Some of the people are assigned, or none; labelers are told of themselves only, as `toBeLabeledBy` does."""

    def condition(filters: Filter, values: Sequence[str], alias: str) -> None:
        seen = f"({scope.NOT_AS_LABELER.format(r=alias)} or fa.user_id = :viewer)" if filters.is_for_labeler else "true"
        filters.require(
            f"""{operator} (
              select 1
              from asset_assignee fa
              where fa.asset_id = {alias}.id and fa.user_id = any({filters.value(bounded(values))}) and {seen}
            )"""
        )

    return condition


def _group_name(operator: str) -> Any:
    """The group of the step where the asset is; assets without groups are in none."""

    def condition(filters: Filter, values: Sequence[str], alias: str) -> None:
        filters.require(
            f"""{operator} (
              select 1
              from project_step fs join step_group fg on fg.id = fs.step_group_id
              where fs.id = {alias}.current_step_id and fg.name = any({filters.value(bounded(values))})
            )"""
        )

    return condition


ASSET_ISSUE_CONDITIONS: FilterTable = {"type": equals("type"), "status": equals("status")}
ASSET_FILTER: FilterTable = {
    "id": equals("id"),
    "idIn": one_of("id"),
    "idNotIn": none_of("id"),
    "project": in_project,
    "externalIdIn": _external_id,
    "externalIdStrictlyIn": one_of("external_id"),
    "statusIn": status_in,
    "skipped": equals("skipped"),
    "consensusMarkGte": mark_from("consensus_mark"),
    "consensusMarkLte": mark_to("consensus_mark"),
    "honeypotMarkGte": mark_from("honeypot_mark"),
    "honeypotMarkLte": mark_to("honeypot_mark"),
    "inferenceMarkGte": mark_from("inference_mark"),
    "inferenceMarkLte": mark_to("inference_mark"),
    "createdAtGte": from_timestamp("created_at"),
    "createdAtLte": to_timestamp("created_at"),
    "updatedAtGte": from_timestamp("updated_at"),
    "updatedAtLte": to_timestamp("updated_at"),
    "metadata": metadata_condition,
    "assigneeIn": _assignee("exists"),
    "assigneeNotIn": _assignee("not exists"),
    "issue": _issue,
    "label": _label,
    "stepIdIn": one_of("current_step_id"),
    "stepIdNotIn": none_of("current_step_id"),
    "stepStatusIn": step_status(""),
    "stepStatusNotIn": step_status("not"),
    "stepIdAndStatusIn": step_and_status(is_not=False),
    "stepIdAndStatusNotIn": step_and_status(is_not=True),
    "groupNameIn": _group_name("exists"),
    "groupNameNotIn": _group_name("not exists"),
    "datasetAsset": made_of_dataset_asset,
}


def asset_filter(where: Mapping[str, Any], actor: Actor) -> Filter:
    """The visible assets that a `where` asks for."""
    where = _without_empty_project(where)
    filters = Filter(values={"label_types": None}, is_for_labeler=bool(scope.labeler_projects(actor)))
    project_id = where.get("project", {}).get("id")
    filters.require(scope.assets(actor, filters.values, project_id))
    if not filters.is_for_labeler:
        filters.list_key = list_key("asset", where)
    apply(ASSET_FILTER, where, filters)
    projects = scope.of_projects(project_id)
    filters.total = counted_assets(where, actor, projects)
    if where.get("label") and not filters.is_for_labeler:
        filters.probe = label_probe(where["label"], filters, projects)
    return filters


def _without_empty_project(where: Mapping[str, Any]) -> Mapping[str, Any]:
    """A `where` that names assets by id, without a project whose id is empty.

    Released clients send `""` for a project that their user did not name, and count the assets of a change until all are found.
    """
    if where.get("project", {}).get("id") != "" or not ("id" in where or "idIn" in where):
        return where
    project = {key: value for key, value in where["project"].items() if key != "id"}
    rest = {key: value for key, value in where.items() if key != "project"}
    return {**rest, "project": project} if project else rest


def assets_after(where: Mapping[str, Any], actor: Actor, position: int) -> Filter:
    """The same assets behind a position in creation order: walking on from there costs the same for every page."""
    filters = asset_filter(where, actor)
    filters.list_key = None
    filters.require(f"t.position > {filters.value(position)}")
    return filters
