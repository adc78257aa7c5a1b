"""Models: trained, listed, deleted, and how well they do."""

from __future__ import annotations

from typing import Any, Final

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action, ProjectRole
from labelyard.domain.trained_model import Checkpoint, ImageSet, PredictionFilter, TrainedModelType, model_name_of
from labelyard.server.door.rest import Answer, Call, file
from labelyard.server.door.sentisight.door import DOOR, MOST_LISTED, SentiSightProject, project_named
from labelyard.services.door.sentisight.offline import offline_server
from labelyard.services.trained_model import report
from labelyard.services.trained_model.repetition import set_learning_loop
from labelyard.services.trained_model.request import (
    best_thresholds,
    check_training,
    keep_thresholds,
    new_thresholds,
    remove_model,
    request_training,
    require_trained,
)
from labelyard.storage.database import Row
from labelyard.storage.filter.trained_model import trained_model_filter
from labelyard.storage.trained_model import own_model_named

TYPES: Final = {
    "single-label": TrainedModelType.SINGLE_LABEL,
    "multi-label": TrainedModelType.MULTI_LABEL,
}
MOST_MODELS: Final = 1_000
WORDS: Final = {kind.value: word for word, kind in TYPES.items()}
NUMBERS: Final = ("minutes", "validationPercent", "learningRate")
KNOWN: Final = frozenset(("name", "type", "labels", "useUserValidation", *NUMBERS))
SELECTED: Final = "{ name type status progress labels createdAt trainSeconds bestAtSeconds error }"


async def model_named(call: Call, project: SentiSightProject, name: str) -> Row:
    """A model of a project by its name."""
    async with call.reader() as connection:
        model = await own_model_named(connection, project.id, name, call.actor)
    if model is None:
        raise NotFound(f"There is no model {name[:100]!r} in this project.")
    return model


async def trained_model(call: Call, action: Action = Action.READ_PROJECT) -> tuple[SentiSightProject, Row]:
    """The project of the path, and its model, which has learned."""
    project = await project_named(call, call.path["project"], action)
    model = await model_named(call, project, call.path["model"])
    require_trained(model)
    return project, model


@DOOR.post("/train/{project}", Action.CHANGE_PROJECT)
async def train(call: Call) -> object:
    """Have a model learn from the labels of the images."""
    project = await project_named(call, call.path["project"], Action.CHANGE_PROJECT)
    body = call.object
    unknown = body.keys() - KNOWN
    if unknown:
        raise BadUserInput(f"{min(unknown)[:100]!r} is no field of a training; those are {', '.join(sorted(KNOWN))}.")
    name, kind, labels = body.get("name"), body.get("type", "single-label"), body.get("labels")
    if not isinstance(name, str):
        raise BadUserInput('Give the name of the model, as {"name": "…"}.', field="name")
    if kind not in TYPES:
        raise BadUserInput(f"type is one of {', '.join(TYPES)}.", field="type")
    if labels is not None and (not isinstance(labels, list) or not all(isinstance(one, str) for one in labels)):
        raise BadUserInput("labels is a list of texts.", field="labels")
    if not isinstance(body.get("useUserValidation", False), bool):
        raise BadUserInput("useUserValidation is true or false.", field="useUserValidation")
    data: dict[str, Any] = {key: body[key] for key in NUMBERS if body.get(key) is not None}
    data |= {
        "type": TYPES[kind],
        "jobName": project.job_name,
        "useUserValidation": body.get("useUserValidation", False),
    }
    data |= {"labels": labels} if labels else {}
    checked_name = model_name_of(name)
    parameters = await check_training(
        call.database, project.id, {key: value for key, value in data.items() if value is not None}
    )
    async with call.transaction() as writer:
        await request_training(writer, call.actor, project.id, checked_name, parameters)
    return {"model": checked_name, "status": "queued"}


@DOOR.get("/models/{project}", Action.READ_PROJECT)
async def listed(call: Call) -> object:
    """The models of a project, with how far their training is."""
    project = await project_named(call, call.path["project"], Action.READ_PROJECT)
    models = await call.select(
        "TrainedModel", SELECTED, trained_model_filter({"projectId": project.id}), first=MOST_MODELS
    )
    return [{**model, "type": WORDS[model["type"]], "status": model["status"].lower()} for model in models]


