"""Having models trained and removed, setting their thresholds, and letting them assist those who label."""

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.domain.trained_model import model_name_of
from labelyard.resolvers.argument import Input
from labelyard.resolvers.operation import Call, mutation
from labelyard.resolvers.trained_model.input import ThresholdsData, TrainModelData
from labelyard.resolvers.trained_model.type import LabelAssistance, TrainedModel
from labelyard.services.trained_model import request
from labelyard.services.trained_model.assist import Assistance
from labelyard.services.trained_model.repetition import set_learning_loop
from labelyard.storage.database import Writer

# Half of what a request may take: what is left, the next call goes on with.
ASSIST_SECONDS = 15.0


@mutation(Action.CHANGE_PROJECT, own_transaction="looks at the labels first")
async def trainModel(call: Call, projectId: strawberry.ID, data: Input[TrainModelData]) -> TrainedModel:
    """Have a model learn from the labels of a project of images; `trainedModels` says when it has."""
    await call.authorize(projectId)
    name = model_name_of(data["name"])
    parameters = await request.check_training(call.database, projectId, data)
    async with call.transaction() as writer:
        model_id = await request.request_training(
            writer, call.actor, projectId, name, parameters, assists=bool(data.get("assistLabeling"))
        )
    return await call.by_id(model_id)


@mutation(Action.CHANGE_PROJECT)
async def cancelTraining(call: Call, writer: Writer, id: strawberry.ID) -> TrainedModel:
    """End a training that is not done: one that runs ends after the image or the epoch that it is at."""
    await request.cancel_training(writer, call.actor, id)
    return call.after_commit(call.by_id, id)


@mutation(Action.CHANGE_PROJECT)
async def deleteTrainedModel(call: Call, writer: Writer, id: strawberry.ID) -> strawberry.ID:
    """Delete a model, and end its training; labels that it has predicted stay."""
    await request.remove_model(writer, call.actor, id)
    return id


@mutation(Action.CHANGE_PROJECT, own_transaction="computes the best thresholds first")
async def setTrainedModelThresholds(call: Call, id: strawberry.ID, data: Input[ThresholdsData]) -> TrainedModel:
    """Set from which score on a model of several labels predicts each of them, for its statistics and for what it predicts."""
    async with call.reader() as connection:
        model = await request.find_model(connection, call.actor, id, Action.CHANGE_PROJECT)
    request.require_trained(model)
    given = {one["label"]: one["threshold"] for one in data.get("labels", ())}
    to_all = data.get("threshold")
    if not given and to_all is None and not data.get("optimized"):
        raise BadUserInput("Give `optimized: true`, one `threshold` for all labels, or `labels`.", field="data")
    best = (
        await request.best_thresholds(call.database, call.services.inference, model) if data.get("optimized") else None
    )
    thresholds = request.new_thresholds(model, given, to_all=to_all, best=best)
    async with call.transaction() as writer:
        await request.keep_thresholds(writer, call.actor, id, thresholds)
    return await call.by_id(id)


@mutation(Action.CHANGE_PROJECT, own_transaction="predicts first")
async def assistLabeling(
    call: Call, id: strawberry.ID, onlyUnlabeled: bool | None = None, prioritize: bool | None = None
) -> LabelAssistance:
    """Store what a model predicts as labels of type PREDICTION, and have the most doubtful assets labeled first.

    Until the answer says `isComplete`, the same call goes on where the one before has ended.
    """
    async with call.reader() as connection:
        model = await request.find_model(connection, call.actor, id, Action.CHANGE_PROJECT)
    request.require_trained(model)
    outcome = await Assistance(call.database, call.services, call.actor, model).run(
        only_unlabeled=onlyUnlabeled is not False, prioritize=prioritize is not False, seconds=ASSIST_SECONDS
    )
    return call.answer({"written": outcome.written, "isComplete": outcome.is_complete})


@mutation(Action.CHANGE_PROJECT)
async def setLearningLoop(
    call: Call, writer: Writer, projectId: strawberry.ID, everyLabels: int, modelId: strawberry.ID | None = None
) -> int:
    """Have another model trained as one is after every so many labels of people, and predict what is unlabeled; 0 ends that."""
    await call.authorize(projectId)
    await set_learning_loop(writer, call.actor, projectId, everyLabels, modelId)
    return everyLabels
