"""Predictions of images that are sent or that a project has, similar images, and predictions as labels."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import orjson

from labelyard.domain.door.sentisight.label import by_similarity
from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action
from labelyard.domain.trained_model import Checkpoint, percents, predicted_labels
from labelyard.server.door.rest import Call, Sent, file
from labelyard.server.door.sentisight.door import (
    DOOR,
    MOST_IMAGE_BYTES,
    PIECE,
    SentiSightProject,
    labels_of,
    project_named,
    sent_image,
)
from labelyard.server.door.sentisight.image import ids_named
from labelyard.server.door.sentisight.model import trained_model
from labelyard.services.door.sentisight.archive import SentArchive, zip_by_folder
from labelyard.services.learning.backbone import NETWORK
from labelyard.services.learning.feature import describe
from labelyard.services.trained_model.assist import Assistance
from labelyard.services.trained_model.scoring import Scorer, Scores, require_picture, vectors_of
from labelyard.services.trained_model.similarity import similar_pairs
from labelyard.storage.database import Row
from labelyard.storage.trained_model import assets_showing, visible_contents

ASSIST_SECONDS: Final = 15.0
MOST_FOUND: Final = 1_000
SEARCHED: Final = 2_000
MOST_PREDICTED: Final = 1_000


@DOOR.post("/predict/{project}/{model}", Action.READ_PROJECT, sent=Sent.UPLOAD)
async def predict(call: Call) -> object:
    """What a model says of an image, after its best epoch."""
    return await _predicted(call, Checkpoint.BEST)


@DOOR.post("/predict/{project}/{model}/last", Action.READ_PROJECT, sent=Sent.UPLOAD)
async def predict_last(call: Call) -> object:
    """What a model says of an image, after its last epoch."""
    return await _predicted(call, Checkpoint.LAST)


async def _predicted(call: Call, checkpoint: Checkpoint) -> object:
    _, model = await trained_model(call)
    picture = await sent_image(call)
    scorer = await Scorer.of(call.database, call.services.inference, model, checkpoint)
    return _answer(call, model, await scorer.score_picture(picture))


def _answer(call: Call, model: Row, scores: Scores) -> list[dict[str, Any]]:
    every = percents(model["labels"], scores)
    if model["type"] == "MULTI_LABEL" and call.query.flag("threshold"):
        thresholds = orjson.loads(model["thresholds"])
        chosen = {model["labels"][index] for index in predicted_labels(scores, thresholds, is_multi=True)}
        return [one for one in every if one["label"] in chosen]
    return every


@DOOR.post("/predict-batch/{project}/{model}", Action.READ_PROJECT, sent=Sent.UPLOAD)
async def predict_batch(call: Call) -> object:
    """What a model says of images of the project, named in a JSON list, or of the pictures of a zip."""
    project, model = await trained_model(call)
    kind = call.query.one_of("format", ("json", "csv", "zip")) or "json"
    scorer = await Scorer.of(call.database, call.services.inference, model)
    archive: SentArchive | None = None
    if call.body.is_json:
        rows = await _named_rows(call, project)
        vectors = await vectors_of(call.database, call.services, rows, model["backbone"])
        names = [row["external_id"] for row in rows]
        scores = await scorer.score([require_picture(vectors[row["content_hash"]], row["external_id"]) for row in rows])
        contents: dict[str, Row] = {row["external_id"]: row for row in rows}
    else:
        archive = await SentArchive.of(call.upload.part)
        names, scores, contents = [], [], {}
        if len(archive.members) > MOST_PREDICTED:
            raise BadUserInput(
                f"Predict at most {MOST_PREDICTED:,} pictures in one request; the zip has {len(archive.members):,} files."
            )
        for member in archive.members:
            if member.size > MOST_IMAGE_BYTES:
                raise BadUserInput(f"{member.name[:100]!r} of the zip has more than {MOST_IMAGE_BYTES >> 20} MiB.")
            scores.append(await scorer.score_picture(await _read(archive, member.name)))
            names.append(member.name)
    if kind == "json":
        return [
            {"name": name, "predictions": _answer(call, model, own)} for name, own in zip(names, scores, strict=True)
        ]
    best = {name: percents(model["labels"], own)[0] for name, own in zip(names, scores, strict=True)}
    if kind == "csv":
        return file(_csv(best), "text/csv; charset=utf-8", name="predictions.csv")
    pictures = _pictures(call, names, archive, contents)
    folders = {name: one["label"] for name, one in best.items()}
    return file(
        await zip_by_folder(call.services.work_dir, pictures, folders), "application/zip", name="predictions.zip"
    )


async def _named_rows(call: Call, project: SentiSightProject) -> list[Row]:
    if not isinstance(call.json, list) or len(call.json) > MOST_PREDICTED:
        raise BadUserInput(f"Send a JSON list of at most {MOST_PREDICTED:,} names of images, or a zip of pictures.")
    ids = await ids_named(call, project, call.json)
    async with call.reader() as connection:
        rows = {row["id"]: row for row in await visible_contents(connection, ids, call.actor)}
    return [rows[asset_id] for asset_id in ids]


async def _read(archive: SentArchive, name: str) -> tuple[int, AsyncIterator[bytes]]:
    (member,) = [one for one in archive.members if one.name == name]
    data = await archive.content(member)

    async def pieces() -> AsyncIterator[bytes]:
        yield data

    return len(data), pieces()


def _csv(best: Mapping[str, Mapping[str, Any]]) -> bytes:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(("name", "label", "score"))
    for name, one in best.items():
        rows.writerow((_cell(name), _cell(one["label"]), one["score"]))
    return written.getvalue().encode()


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


async def _pictures(
    call: Call, names: Sequence[str], archive: SentArchive | None, contents: Mapping[str, Row]
) -> AsyncIterator[tuple[str, bytes]]:
    """The pictures that were predicted, by their names."""
    for name in names:
        if archive is not None:
            _, pieces = await _read(archive, name)
        else:
            pieces = call.services.blobs.stream(contents[name]["blob_id"])
        yield name, b"".join([piece async for piece in pieces])


@DOOR.post("/label-assist/{project}/{model}", Action.CHANGE_PROJECT)
async def assist(call: Call) -> object:
    """Store predictions as labels, and have the most doubtful images labeled first; called again until it is complete."""
    _, model = await trained_model(call, Action.CHANGE_PROJECT)
    body = call.object if call.body.is_json else {}
    only, prioritize = body.get("only", "unlabeled"), body.get("prioritize", True)
    if only not in ("unlabeled", "all") or not isinstance(prioritize, bool):
        raise BadUserInput('Send {"only": "unlabeled" or "all", "prioritize": true or false}.')
    outcome = await Assistance(call.database, call.services, call.actor, model).run(
        only_unlabeled=only == "unlabeled", prioritize=prioritize, seconds=ASSIST_SECONDS
    )
    return {"written": outcome.written, "complete": outcome.is_complete}


async def _nearest(call: Call, project: SentiSightProject, *, limit: int, threshold: float) -> list[tuple[Row, float]]:
    """The images of a project that look most like the one that was sent, with their cosines, the nearest first."""
    vectors = await describe(call.services.inference.ask, call.services.inference.graphs, await sent_image(call))
    found = await call.services.galleries.nearest(
        call.database, call.services, project.id, vectors[NETWORK], limit=limit, threshold=threshold
    )
    cosines = dict(found.nearest)
    async with call.reader() as connection:
        rows = await assets_showing(connection, project.id, list(cosines), call.actor, limit=SEARCHED)
    return sorted(((row, cosines[row["content_hash"]]) for row in rows), key=lambda pair: -pair[1])


@DOOR.post("/similarity", Action.READ_PROJECT, sent=Sent.UPLOAD)
async def similarity(call: Call) -> object:
    """The images that look most like the one that is sent, of all or of those with some labels."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    limit = call.query.number("limit", default=10, least=1, most=MOST_FOUND)
    threshold = call.query.decimal("threshold", default=0, most=100) / 100
    wanted = set(call.query.all("labels"))
    needs_all = call.query.flag("and")
    found = await _nearest(call, project, limit=SEARCHED if wanted else limit, threshold=threshold)
    if wanted:
        labels = await labels_of(call, project, [row["id"] for row, _ in found])
        found = [
            (row, cosine)
            for row, cosine in found
            if (wanted <= set(labels.get(row["id"], ())) if needs_all else wanted & set(labels.get(row["id"], ())))
        ]
    return [{"image": row["external_id"], "score": round(100 * min(cosine, 1.0), 4)} for row, cosine in found[:limit]]


