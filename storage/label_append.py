"""The call that writes labels."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import asyncpg

from labelyard.storage.database import Autocommit, Writer
from labelyard.storage.sqlstate import is_stale_read

HUMAN: Final = frozenset({"DEFAULT", "REVIEW"})
MODEL: Final = frozenset({"PREDICTION", "INFERENCE"})
REST: Final = """:marked, :project_id, :organization_id, :interface_version, :label_type, :event, :skipped, :is_honeypot,
  :has_drafts, :follows"""
# The functions are made by migrations, and say there what they do: a function of PL/pgSQL plans each of its statements once per
# connection, and starts only those that a batch needs. One label has a function of its own, which reads no array.
ADD_ONE: Final = f"select add_label(:label, :moved, {REST})"
ADD_MANY: Final = f"select add_labels(:labels, :moved, {REST})"
# Whether somebody listens to the labels of a project.
LISTENED = """exists (
  select 1
  from label_listener ll
  where ll.project_id = {project_id} and ll.seen_at > now() - interval '2 minutes'
)"""


class LabelToAdd(NamedTuple):
    """A label as the functions take it, in the order of the type `label_to_add`; `search` and `origin` are JSON."""

    id: str
    asset_id: str
    author_id: str
    model_name: str | None
    step_id: str | None
    response: str
    search: str
    warning: str | None
    annotations: int
    seconds: float | None
    client_version: int | None
    referenced: str | None
    is_latest: bool
    is_latest_of_step: bool
    is_first: bool
    actor_id: str
    origin: str | None


class AssetToMove(NamedTuple):
    """The new state of an asset, in the order of the type `asset_to_move`; `row_version` is that of the row it was made from."""

    id: str
    status: str
    skipped: bool
    step_id: str | None
    step_status: str | None
    is_to_review: bool
    row_version: str


@dataclass(frozen=True, slots=True)
class LabelBatch:
    """Labels of one type and one project, the new states of their assets, and those of the assets whose marks are requested.

    `present_types` are the types of the labels that the assets have already.
    """

    labels: Sequence[LabelToAdd]
    moved: Sequence[AssetToMove]
    marked: Sequence[str]
    project_id: str
    organization_id: str
    interface_version: int
    label_type: str
    event: str
    skipped: bool
    is_honeypot: bool
    present_types: AbstractSet[str]

    @property
    def followed_types(self) -> AbstractSet[str]:
        """The types of labels that may be the latest no longer."""
        if self.label_type in HUMAN:
            return HUMAN
        return {self.label_type} if self.label_type in MODEL else frozenset()


class StaleReadError(Exception):
    """An asset or the interface changed between the reading and the writing; nothing was written."""


async def append(connection: Writer | Autocommit, batch: LabelBatch) -> None:
    """Write a batch of labels, and all that follows from it."""
    rest: dict[str, Any] = {
        "marked": batch.marked,
        "project_id": batch.project_id,
        "organization_id": batch.organization_id,
        "interface_version": batch.interface_version,
        "label_type": batch.label_type,
        "event": batch.event,
        "skipped": batch.skipped,
        "is_honeypot": batch.is_honeypot,
        "has_drafts": batch.label_type not in MODEL and "AUTOSAVE" in batch.present_types,
        "follows": not batch.present_types.isdisjoint(batch.followed_types),
    }
    try:
        if len(batch.labels) == 1:
            await connection.write(ADD_ONE, {"label": batch.labels[0], "moved": batch.moved[0], **rest})
        else:
            await connection.write(ADD_MANY, {"labels": batch.labels, "moved": batch.moved, **rest})
    except asyncpg.PostgresError as error:
        if is_stale_read(error):
            raise StaleReadError from error
        raise
