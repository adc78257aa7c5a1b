"""Storing any number of predictions in batches, each of which is refused by itself, and none twice.

A prediction is recognised by an id that is derived from its content: the same answer of the same model on the same asset is the same
label, however often it is sent.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import asyncpg

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Actor
from labelyard.domain.workflow import LabelType
from labelyard.services.app_services import AppServices
from labelyard.services.batch import Outcome
from labelyard.services.label.append import submit
from labelyard.services.label.submission import NewLabel, Submission
from labelyard.storage.asset import ids_by_external_id
from labelyard.storage.database import Database
from labelyard.storage.label import existing_labels

ID_BYTES = 15


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """A prediction to store: `location` says where it stands in its source."""

    location: str
    external_id: str
    json_response: str
    model_name: str


@dataclass(frozen=True, slots=True)
class BulkPredictions:
    """Stores rows as predictions on assets of one project, as a person."""

    database: Database
    app_services: AppServices
    actor: Actor
    project_id: str

    async def write(self, rows: Sequence[PredictionRow]) -> Outcome:
        """Store those of the rows that are not stored yet and that nothing is wrong with."""
        outcome = Outcome()
        async with self.database.reader() as connection:
            assets = await ids_by_external_id(connection, [(self.project_id, row.external_id) for row in rows])
        labels: dict[str, tuple[str, NewLabel]] = {}
        for row in rows:
            asset_id = assets.get((self.project_id, row.external_id))
            if asset_id is None:
                unknown = f"[notFound] Project {self.project_id} has no asset with external id {row.external_id!r}."
                outcome.refuse(row.location, NotFound(unknown))
                continue
            label = NewLabel(
                asset_id, row.json_response, model_name=row.model_name, id=id_of(self.project_id, asset_id, row)
            )
            if label.id in labels:
                outcome.known += 1
            else:
                labels[str(label.id)] = row.location, label
        await self._write_new(labels, outcome)
        return outcome

    async def _write_new(self, labels: Mapping[str, tuple[str, NewLabel]], outcome: Outcome) -> None:
        """Store the labels that are not there."""
        async with self.database.reader() as connection:
            known = await existing_labels(connection, list(labels))
        outcome.known += len(known)
        new = {identifier: labels[identifier] for identifier in labels if identifier not in known}
        try:
            await self._write(list(new.values()), outcome)
        except asyncpg.UniqueViolationError:
            # A concurrent run has just stored some of them.
            await self._write_new(new, outcome)

    async def _write(self, labels: Sequence[tuple[str, NewLabel]], outcome: Outcome) -> None:
        """Store labels, leaving out those that a refusal names, or halving what is refused without a name."""
        if not labels:
            return
        try:
            checked = await submit(
                self.database, self.app_services, self.actor, _submission([label for _, label in labels])
            )
        except (BadUserInput, NotFound) as refusal:
            reasons = _reasons(refusal)
            if len(labels) == 1:
                outcome.refuse(labels[0][0], refusal)
            elif reasons:
                outcome.refused += [(labels[index][0], reason) for index, reason in reasons.items()]
                await self._write([one for index, one in enumerate(labels) if index not in reasons], outcome)
            else:
                half = len(labels) // 2
                await self._write(labels[:half], outcome)
                await self._write(labels[half:], outcome)
        else:
            outcome.written += len(labels)
            outcome.warned += [
                (labels[warning["labelIndex"]][0], f"{warning['path']}: {warning['message']}")
                for warning in checked.warnings
            ]


def id_of(project_id: str, asset_id: str, row: PredictionRow) -> str:
    """The id of a prediction, in the form of all ids."""
    digest = blake2b(digest_size=ID_BYTES)
    for part in (project_id, asset_id, row.model_name, row.json_response):
        digest.update(f"{len(part)}:{part}".encode("utf-8", "surrogatepass"))
    return "c" + base64.b32hexencode(digest.digest()).decode().lower()


def _submission(labels: Sequence[NewLabel]) -> Submission:
    return Submission(labels, LabelType.PREDICTION)


def _reasons(refusal: BadUserInput | NotFound) -> dict[int, str]:
    """The message of a refusal for each label that it names, by its index in the batch."""
    reasons: dict[int, str] = {}
    for problem in refusal.context.get("errors", ()):
        if "labelIndex" in problem:
            text = f"[{problem['code']}] {problem['path']}: {problem['message']}"
            index = problem["labelIndex"]
            reasons[index] = f"{reasons[index]}; {text}" if index in reasons else text
    return reasons
