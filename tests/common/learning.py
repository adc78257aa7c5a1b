"""Projects of pictures, having models trained on them, and asking these."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

from tests.common.client import Client, Json
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_MANY_LABELS
from tests.common.shapes import SHAPES, picture
from tests.common.world import Organization, Project

SIGNED = """query ($id: ID!, $paths: [String!]) {
  data: createUploadBucketSignedUrls(projectID: $id, filePaths: $paths) }"""
MODEL = (
    "id name type jobName labels status progress error backbone thresholds epochs bestEpoch trainSeconds bestAtSeconds"
)
TRAIN = f"mutation ($p: ID!, $data: TrainModelData!) {{ data: trainModel(projectId: $p, data: $data) {{ {MODEL} }} }}"
MODELS = (
    f"query ($where: TrainedModelWhere!) {{ data: trainedModels(where: $where, first: 100, skip: 0) {{ {MODEL} }} }}"
)
CANCEL = "mutation ($id: ID!) { data: cancelTraining(id: $id) { id status } }"
DELETE = "mutation ($id: ID!) { data: deleteTrainedModel(id: $id) }"
THRESHOLDS = f"""mutation ($id: ID!, $data: ThresholdsData!) {{
  data: setTrainedModelThresholds(id: $id, data: $data) {{ {MODEL} }} }}"""
ASSIST = """mutation ($id: ID!, $only: Boolean, $prioritize: Boolean) {
  data: assistLabeling(id: $id, onlyUnlabeled: $only, prioritize: $prioritize) { written isComplete } }"""
STATISTICS = """query ($id: ID!, $set: ImageSet, $checkpoint: Checkpoint) {
  data: trainedModelStatistics(id: $id, imageSet: $set, checkpoint: $checkpoint) {
    images labels accuracy accuracyLabelWise accuracyImageWise precision recall f1 perLabel micro crossEntropy matthews rocAuc
    confusion precisionRecall thresholds curves trainSeconds bestAtSeconds } }"""
PREDICTIONS = """
query ($id: ID!, $set: ImageSet, $checkpoint: Checkpoint, $filter: PredictionFilter, $first: PageSize!, $skip: Int!) {
  data: trainedModelPredictions(id: $id, imageSet: $set, checkpoint: $checkpoint, filter: $filter, first: $first, skip: $skip) {
    assetId externalId truth default scores { label score } correct } }"""
PREDICT = """query ($id: ID!, $assets: [ID!]!, $checkpoint: Checkpoint) {
  data: predictAssets(id: $id, assetIds: $assets, checkpoint: $checkpoint) {
    assetId externalId scores { label score } predicted } }"""
SIMILAR = """query ($id: ID!, $first: PageSize!, $threshold: Float) {
  data: similarAssets(assetId: $id, first: $first, threshold: $threshold) {
    assets { assetId externalId score } searched undescribed } }"""
PAIRS = """query ($id: ID!, $first: PageSize!, $threshold: Float) {
  data: similarPairs(projectId: $id, first: $first, threshold: $threshold) {
    first { assetId externalId } second { assetId externalId } score } }"""
LOOP = "query ($id: ID!) { data: learningLoop(projectId: $id) { everyLabels modelId reason } }"
SET_LOOP = """mutation ($id: ID!, $every: Int!, $model: ID) {
  data: setLearningLoop(projectId: $id, everyLabels: $every, modelId: $model) }"""


def interface(categories: Sequence[str] = SHAPES, *, kind: str = "radio") -> Json:
    """An interface with one job, `SHAPE`."""
    content = {"input": kind, "categories": {name: {"name": name.title()} for name in categories}}
    return {"jobs": {"SHAPE": {"mlTask": "CLASSIFICATION", "required": 1, "isChild": False, "content": content}}}


async def pictures_project(organization: Organization, *, kind: str = "radio") -> Project:
    return await organization.project(interface(kind=kind))


async def add_pictures(
    project: Project, files: dict[str, bytes], *, metadata: dict[str, Json] | None = None
) -> dict[str, str]:
    """Add pictures by name; answers the ids of the assets."""
    names = list(files)
    urls: list[str] = []
    for start in range(0, len(names), 100):
        paths = names[start : start + 100]
        urls += await project.admin.data(SIGNED, {"id": project.id, "paths": paths})
    for name, url in zip(names, urls, strict=True):
        sent = await project.admin.http.put(url.partition("&id=")[0], content=files[name])
        assert sent.status_code == 200, sent.text
    made: list[Json] = []
    for start in range(0, len(names), 100):
        part = names[start : start + 100]
        data: dict[str, Any] = {"contentArray": urls[start : start + 100], "externalIDArray": part}
        if metadata is not None:
            data["jsonMetadataArray"] = [json.dumps(metadata.get(name, {})) for name in part]
        made += await project.admin.data(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})
    return {asset["externalId"]: asset["id"] for asset in made}


def shape_files(each: int, *, shapes: Sequence[str] = SHAPES, start: int = 0) -> dict[str, bytes]:
    """Pictures of each shape, named `STAR-0` and so on."""
    return {f"{shape}-{number}": picture(shape, number) for number in range(start, start + each) for shape in shapes}


async def add_labels(
    project: Project, labels: dict[str, Sequence[str]], *, client: Client | None = None, label_type: str = "DEFAULT"
) -> None:
    """Label assets by their ids with categories of `SHAPE`."""
    items = [
        {
            "assetID": asset_id,
            "jsonResponse": json.dumps(
                {"SHAPE": {"categories": [{"name": name, "confidence": 100} for name in names]}}
            ),
        }
        for asset_id, names in labels.items()
    ]
    for start in range(0, len(items), 500):
        part = items[start : start + 500]
        data = {"labelType": label_type, "overwrite": False, "labelsData": part}
        await (client or project.admin).data(APPEND_MANY_LABELS, {"data": data, "where": {"id": part[0]["assetID"]}})


async def train(client: Client, project_id: str, name: str, **data: Any) -> Json:
    """Ask for a training; answers the model as it is then."""
    made: Json = await client.data(TRAIN, {"p": project_id, "data": {"name": name, **data}})
    return made


async def ended(client: Client, model_id: str, *, seconds: float = 90.0) -> Json:
    """The model once its training has ended; its progress never falls meanwhile."""
    deadline, progress = time.monotonic() + seconds, 0
    while True:
        (model,) = await client.data(MODELS, {"where": {"id": model_id}})
        assert model["progress"] >= progress, model
        progress = model["progress"]
        if model["status"] not in ("QUEUED", "TRAINING"):
            return dict(model)
        assert time.monotonic() < deadline, model
        await asyncio.sleep(0.03)


async def trained(client: Client, project_id: str, name: str, **data: Any) -> Json:
    """A model that has learned."""
    model = await ended(client, (await train(client, project_id, name, **data))["id"])
    assert (model["status"], model["error"], model["progress"]) == ("TRAINED", None, 100), model
    return model
