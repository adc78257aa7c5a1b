"""Opening one asset: taking its lock, and keeping it."""

from __future__ import annotations

from labelyard.domain.error import Conflict, NotFound
from labelyard.domain.label_ineligibility import SENTENCES, Ineligibility
from labelyard.domain.permission import Action, Actor, ProjectRole
from labelyard.domain.workflow import LabelType, Status
from labelyard.services.identity import new_id
from labelyard.services.label.eligibility import check_eligibility
from labelyard.storage.asset_lock import hold_for_locking, holders, take_lock
from labelyard.storage.database import Row, Writer


async def open_asset(connection: Writer, actor: Actor, asset: Row) -> str:
    """Lock an asset for a person who could label or review it now, or renew their lock; answers the id of the lock."""
    asset_id, project_id = asset["id"], asset["project_id"]
    held = await hold_for_locking(connection, asset_id)
    if held is None:  # deleted since it was found
        raise NotFound("[notFound] This asset cannot be found.")
    is_review = Status(held["status"]) in (Status.TO_REVIEW, Status.REVIEWED)
    label_type = LabelType.REVIEW if is_review and actor.may(Action.REVIEW_LABELS, project_id) else LabelType.DEFAULT
    try:
        await check_eligibility(connection, actor, label_type, project_id, [asset_id], None)
    except Conflict as refusal:
        if refusal.context.get("reason") == Ineligibility.LOCKED:
            raise await _held_by_others(connection, actor, asset) from None
        raise
    lock_id = await take_lock(connection, new_id(), asset_id, actor.user_id)
    if lock_id is None:
        raise await _held_by_others(connection, actor, asset)
    return lock_id


async def _held_by_others(connection: Writer, actor: Actor, asset: Row) -> Conflict:
    """The refusal where others leave no room; labelers do not learn who they are."""
    others = await holders(connection, asset["id"], actor.user_id)
    who = (
        {}
        if actor.role_in(asset["project_id"]) is ProjectRole.LABELER
        else {"lockedBy": [row["user_id"] for row in others]}
    )
    return Conflict(
        f"[assetLocked] Asset {asset['external_id']} cannot be labeled by you now: {SENTENCES[Ineligibility.LOCKED]}.",
        reason=Ineligibility.LOCKED.value,
        assetId=asset["id"],
        lockedUntil=others[0]["until"] if others else None,
        **who,
    )