@DOOR.delete("/model/{project}/{model}", Action.CHANGE_PROJECT)
async def delete(call: Call) -> object:
    """Delete a model; a training that runs is cancelled first."""
    project = await project_named(call, call.path["project"], Action.CHANGE_PROJECT)
    model = await model_named(call, project, call.path["model"])
    async with call.transaction() as writer:
        await remove_model(writer, call.actor, model["id"])
    return {"model": model["name"]}


@DOOR.put("/loop/{project}", Action.CHANGE_PROJECT)
async def repeat(call: Call) -> object:
    """Have another model learn as one has after every so many labels of people, and predict what is unlabeled; 0 ends that."""
    project = await project_named(call, call.path["project"], Action.CHANGE_PROJECT)
    every, name = call.object.get("everyLabels"), call.object.get("model")
    if not isinstance(every, int) or isinstance(every, bool):
        raise BadUserInput("everyLabels is a whole number; 0 ends the loop.", field="everyLabels")
    if not isinstance(name, str | None) or (every and name is None):
        raise BadUserInput('Name the model to train again, as {"everyLabels": 20, "model": "…"}.', field="model")
    model_id = (await model_named(call, project, name))["id"] if every and name is not None else None
    async with call.transaction() as writer:
        await set_learning_loop(writer, call.actor, project.id, every, model_id)
    return {"everyLabels": every, "model": name if every else None}


@DOOR.get("/model/{project}/{model}/statistics", Action.READ_PROJECT)
async def statistics(call: Call) -> object:
    """How well a model does on the images of its training; statistics are fractions, thresholds percent."""
    _, model = await trained_model(call)
    return await _statistics(call, model)


async def _statistics(call: Call, model: Row) -> dict[str, Any]:
    made = await report.statistics_of(call.database, call.services.inference, model, _set(call), _checkpoint(call))
    thresholds = made["thresholds"]
    if thresholds is not None:
        made["thresholds"] = {label: round(100 * value, 4) for label, value in thresholds.items()}
    return {"type": WORDS[model["type"]], **made}


def _set(call: Call) -> ImageSet:
    return ImageSet((call.query.one_of("set", ("train", "validation")) or "validation").upper())


def _checkpoint(call: Call) -> Checkpoint:
    return Checkpoint((call.query.one_of("checkpoint", ("best", "last")) or "best").upper())


@DOOR.get("/model/{project}/{model}/predictions", Action.REVIEW_LABELS)
async def predictions(call: Call) -> object:
    """What a model says of the images of its training, beside the truth."""
    _, model = await trained_model(call, Action.READ_PROJECT)
    if call.actor.role_in(model["project_id"]) is ProjectRole.LABELER:
        await call.authorize(model["project_id"], Action.REVIEW_LABELS)  # who labels sees no labels of others
    wanted = call.query.one_of("filter", [one.lower() for one in PredictionFilter]) or "all"
    found = await report.predictions_of(
        call.database,
        model,
        _set(call),
        _checkpoint(call),
        PredictionFilter(wanted.upper()),
        first=MOST_LISTED,
        skip=0,
    )
    return [
        {
            "name": one["externalId"],
            "truth": one["truth"],
            "default": one["default"],
            "scores": {score["label"]: score["score"] for score in one["scores"]},
            "correct": one["correct"],
        }
        for one in found
    ]


@DOOR.put("/model/{project}/{model}/thresholds", Action.CHANGE_PROJECT)
async def thresholds(call: Call) -> object:
    """Set from which percent on a model of several labels predicts each: of labels, of all, or the best ones."""
    project, model = await trained_model(call, Action.CHANGE_PROJECT)
    given = dict(call.object)
    best = None
    if given.pop("optimized", False) is True:
        best = await best_thresholds(call.database, call.services.inference, model)
    for label, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadUserInput(f"The threshold of {label[:100]!r} is a number of percent.", field=label[:100])
    to_all = given.pop("all", None) if "all" not in model["labels"] else None
    made = new_thresholds(model, given, to_all=to_all, best=best)
    async with call.transaction() as writer:
        await keep_thresholds(writer, call.actor, model["id"], made)
    return await _statistics(call, await model_named(call, project, model["name"]))


@DOOR.get("/model/{project}/{model}/download", Action.READ_PROJECT)
async def download(call: Call) -> Answer:
    """A model as a server of its own: a zip of the network, its labels and thresholds, and the program."""
    _, model = await trained_model(call)
    return file(await offline_server(call.database, call.services, model), "application/zip", name="model.zip")
