"""Submitting labels, in the forms of every client generation."""

from collections.abc import Mapping
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action
from labelyard.domain.workflow import LabelType as Kind
from labelyard.resolvers.argument import one_form, present
from labelyard.resolvers.asset.input import AssetWhere
from labelyard.resolvers.enumeration import LabelType
from labelyard.resolvers.label.input import (
    AppendManyLabelsData,
    AppendToLabelsData,
    CreateHoneypotData,
    CreatePredictionsData,
)
from labelyard.resolvers.label.type import Label
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.type import Project
from labelyard.services.honeypot import make_honeypot
from labelyard.services.label.append import append_locked, submit
from labelyard.services.label.submission import NewLabel, Submission
from labelyard.services.workflow.state import StepKind
from labelyard.storage.asset import ids_by_external_id
from labelyard.storage.database import Writer


async def submit_labels(call: Call, submission: Submission) -> list[str]:
    """Check and write a batch, pass its warnings on, and answer the ids in order."""
    checked = await submit(call.context.database, call.services, call.actor, submission)
    call.warn(checked.warnings)
    return checked.ids


def asset_of(where: Mapping[str, Any] | None, asset_id: str | None) -> str:
    """The asset that a single label is for, in either form."""
    named_id = (where or {}).get("id") or asset_id
    if not named_id:
        raise BadUserInput("Name the asset: `where: {id: …}`.", field="where.id")
    return str(named_id)


async def submit_one(call: Call, data: Mapping[str, Any], asset_id: str) -> list[str]:
    """Submit a single label from the keys of `AppendToLabelsData`."""
    label = NewLabel(
        asset_id=asset_id,
        json_response=data.get("jsonResponse", "{}"),
        author_id=data.get("authorID"),
        seconds_to_label=data.get("secondsToLabel"),
        client_version=data.get("clientVersion"),
    )
    kind = Kind(str(data.get("labelType", "DEFAULT")))
    submission = Submission([label], kind, skipped=bool(data.get("skipped")))
    checked = await call.context.label_queue.submit(call.actor, submission)
    call.warn(checked.warnings)
    return checked.ids


@mutation(Action.SUBMIT_LABELS, own_transaction="shares a statement with other labels")
async def appendToLabels(
    call: Call,
    data: Input[AppendToLabelsData] | None = None,
    where: Input[AssetWhere] | None = None,
    authorID: strawberry.ID | None = None,
    jsonResponse: str | None = None,
    labelAssetID: strawberry.ID | None = None,
    labelType: LabelType | None = None,
    secondsToLabel: float | None = None,
    skipped: bool | None = None,
) -> Label | None:
    """Submit a label, from `data` and `where` or from the arguments of older clients."""
    flat = {
        "authorID": authorID,
        "jsonResponse": jsonResponse,
        "labelType": labelType,
        "secondsToLabel": secondsToLabel,
        "skipped": skipped,
    }
    form = one_form(data, flat)
    return await call.by_id((await submit_one(call, form, asset_of(where, labelAssetID)))[0])


@mutation(Action.SUBMIT_LABELS, own_transaction="shares a statement with other labels")
async def frontendAppendToLabels(
    call: Call,
    authorID: strawberry.ID | None = None,
    jsonResponse: str | None = None,
    labelAssetID: strawberry.ID | None = None,
    labelType: LabelType | None = None,
    secondsToLabel: float | None = None,
    skipped: bool | None = None,
) -> Label | None:
    """Submit a label as the first clients did."""
    label = present(
        {
            "authorID": authorID,
            "jsonResponse": jsonResponse,
            "labelType": labelType,
            "secondsToLabel": secondsToLabel,
            "skipped": skipped,
        }
    )
    return await call.by_id((await submit_one(call, label, asset_of(None, labelAssetID)))[0])


