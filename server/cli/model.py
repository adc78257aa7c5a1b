"""The command `labelyard model`: training models on labels, and asking them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from labelyard.domain.error import NotFound
from labelyard.domain.permission import Action, Actor
from labelyard.domain.trained_model import Checkpoint, ImageSet, TrainedModelType, model_name_of
from labelyard.server.app_services import app_services_of
from labelyard.server.cli.bulk import OfOrganization, Person, ProjectId, person_for
from labelyard.server.cli.database import DataDir, existing_settings, print_table, printable
from labelyard.server.cli.job_bar import wait_for_job
from labelyard.server.logs import without_logs
from labelyard.server.start import database_url, open_database, prepare_data_dir
from labelyard.services.app_services import AppServices
from labelyard.services.learning.backbone import require_packages
from labelyard.services.trained_model.assist import Assistance, Assisted
from labelyard.services.trained_model.report import statistics_of
from labelyard.services.trained_model.request import KIND, check_training, request_training, require_trained
from labelyard.services.trained_model.similarity import similar_assets
from labelyard.storage.asset import ids_by_external_id
from labelyard.storage.database import Database, Row
from labelyard.storage.trained_model import count_to_assist, own_model_named, read_model, visible_contents

CONNECTIONS: Final = 6

model_app = typer.Typer(name="model", help="Train models on labels of pictures, and ask them.", no_args_is_help=True)
ModelName = Annotated[str, typer.Argument(metavar="NAME", help="The name of the model.")]
T = TypeVar("T")


@model_app.command("train")
def train(
    project_id: ProjectId,
    name: ModelName,
    email: Person,
    type_: Annotated[
        TrainedModelType | None,
        typer.Option("--type", case_sensitive=False, help="One label for each image, or several; what fits the job."),
    ] = None,
    job: Annotated[str | None, typer.Option(help="The job whose categories it learns; the first one.")] = None,
    minutes: Annotated[float, typer.Option(help="How long it may learn.")] = 1.0,
    validation_percent: Annotated[float, typer.Option(help="How many images of each label validate.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Decides which images validate.")] = 0,
    assist: Annotated[
        bool, typer.Option("--assist", help="Store predictions of what is unlabeled afterwards.")
    ] = False,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Train a model on the labels of a project, beside a server that runs or without one."""
    data: dict[str, Any] = {"minutes": minutes, "validationPercent": validation_percent, "seed": seed}
    data |= {"type": type_} if type_ is not None else {}
    data |= {"jobName": job} if job is not None else {}

    async def run(database: Database, services: AppServices, actor: Actor) -> Row | None:
        parameters = await check_training(database, project_id, data)
        async with database.transaction() as writer:
            model_id = await request_training(
                writer, actor, project_id, model_name_of(name), parameters, assists=assist
            )
        async with database.reader() as connection:
            model = await read_model(connection, model_id)
        if model is not None:
            await wait_for_job(database, services, model["job_id"], kind=KIND, title="Training", what="The training")
        async with database.reader() as connection:
            return await read_model(connection, model_id)

    model = _with_person(run, project_id, email, organization, data_dir, Action.CHANGE_PROJECT)
    if model is None:
        raise NotFound("The model was deleted while it was trained.")
    print(
        f"Model {printable(name)} tells {len(model['labels'])} labels apart, after {model['train_seconds']:.1f} seconds of learning; "
        f"`labelyard model stats {project_id}` says how well."
    )