@DOOR.post("/label-by-similarity", Action.READ_PROJECT, sent=Sent.UPLOAD)
async def label_by_similarity(call: Call) -> object:
    """Labels for the image that is sent, by those of the labeled images that look most like it."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    limit = call.query.number("limit", default=10, least=1, most=MOST_FOUND)
    found = await _nearest(call, project, limit=SEARCHED, threshold=0.0)
    labels = await labels_of(call, project, [row["id"] for row, _ in found[:PIECE]])
    neighbours: Sequence[tuple[Row, float]] = [pair for pair in found if pair[0]["id"] in labels][:limit]
    return by_similarity((labels[row["id"]], cosine) for row, cosine in neighbours)


@DOOR.get("/similar-pairs/{project}", Action.READ_PROJECT)
async def pairs(call: Call) -> object:
    """Pairs of images that are nearly the same, the most alike first."""
    project = await project_named(call, call.path["project"], Action.READ_PROJECT)
    found = await similar_pairs(
        call.database,
        call.services,
        call.actor,
        project.id,
        first=call.query.number("limit", default=100, least=1, most=MOST_FOUND),
        threshold=call.query.decimal("threshold", default=95, most=100) / 100,
    )
    return [
        {"images": [one["first"]["externalId"], one["second"]["externalId"]], "score": one["score"]} for one in found
    ]


@DOOR.post("/pm-predict/{model}", Action.READ, sent=Sent.NOTHING)
async def ready_made(call: Call) -> object:
    """Refuse the ready-made models of the vendor."""
    raise NotFound(
        f"pm-predict/{call.path['model'][:100]}: this server has no ready-made models; train one with train/."
    )
