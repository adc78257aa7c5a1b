"""Changing the steps of a project's workflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import ProjectRole
from labelyard.domain.workflow import AssetState, Status, StepStatus, Workflow
from labelyard.domain.workflow_action import without_step
from labelyard.domain.workflow_step import StepSettings, changed_steps, check_steps, step_before, without_target
from labelyard.services.guard import refuse_archived
from labelyard.services.identity import new_id
from labelyard.services.workflow.settling import write_project_settings
from labelyard.services.workflow.state import workflow_with_steps
from labelyard.storage.clock import database_now
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.mark_request import request_project_marks
from labelyard.storage.project import lock_project
from labelyard.storage.step_group import groups_of
from labelyard.storage.workflow import (
    leave_step,
    member_roles,
    replace_step_assignees,
    standings_in,
    steps_of,
    write_steps,
)


async def change_steps(
    connection: Writer,
    project_id: str,
    *,
    creates: Sequence[Mapping[str, Any]] = (),
    updates: Sequence[Mapping[str, Any]] = (),
    deletes: Sequence[str] = (),
    enforce_step_separation: bool | None = None,
) -> None:
    """Create, change and delete steps of a project, all or none of it. Assets of deleted steps move to the step before."""
    project = await lock_project(connection, project_id)
    require_steps(project)
    groups = {row["id"]: row["name"] for row in await groups_of(connection, project_id)}
    rows = await steps_of(connection, project_id)
    before = [_settings(row, project, is_first=index == 0) for index, row in enumerate(rows)]
    created = [(new_id(), data) for data in creates]
    after = changed_steps(before, creates=created, updates=updates, deletes=deletes, groups=groups)
    await _write(connection, project, before, after, rows, enforce_step_separation)


async def delete_steps_of_group(connection: Writer, project: Row, group_id: str) -> None:
    """Delete all steps of a group of a project that is locked; another group stays. Their assets move to the step before."""
    rows = await steps_of(connection, project["id"])
    before = [_settings(row, project, is_first=index == 0) for index, row in enumerate(rows)]
    left = [without_target(step, {step.id for step in before if step.group_id == group_id}) for step in before]
    after = check_steps([step for step in left if step.group_id != group_id])
    await _write(connection, project, before, after, rows, None)


async def _write(
    connection: Writer,
    project: Row,
    before: Sequence[StepSettings],
    after: Sequence[StepSettings],
    rows: Sequence[Row],
    enforce_step_separation: bool | None,
) -> None:
    """Replace the steps of a project; `rows` are the stored ones."""
    project_id = project["id"]
    kept = {step.id for step in after}
    await _check_assignees(connection, project_id, after)
    await _empty_deleted(connection, project, rows, before, [step.id for step in before if step.id not in kept])
    await write_steps(connection, project_id, [_columns(step, is_first=index == 0) for index, step in enumerate(after)])
    with_assignees = [step for step in after if step.assignees is not None]
    if with_assignees:
        pairs = [(step.id, user) for step in with_assignees for user in step.assignees or ()]
        await replace_step_assignees(connection, pairs, [step.id for step in with_assignees])
    await write_project_settings(
        connection, project, await _project_values(connection, project, after, enforce_step_separation)
    )


def require_steps(project: Row) -> None:
    """Refuse to change the steps of a project that is archived, or has none."""
    refuse_archived(project["id"], project["archived_at"])
    if project["workflow_version"] == "V1":
        raise BadUserInput(
            f"Project {project['id']} has the workflow V1, which has no steps; set reviewCoverage, consensusTotCoverage "
            "and minConsensusSize with updatePropertiesInProject.",
            projectId=project["id"],
        )


def _settings(row: Row, project: Row, *, is_first: bool) -> StepSettings:
    """A stored step. Consensus and honeypots of the first labeling step are settings of the project."""
    return StepSettings(
        id=row["id"],
        name=row["name"],
        is_review=row["type"] == "REVIEW",
        coverage=row["step_coverage"],
        consensus_coverage=project["consensus_tot_coverage"] if is_first else None,
        consensus_size=project["min_consensus_size"] if is_first else None,
        use_honeypot=project["use_honeypot"] if is_first else row["use_honeypot"],
        send_back_step_id=row["send_back_step_id"],
        group_id=row["step_group_id"],
    )


def _columns(step: StepSettings, *, is_first: bool) -> dict[str, Any]:
    return {
        "id": step.id,
        "name": step.name,
        "type": "REVIEW" if step.is_review else "DEFAULT",
        "step_coverage": step.coverage,
        "use_honeypot": step.use_honeypot and not is_first,
        "send_back_step_id": step.send_back_step_id,
        "step_group_id": step.group_id,
    }


async def _project_values(
    connection: Connection, project: Row, steps: Sequence[StepSettings], enforce_step_separation: bool | None
) -> dict[str, Any]:
    """What the settings of the project say of its steps. With a new version, labels that were checked before are checked again."""
    first = steps[0]
    review = next((step for step in steps if step.is_review), None)
    values: dict[str, Any] = {
        "use_honeypot": first.use_honeypot,
        "review_coverage": (review.coverage or 0) if review else 0,
        "interface_version": project["interface_version"] + 1,
        "updated_at": await database_now(connection),
    }
    if first.consensus_coverage is not None:
        values["consensus_tot_coverage"] = first.consensus_coverage
    if first.consensus_size is not None:
        values["min_consensus_size"] = first.consensus_size
    if enforce_step_separation is not None:
        values["enforce_step_separation"] = enforce_step_separation
    return values


async def _check_assignees(connection: Connection, project_id: str, steps: Sequence[StepSettings]) -> None:
    """Assignees are members, and those of a review step not labelers."""
    wanted = sorted({user for step in steps for user in step.assignees or ()})
    roles = await member_roles(connection, project_id, wanted) if wanted else {}
    for step in steps:
        for user in step.assignees or ():
            if user not in roles:
                raise NotFound(
                    f"[notFound] {user!r} is not a member of project {project_id}; add them with appendToRoles first.",
                    assignee=user,
                )
            if step.is_review and roles[user] == ProjectRole.LABELER.value:
                raise BadUserInput(
                    f"{user!r} is a LABELER of the project and cannot be an assignee of review step {step.name!r}; "
                    "change the role first.",
                    assignee=user,
                )


async def _empty_deleted(
    connection: Writer, project: Row, rows: Sequence[Row], steps: Sequence[StepSettings], deletes: Sequence[str]
) -> None:
    """Move the assets of steps that go."""
    gone = frozenset(deletes)
    if not gone:
        return
    # Which labels were made in the first group of steps, which alone has consensus and honeypots, may be different now.
    await request_project_marks(connection, project["id"])
    workflow = workflow_with_steps(project, rows)
    left = tuple(step for step in workflow.steps if step.id not in gone)
    remaining = Workflow(left, workflow.min_consensus_size, workflow.review_coverage)
    for removed in (step for step in workflow.steps if step.id in gone):
        before = step_before(steps, removed.id, gone)
        target = remaining.step(before.id) if before is not None else None
        standings = await standings_in(connection, project["id"], removed.id)
        moves = []
        for row in standings:
            state = AssetState(
                "", Status(row["status"]), row["skipped"], removed.id, StepStatus(row["step_status"]), False, False
            )
            new = without_step(state, removed, remaining, target)
            step_status = new.step_status.value if new.step_status else None
            moves.append((row, {"step_id": new.step_id, "step_status": step_status, "status": new.status.value}))
        if moves:
            await leave_step(connection, project["id"], removed.id, moves)
