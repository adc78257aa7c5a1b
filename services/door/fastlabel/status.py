"""Giving a task the state that a word asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from labelyard.domain.door.fastlabel.task_status import LABELED, SENT_BACK, KeptWord, target_of
from labelyard.domain.error import NotFound
from labelyard.domain.permission import Action, Actor
from labelyard.domain.workflow import LabelType, Status, first_state
from labelyard.domain.workflow_action import skipped
from labelyard.services.app_services import AppServices
from labelyard.services.guard import authorize
from labelyard.services.label.append import append_locked
from labelyard.services.label.submission import NewLabel, Submission
from labelyard.services.workflow.action import send_back, skip, unskip
from labelyard.services.workflow.state import moved_values, state_of, workflow_of
from labelyard.storage.asset_lock import release_locks
from labelyard.storage.database import Writer
from labelyard.storage.door import shown_label_ids
from labelyard.storage.fastlabel.task import answers_of_labels, standing_of_task
from labelyard.storage.label import lock_assets, move_assets, workflow_row

MODEL_NAME = "fastlabel"
REASON = "FastLabel"


@dataclass(frozen=True, slots=True)
class TaskWriter:
    """Writes to one task, in an open transaction."""

    writer: Writer
    app_services: AppServices
    actor: Actor
    project_id: str
    asset_id: str
    is_verbatim: bool

    async def add_label(self, root: Mapping[str, Any], label_type: LabelType) -> None:
        """Make a label of the caller, or a prediction of the door."""
        is_prediction = label_type is LabelType.PREDICTION
        label = NewLabel(
            asset_id=self.asset_id,
            json_response=orjson.dumps(root, option=orjson.OPT_NON_STR_KEYS).decode(),
            model_name=MODEL_NAME if is_prediction else None,
        )
        await append_locked(self.writer, self.app_services, self.actor, Submission([label], label_type))

    async def apply(self, word: str, *, has_three_steps: bool) -> None:
        """Bring the asset into the state of a word."""
        if word == "skipped":
            await skip(self.writer, self.actor, self.asset_id, self.project_id, REASON)
            return
        if word in SENT_BACK:
            await send_back(self.writer, self.actor, [self.asset_id], to_labeling=True)
            return
        target = target_of(word, has_three_steps=has_three_steps)
        before = await self._standing()
        if before["skipped"]:
            await unskip(self.writer, self.actor, self.asset_id, self.project_id)
        if not self.is_verbatim and word in LABELED:
            await self._label(target, before)
        after = await self._standing()
        if after["status"] != target or (word == "registered" and self.is_verbatim) or word == "pending":
            await authorize(self.writer, self.actor, Action.DISTRIBUTE_ASSETS, self.project_id)
            # Tasks that no labeling screen can show wait in no queue.
            await self._place(target, is_held=target is Status.TODO and (word == "pending" or self.is_verbatim))

    async def _label(self, target: Status, before: Mapping[str, Any]) -> None:
        """Make the label that a state stands for, of what is there, unless the asset is in that state."""
        shown = await shown_label_ids(self.writer, self.actor, [self.asset_id], with_predictions=True)
        row = (await answers_of_labels(self.writer, list(shown.values()))).get(shown.get(self.asset_id, ""))
        root = orjson.loads(row["json_response"]) if row is not None else {}
        if row is None or row["label_type"] == LabelType.PREDICTION:
            await self.add_label(root, LabelType.DEFAULT)
        if target is Status.REVIEWED and before["status"] != Status.REVIEWED:
            await self.add_label(root, LabelType.REVIEW)

    async def hold(self) -> None:
        """Keep the asset out of the queue."""
        await self._place(Status.TODO, is_held=True)

    async def _place(self, status: Status, *, is_held: bool) -> None:
        settings = await workflow_row(self.writer, self.project_id)
        locked = (await lock_assets(self.writer, [self.asset_id])).get(self.asset_id)
        if settings is None or locked is None:
            raise NotFound(f"There is no task {self.asset_id!r} that you may see.")
        state = state_of(locked)
        placed = replace(
            first_state(self.asset_id, workflow_of(settings), status),
            is_used_for_consensus=state.is_used_for_consensus,
        )
        await move_assets(self.writer, moved_values([skipped(placed) if is_held else placed]))
        await release_locks(self.writer, [self.asset_id], user_id=None)

    async def kept_word(self, word: str) -> KeptWord:
        """The word beside the state that it has led to."""
        row = await self._standing()
        return KeptWord(word, row["status"], row["skipped"], row["label_id"])

    async def _standing(self) -> Mapping[str, Any]:
        row = await standing_of_task(self.writer, self.asset_id)
        if row is None:
            raise NotFound(f"There is no task {self.asset_id!r} that you may see.")
        return {"status": row["status"], "skipped": row["skipped"], "label_id": row["label_id"]}
