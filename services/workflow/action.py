"""Actions on assets beside labeling: review, send back, priority, assignment, skip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelyard.domain.error import BadUserInput, Forbidden, NotFound
from labelyard.domain.number import in_range
from labelyard.domain.permission import Action, Actor, ProjectRole
from labelyard.domain.text import MAX_REASON, within
from labelyard.domain.workflow import AssetState, Workflow
from labelyard.domain.workflow_action import added_to_review, sent_back, skipped, takes_priority, unskipped
from labelyard.services.guard import require_to_write
from labelyard.services.workflow.settling import settle_states
from labelyard.services.workflow.state import moved_values, state_of, workflow_with_steps
from labelyard.storage.asset import members_by_name
from labelyard.storage.asset_lock import release_locks
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.label import move_assets
from labelyard.storage.workflow import assign, record_send_back, set_priority, set_skip_reason, standing_of, steps_of

MAX_ASSETS = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an action for its assets, as (id, external id) in the order asked for."""

    project_id: str | None
    succeeded: Sequence[tuple[str, str]]
    declined: Sequence[tuple[str, str]]

    def as_answer(self) -> Mapping[str, Any]:
        """The outcome as clients read it. Nothing fails on its own: an action is one transaction."""
        succeeded, declined = (
            [{"assetId": identifier, "externalId": external_id} for identifier, external_id in assets]
            for assets in (self.succeeded, self.declined)
        )
        return {"succeeded": succeeded, "declined": declined, "failed": []}


NOTHING = Outcome(None, (), ())
Rule = Callable[[Row, AssetState, Workflow], AssetState | None]


async def add_to_review(connection: Writer, actor: Actor, ids: Sequence[str]) -> Outcome:
    """Send assets on to review."""

    def rule(row: Row, state: AssetState, workflow: Workflow) -> AssetState | None:
        return added_to_review(state, workflow, has_label=row["has_label"], is_being_labeled=row["is_locked"])

    outcome, _ = await _move(connection, actor, Action.REVIEW_LABELS, ids, rule)
    return outcome


async def send_back(connection: Writer, actor: Actor, ids: Sequence[str], *, to_labeling: bool = False) -> Outcome:
    """Send assets back to be reworked; `to_labeling` goes past review steps."""

    def rule(_row: Row, state: AssetState, workflow: Workflow) -> AssetState | None:
        return sent_back(state, workflow, to_labeling=to_labeling)

    outcome, moved = await _move(connection, actor, Action.REVIEW_LABELS, ids, rule)
    if moved:
        await record_send_back(connection, moved)
        # The lock of who had it open in the step it left would keep it from those who rework it.
        await release_locks(connection, moved, user_id=None)
    return outcome


async def prioritize(connection: Writer, actor: Actor, ids: Sequence[str], priority: int) -> Outcome:
    """Give assets a priority, those that wait in a queue."""
    in_range(priority, "priority")
    rows = await _asked(connection, actor, Action.DISTRIBUTE_ASSETS, ids)
    taking = {
        identifier
        for identifier, row in rows.items()
        if takes_priority(state_of(row), has_default_label=row["has_default_label"], is_being_labeled=row["is_locked"])
    }
    if taking:
        await set_priority(connection, sorted(taking), priority)
    return _outcome(rows, taking)


async def assign_people(connection: Writer, actor: Actor, ids: Sequence[str], names: Sequence[str]) -> Outcome:
    """Give assets to people, named by id or e-mail; nobody named opens them to everybody."""
    rows = await _asked(connection, actor, Action.DISTRIBUTE_ASSETS, ids)
    if not rows:
        return NOTHING
    project_id = next(iter(rows.values()))["project_id"]
    members = await members_by_name(connection, actor, project_id, names) if names else {}
    unknown = [name for name in names if name not in members and name.lower() not in members]
    if unknown:
        raise NotFound(
            f"[notFound] {unknown[0]!r} is not a member of project {project_id}; add them with appendToRoles first.",
            userIds=unknown,
        )
    users = {members.get(name) or members[name.lower()] for name in names}
    await assign(connection, list(rows), sorted(users))
    return _outcome(rows, set(rows))


