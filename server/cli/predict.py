"""The command `labelyard predict`: predictions of a model from a JSON Lines file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.domain.text import MAX_MODEL_NAME
from labelyard.server.app_services import app_services_of
from labelyard.server.cli.bulk import (
    BulkWriter,
    OfOrganization,
    Person,
    ProjectId,
    Refused,
    Sized,
    Totals,
    finish,
    person_for,
    text_of,
    value_of,
)
from labelyard.server.cli.database import DataDir, existing_settings, opened_database
from labelyard.server.cli.row_source import SourceRow, json_rows
from labelyard.services.label.bulk import BulkPredictions, PredictionRow

BATCH_ITEMS: Final = 200
EXTERNAL_ID: Final = ("externalId", "external_id", "assetExternalId")
RESPONSE: Final = ("jsonResponse", "json_response")
MODEL: Final = ("modelName", "model_name")
KNOWN: Final = frozenset((*EXTERNAL_ID, *RESPONSE, *MODEL))


def predict_from(
    project_id: ProjectId,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON Lines file, one prediction a line.")],
    email: Person,
    model: Annotated[str | None, typer.Option(help="The name of the model, for lines that give none.")] = None,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Store predictions. What is stored already is left alone, so the command can be run again after whatever stopped it."""
    settings = existing_settings(data_dir)
    try:
        size = source.stat().st_size
    except OSError as error:
        raise BadUserInput(f"{str(source)!r} cannot be read ({error.strerror}).") from error
    totals = Totals()

    async def run() -> Totals:
        async with opened_database(settings) as database:
            actor = await person_for(
                database, email=email, organization=organization, action=Action.IMPORT_LABELS, project_id=project_id
            )
            bulk = BulkPredictions(database, app_services_of(settings), actor, project_id)
            most = min(BATCH_ITEMS, settings.max_items_per_mutation)
            writer = BulkWriter[PredictionRow](bulk.write, most, totals=totals)
            return await writer.run(_rows(source, model), title="Predicting", total=size)

    finish(run, totals, what="predictions", project_id=project_id)


def _rows(source: Path, model: str | None) -> Iterator[Sized[PredictionRow]]:
    for row in json_rows(source):
        try:
            item: PredictionRow | Refused = _prediction(row, model)
        except ValueError as error:
            item = Refused(row.location, str(error))
        size = 200 + (len(item.json_response) if isinstance(item, PredictionRow) else 0)
        yield Sized(item, size, row.position)


def _prediction(row: SourceRow, model: str | None) -> PredictionRow:
    if row.problem is not None:
        raise ValueError(row.problem)
    if unknown := row.values.keys() - KNOWN:
        raise ValueError(f"{sorted(unknown)[0]!r} is no key of a prediction; those are {', '.join(sorted(KNOWN))}")
    external_id = text_of(row, EXTERNAL_ID, what="the external id")
    if not external_id:
        raise ValueError("it names no asset: give its externalId")
    response = value_of(row, RESPONSE, what="the answer")
    if not isinstance(response, dict | str) or not response:
        raise ValueError("it has no answer: give jsonResponse, `{job: answer}`")
    name = text_of(row, MODEL, what="the name of the model") or model
    if not name:
        raise ValueError("it names no model: give modelName, or --model for all lines")
    if len(name) > MAX_MODEL_NAME:
        raise ValueError(f"the name of the model has 1 to {MAX_MODEL_NAME} characters, not {len(name):,}")
    text = response if isinstance(response, str) else orjson.dumps(response).decode()
    return PredictionRow(row.location, external_id, text, name)