@mutation(Action.SUBMIT_LABELS, own_transaction="checks the answers first, and again when they were overtaken")
async def appendManyLabels(
    call: Call, data: Input[AppendManyLabelsData], where: Input[AssetWhere]
) -> list[Label] | None:
    """Submit labels of one type, all or none, and answer them in the order given."""
    del where  # repeats the assets that each label names
    labels = [
        NewLabel(
            asset_id=item["assetID"],
            json_response=item["jsonResponse"],
            author_id=item.get("authorID"),
            model_name=item.get("modelName"),
            seconds_to_label=item.get("secondsToLabel"),
            client_version=item.get("clientVersion"),
            referenced_label_id=item.get("referencedLabelId"),
        )
        for item in data["labelsData"]
    ]
    step = StepKind(data.get("stepId"), data.get("stepName")) if "stepId" in data or "stepName" in data else None
    kind = Kind(str(data["labelType"]))
    submission = Submission(labels, kind, overwrite=bool(data.get("overwrite")), step=step)
    return await call.by_ids(await submit_labels(call, submission))


@mutation(Action.IMPORT_LABELS, own_transaction="checks the answers first, and again when they were overtaken")
async def createPredictions(
    call: Call,
    data: Input[CreatePredictionsData] | None = None,
    where: Input[AssetWhere] | None = None,
    projectID: strawberry.ID | None = None,
    externalIDArray: list[strawberry.ID] | None = None,
    modelNameArray: list[str] | None = None,
    jsonResponseArray: list[str] | None = None,
) -> Project | None:
    """Add predictions to assets named by their external ids, and answer the project."""
    chosen: Mapping[str, Any] = where or {}
    fields: Mapping[str, Any] = data or {}
    project_id = chosen.get("project", {}).get("id") or projectID
    if not project_id:
        raise BadUserInput("Name the project: `where: {project: {id: …}}`.", field="where.project.id")
    await call.authorize(project_id)
    external_ids = chosen.get("externalIdStrictlyIn") or chosen.get("externalIdIn") or externalIDArray or []
    responses = fields.get("jsonResponseArray") or jsonResponseArray or []
    models = fields.get("modelNameArray") or modelNameArray or [None] * len(responses)
    if not len(external_ids) == len(responses) == len(models):
        raise BadUserInput(
            f"External ids, answers and model names have the same length; these have {len(external_ids)}, "
            f"{len(responses)} and {len(models)}.",
            field="data",
        )
    async with call.reader() as connection:
        named_id = await ids_by_external_id(connection, [(project_id, str(name)) for name in external_ids])
    unknown = [str(name) for name in external_ids if (project_id, str(name)) not in named_id]
    if unknown:
        raise NotFound(
            f"[notFound] Project {project_id} has no asset with external id {unknown[0]!r}; nothing was stored.",
            externalIds=unknown,
        )
    labels = [
        NewLabel(named_id[(project_id, str(name))], response, model_name=model)
        for name, response, model in zip(external_ids, responses, models, strict=True)
    ]
    await submit_labels(call, Submission(labels, Kind.PREDICTION))
    return await call.by_id(project_id)


@mutation(Action.IMPORT_LABELS, own_transaction="checks the answers first, and again when they were overtaken")
async def createPrediction(
    call: Call, assetID: strawberry.ID | None = None, jsonResponse: str | None = None
) -> Label | None:
    """Add one prediction as the first clients did."""
    label = NewLabel(asset_of(None, assetID), jsonResponse or "{}")
    return await call.by_id((await submit_labels(call, Submission([label], Kind.PREDICTION)))[0])


@mutation(Action.CREATE_HONEYPOTS)
async def createHoneypot(
    call: Call,
    writer: Writer,
    data: Input[CreateHoneypotData] | None = None,
    where: Input[AssetWhere] | None = None,
    assetID: strawberry.ID | None = None,
    jsonResponse: str | None = None,
) -> Label | None:
    """Give an asset its right answer: a REVIEW label that makes the asset a honeypot."""
    response = data["jsonResponse"] if data is not None else jsonResponse
    if response is None:
        raise BadUserInput("Give the right answer as `data: {jsonResponse: …}`.", field="data.jsonResponse")
    label = NewLabel(asset_of(where, assetID), response)
    submission = Submission([label], Kind.REVIEW, is_honeypot=True)
    checked = await append_locked(writer, call.services, call.actor, submission)
    await make_honeypot(writer, label.asset_id)
    call.warn(checked.warnings)
    return call.after_commit(call.by_id, checked.ids[0])