async def skip(connection: Writer, actor: Actor, asset_id: str, project_id: str | None, reason: str) -> None:
    """Take an asset out of the queue, and keep why."""
    within(reason, name="The reason of a skip", limit=MAX_REASON)
    row = await _to_skip(connection, actor, asset_id, project_id)
    if row["is_used_for_consensus"]:
        raise BadUserInput(
            f"Asset {row['external_id']} is used for consensus and cannot be skipped; take it out of consensus first.",
            assetId=asset_id,
        )
    state = state_of(row)
    if not state.skipped:
        await move_assets(connection, moved_values([skipped(state)]))
        await release_locks(connection, [asset_id], user_id=None)
    await set_skip_reason(connection, asset_id, reason)


async def unskip(connection: Writer, actor: Actor, asset_id: str, project_id: str) -> bool:
    """Put a skipped asset back in the queue; answers whether it was skipped."""
    row = await _to_skip(connection, actor, asset_id, project_id)
    state = state_of(row)
    if not state.skipped:
        return False
    workflow = await _workflow(connection, row)
    await move_assets(connection, moved_values([unskipped(state, workflow, is_sent_back=row["is_sent_back"])]))
    return True


async def settle(connection: Writer, actor: Actor, asset_id: str) -> None:
    """Give an asset the state that its labels justify."""
    rows = await _asked(connection, actor, Action.DISTRIBUTE_ASSETS, [asset_id])
    await settle_states(connection, rows[asset_id]["project_id"], [asset_id])


async def _move(
    connection: Writer, actor: Actor, action: Action, ids: Sequence[str], rule: Rule
) -> tuple[Outcome, list[str]]:
    """Move the assets that a rule moves, and answer the outcome and their ids."""
    rows = await _asked(connection, actor, action, ids)
    if not rows:
        return NOTHING, []
    workflow = await _workflow(connection, next(iter(rows.values())))
    states = [rule(row, state_of(row), workflow) for row in rows.values()]
    moved = [state for state in states if state is not None]
    if moved:
        await move_assets(connection, moved_values(moved))
    moved_ids = [state.asset_id for state in moved]
    return _outcome(rows, set(moved_ids)), moved_ids


async def _asked(connection: Writer, actor: Actor, action: Action, ids: Sequence[str]) -> dict[str, Row]:
    """The assets asked for, in that order, locked; all are of one project where the person may do the action."""
    asked = list(dict.fromkeys(ids))
    if len(asked) > MAX_ASSETS:
        raise BadUserInput(
            f"[tooManyItems] One call takes at most {MAX_ASSETS:,} assets, not {len(asked):,}; send them in parts.",
            limit=MAX_ASSETS,
            given=len(asked),
        )
    if not asked:
        return {}
    standing = await standing_of(connection, asked, actor)
    projects = {row["project_id"] for row in standing.values()}
    if len(standing) < len(asked) or len(projects) > 1:
        raise NotFound("[notFound] One or more of these assets cannot be found in one project; nothing was changed.")
    rows = {identifier: standing[identifier] for identifier in asked}
    require_to_write(actor, action, rows[asked[0]])
    return rows


async def _to_skip(connection: Writer, actor: Actor, asset_id: str, project_id: str | None) -> Row:
    row = (await standing_of(connection, [asset_id], actor)).get(asset_id)
    if row is None or not row["is_theirs"] or project_id not in (None, row["project_id"]):
        raise NotFound(f"[notFound] No asset {asset_id!r} is visible to you.", assetId=asset_id)
    require_to_write(actor, Action.SUBMIT_LABELS, row)
    if not row["can_skip_asset"] and actor.role_in(row["project_id"]) is ProjectRole.LABELER:
        raise Forbidden(
            f"[accessDenied] Labelers of project {row['project_id']} may not skip assets; "
            "ask an administrator of the project to set canSkipAsset.",
            projectId=row["project_id"],
        )
    return row


async def _workflow(connection: Connection, row: Row) -> Workflow:
    return workflow_with_steps(row, await steps_of(connection, row["project_id"]))


def _outcome(rows: Mapping[str, Row], done: set[str]) -> Outcome:
    listed = [(identifier, row["external_id"]) for identifier, row in rows.items()]
    project_id = next(iter(rows.values()))["project_id"] if rows else None
    succeeded = [asset for asset in listed if asset[0] in done]
    return Outcome(project_id, succeeded, [asset for asset in listed if asset[0] not in done])