@model_app.command("predict")
def predict(
    project_id: ProjectId,
    name: ModelName,
    email: Person,
    every: Annotated[bool, typer.Option("--all", help="Predict assets with labels of people, too.")] = False,
    keep_priority: Annotated[
        bool, typer.Option("--keep-priority", help="Leave the order of the queue; else the most doubtful come first.")
    ] = False,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Store what a model predicts as labels of type PREDICTION. Run again after whatever stopped it, it goes on."""

    async def run(database: Database, services: AppServices, actor: Actor) -> Assisted:
        model = await _trained(database, actor, project_id, name)
        async with database.reader() as connection:
            total = await count_to_assist(connection, model, only_unlabeled=not every)
        # Loaded here, not by each start of the server.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("Predicting", total=total)
            return await Assistance(database, services, actor, model).run(
                only_unlabeled=not every,
                prioritize=not keep_priority,
                seen=lambda done: progress.update(task, completed=done),
            )

    outcome = _with_person(run, project_id, email, organization, data_dir, Action.IMPORT_LABELS)
    print(f"{outcome.written:,} predictions written to project {project_id}, {outcome.looked_at:,} assets looked at.")


@model_app.command("stats")
def stats(
    project_id: ProjectId,
    name: ModelName,
    email: Person,
    image_set: Annotated[
        ImageSet, typer.Option("--set", case_sensitive=False, help="The images it has learned from, or the others.")
    ] = ImageSet.VALIDATION,
    checkpoint: Annotated[
        Checkpoint, typer.Option(case_sensitive=False, help="After the best epoch, or after the last one.")
    ] = Checkpoint.BEST,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Show how well a model does on the images of its training."""

    async def run(database: Database, services: AppServices, actor: Actor) -> dict[str, Any]:
        model = await _trained(database, actor, project_id, name)
        return await statistics_of(database, services.inference, model, image_set, checkpoint)

    made = _with_person(run, project_id, email, organization, data_dir, Action.READ_PROJECT)
    thresholds = made["thresholds"] or {}
    print_table(
        ("LABEL", "IMAGES", "PRECISION", "RECALL", "F1", "THRESHOLD"),
        [
            (
                printable(label),
                str(made["labels"][label]),
                *(f"{rates[rate]:.4f}" for rate in ("precision", "recall", "f1")),
                f"{100 * thresholds[label]:.2f}" if label in thresholds else "",
            )
            for label, rates in made["perLabel"].items()
        ],
    )
    print()
    names = ("images", "accuracy", "accuracyLabelWise", "accuracyImageWise", "precision", "recall", "f1")
    more = ("crossEntropy", "matthews", "rocAuc", "trainSeconds", "bestAtSeconds")
    rows = [(key, made[key]) for key in (*names, *more) if made.get(key) is not None]
    print_table(
        ("STATISTIC", "VALUE"),
        [(key, f"{value:.4f}" if isinstance(value, float) else str(value)) for key, value in rows],
    )


@model_app.command("similar")
def similar(
    project_id: ProjectId,
    external_id: Annotated[str, typer.Argument(metavar="EXTERNAL_ID", help="The picture to compare with.")],
    email: Person,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to list.")] = 10,
    threshold: Annotated[float, typer.Option(min=0, max=100, help="The least percent that they are alike.")] = 0.0,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """List the assets of a project whose pictures are most alike to one."""

    async def run(database: Database, services: AppServices, actor: Actor) -> dict[str, Any]:
        async with database.reader() as connection:
            ids = await ids_by_external_id(connection, [(project_id, external_id)])
            found = await visible_contents(connection, list(ids.values()), actor)
        if not found:
            raise NotFound(f"Project {project_id} has no picture with external id {external_id!r}.")
        return await similar_assets(database, services, actor, found[0], first=limit, threshold=threshold / 100)

    made = _with_person(run, project_id, email, organization, data_dir, Action.READ_PROJECT)
    print_table(
        ("EXTERNAL ID", "ALIKE"),
        [(printable(asset["externalId"]), f"{asset['score']:.2f}") for asset in made["assets"]],
    )
    if made["undescribed"]:
        print(f"{made['undescribed']:,} pictures are still to be described: run the command again.", file=sys.stderr)


async def _trained(database: Database, actor: Actor, project_id: str, name: str) -> Row:
    async with database.reader() as connection:
        model = await own_model_named(connection, project_id, name, actor)
    if model is None:
        raise NotFound(f"Project {project_id} has no model {name!r}.")
    require_trained(model)
    return model


def _with_person(
    work: Callable[[Database, AppServices, Actor], Awaitable[T]],
    project_id: str,
    email: str,
    organization: str | None,
    data_dir: Path | None,
    action: Action,
) -> T:
    """Do something as a person who may, and end what was started for it."""
    settings = existing_settings(data_dir)
    require_packages()

    async def run() -> T:
        prepare_data_dir(settings)
        url = await asyncio.to_thread(database_url, settings)
        async with open_database(settings, url, size=CONNECTIONS) as database:
            actor = await person_for(
                database, email=email, organization=organization, action=action, project_id=project_id
            )
            services = app_services_of(settings)
            try:
                return await work(database, services, actor)
            finally:
                await services.inference.end()

    with without_logs():
        return asyncio.run(run())
