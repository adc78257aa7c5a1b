"""Refusing labels on assets that are somebody else's, closed, or not the person's to label."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from labelyard.domain.error import Conflict, Forbidden, NotFound
from labelyard.domain.label_ineligibility import SENTENCES, Ineligibility, LabelingContext, ineligibility
from labelyard.domain.permission import Action, Actor, ProjectRole
from labelyard.domain.workflow import LabelType, Status
from labelyard.storage.asset_lock import has_known_asset, labeling_contexts_of
from labelyard.storage.database import Connection

MADE_BY_PEOPLE = frozenset({LabelType.DEFAULT, LabelType.REVIEW, LabelType.AUTOSAVE})
# Reasons that pass with time or do not apply to other assets; the others are about rights.
PASSING = frozenset({Ineligibility.LOCKED, Ineligibility.DONE, Ineligibility.ALREADY_LABELED, Ineligibility.OTHER_STEP})
# Reasons that say what has become of an asset, which is for those to know who see it.
TAKEN = frozenset({Ineligibility.DONE, Ineligibility.ASSIGNED})


async def check_eligibility(
    connection: Connection,
    actor: Actor,
    label_type: LabelType,
    project_id: str,
    asset_ids: Sequence[str],
    step_id: str | None,
    *,
    unknown: Callable[[], NotFound],
) -> None:
    """Refuse labels by people where something stands in the way, in a step if one is named; whoever may import labels passes.

    `unknown` is the refusal of an asset that does not exist: to labelers, assets that are done or given to others, and neither
    theirs nor left open by them, do not. Of other assets that they do not see they read no more than they have sent.
    """
    if label_type not in MADE_BY_PEOPLE or actor.may(Action.IMPORT_LABELS, project_id):
        return
    role = actor.role_in(project_id) or ProjectRole.LABELER
    may_assign = actor.may(Action.DISTRIBUTE_ASSETS, project_id)
    for row in await labeling_contexts_of(connection, asset_ids, actor.user_id, label_type.value, step_id):
        labeling_context = LabelingContext(
            status=Status(row["status"]),
            is_shared=row["is_shared"],
            is_assigned_to_others=row["is_assigned_to_others"],
            is_locked_by_others=row["is_locked_by_others"],
            is_step_assignee=row["is_step_assignee"],
            has_own_label=row["has_own_label"],
            worked_on_other_step=row["worked_on_other_step"],
            is_open_honeypot=row["is_open_honeypot"],
            is_of_other_group=row["is_of_other_group"],
        )
        reason = ineligibility(labeling_context, label_type, role, may_assign=may_assign)
        if reason is not None:
            is_seen = role is not ProjectRole.LABELER or await has_known_asset(connection, row["id"], actor.user_id)
            if reason in TAKEN and not is_seen:
                raise unknown()
            refusal = Conflict if reason in PASSING else Forbidden
            name = row["external_id"] if is_seen else row["id"]
            raise refusal(
                f"[assetLocked] Asset {name} cannot be labeled by you now: {SENTENCES[reason]}.",
                reason=reason.value,
                assetId=row["id"],
            )
