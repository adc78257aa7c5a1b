"""Models trained on the labels of a project: what is asked for, which images they learn from, and how doubtful a prediction is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from math import isfinite
from typing import Any, Final

from labelyard.domain.error import BadUserInput
from labelyard.domain.interface import Interface
from labelyard.domain.interface.vocabulary import Input, MlTask
from labelyard.domain.number import in_range, whole_number
from labelyard.domain.text import MAX_MODEL_NAME, within

MAX_IMAGES: Final = 100_000
MAX_LABELS: Final = 1_000
MAX_SCORES: Final = 5_000_000
"""Of all images and labels of a model together: what training holds in memory."""
LEAST_IMAGES: Final = 2
LEAST_LABELS: Final = 2
ONE_LABEL: Final = frozenset({Input.RADIO, Input.SINGLE_DROPDOWN})
ABSENT, PRESENT, DEFAULT = 0, 1, 2
"""What the truth of an image says of a label, a byte for each; the first label of an image is its default one."""


class TrainedModelType(StrEnum):
    """Whether an image has one of the labels, or any number of them."""

    SINGLE_LABEL = "SINGLE_LABEL"
    MULTI_LABEL = "MULTI_LABEL"


class TrainingStatus(StrEnum):
    """Where a training is."""

    QUEUED = "QUEUED"
    TRAINING = "TRAINING"
    TRAINED = "TRAINED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Checkpoint(StrEnum):
    """Of the epochs of a training: the one with the lowest loss on images that validate, or the last."""

    BEST = "BEST"
    LAST = "LAST"


class ImageSet(StrEnum):
    """The images that a model has learned from, or those that were held back."""

    TRAIN = "TRAIN"
    VALIDATION = "VALIDATION"


class PredictionFilter(StrEnum):
    """Which predictions on the images of a training to list."""

    ALL = "ALL"
    CORRECT = "CORRECT"
    INCORRECT = "INCORRECT"
    ABOVE = "ABOVE"
    BELOW = "BELOW"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is asked of a training; `labels` None stands for all that images have. `patience` counts epochs without a better one."""

    type: TrainedModelType
    job_name: str
    labels: tuple[str, ...] | None
    minutes: float
    validation_percent: float
    use_user_validation: bool
    learning_rate: float
    seed: int
    patience: int

    @property
    def is_multi(self) -> bool:
        """Whether an image may have several labels."""
        return self.type is TrainedModelType.MULTI_LABEL

    def as_json(self) -> dict[str, Any]:
        """The form in which they are kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Parameters:
        """The parameters that were kept."""
        labels = kept["labels"]
        return cls(
            **{
                **kept,
                "type": TrainedModelType(kept["type"]),
                "labels": tuple(labels) if labels is not None else None,
            }
        )


@dataclass(frozen=True, slots=True)
class LabeledImage:
    """An image of the snapshot: its labels in order, the default one first; `is_marked` says that a person holds it back."""

    asset_id: str
    content_hash: str
    labels: tuple[str, ...]
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Lesson:
    """The images of a training in a fixed order, and the truth of each as bytes, one for each label.

    The first `learned` of them are learned from, the others validate.
    """

    labels: tuple[str, ...]
    images: tuple[LabeledImage, ...]
    truth: tuple[bytes, ...]
    learned: int


def parameters_of(data: Mapping[str, Any], interface: Interface, *, input_type: str) -> Parameters:
    """The parameters that a request has; each that is missing has its usual value."""
    if input_type != "IMAGE":
        raise BadUserInput(
            f"[notCompatibleInputType] Models are trained on projects of type IMAGE, and this one is {input_type}."
        )
    job_name = classification_job(interface, data.get("jobName"))
    labels = data.get("labels")
    job = interface.jobs[job_name]
    if labels is not None:
        unknown = [label for label in labels if label not in job.categories]
        if unknown:
            raise BadUserInput(f"Job {job_name!r} has no category {unknown[0]!r}.", field="labels")
        if len(labels) > MAX_LABELS:
            raise BadUserInput(f"A model has up to {MAX_LABELS:,} labels, not {len(labels):,}.", field="labels")
    if job.input in ONE_LABEL and data.get("type") == TrainedModelType.MULTI_LABEL:
        raise BadUserInput(
            f"Job {job_name!r} takes one answer for each asset: a model of it is SINGLE_LABEL.", field="type"
        )
    usual = TrainedModelType.SINGLE_LABEL if job.input in ONE_LABEL else TrainedModelType.MULTI_LABEL
    return Parameters(
        type=TrainedModelType(data.get("type", usual)),
        job_name=job_name,
        labels=tuple(dict.fromkeys(labels)) if labels is not None else None,
        minutes=_number(data, "minutes", 1.0),
        validation_percent=_number(data, "validationPercent", 20.0),
        use_user_validation=bool(data.get("useUserValidation", False)),
        learning_rate=_number(data, "learningRate", 0.05),
        seed=int(_number(data, "seed", 0)),
        patience=int(_number(data, "patience", 150)),
    )


def _number(data: Mapping[str, Any], name: str, usual: float) -> float:
    given = data.get(name, usual)
    if isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given):
        raise BadUserInput(f"{name} is a number, not {given!r}.", field=name)
    return in_range(given, name)


def classification_job(interface: Interface, name: str | None) -> str:
    """The job that a model learns: the one of a name, or the first that classifies assets."""
    jobs = [
        job.name
        for job in interface.jobs.values()
        if job.ml_task is MlTask.CLASSIFICATION and not job.is_child and not job.is_model and job.categories
    ]
    if name is not None and name not in jobs:
        raise BadUserInput(
            f"[noCompatibleJob] {name!r} is no job of this project that classifies assets; those are {', '.join(jobs) or 'none'}.",
            field="jobName",
        )
    if not jobs:
        raise BadUserInput(
            "[noCompatibleJob] No job of this project classifies assets: add one of mlTask CLASSIFICATION with categories.",
            field="jobName",
        )
    return name if name is not None else jobs[0]


def model_name_of(text: str) -> str:
    """The name of a model: any text of 1 to 200 characters without a line break."""
    if "\n" in text or "\r" in text:
        raise BadUserInput("The name of a model is one line; leave the line break out.", field="name")
    return within(text, name="The name of a model", limit=MAX_MODEL_NAME, least=1)


def numbered(name: str, taken: set[str]) -> str:
    """A name that is free, with a number behind it."""
    stem, _, number = name.rpartition(" ")
    stem = stem if stem and whole_number(number) is not None else name
    count = 2
    while (made := f"{stem[: MAX_MODEL_NAME - len(str(count)) - 1]} {count}") in taken:
        count += 1
    return made


def lesson_of(snapshot: Sequence[LabeledImage], parameters: Parameters, categories: Sequence[str]) -> Lesson:
    """The images that have one of the labels, with their truth, split into those to learn from and those that validate.

    `categories` gives the order of labels. Refused are fewer than two labels, and labels of fewer than two images.
    """
    chosen = set(parameters.labels if parameters.labels is not None else categories)
    usable = [(image, tuple(label for label in _counted(image, parameters) if label in chosen)) for image in snapshot]
    usable = [(image, labels) for image, labels in usable if labels]
    counts = Counter(label for _, labels in usable for label in labels)
    names = parameters.labels if parameters.labels is not None else tuple(name for name in categories if counts[name])
    _check_counts(names, counts)
    if len(usable) > MAX_IMAGES or len(usable) * len(names) > MAX_SCORES:
        raise BadUserInput(
            f"[tooManyItems] A model learns from up to {MAX_IMAGES:,} images, and {MAX_SCORES:,} when multiplied with its labels; "
            f"there are {len(usable):,} images and {len(names):,} labels. Choose fewer labels.",
            limit=MAX_IMAGES,
        )
    usable.sort(key=lambda one: _draw(parameters.seed, one[0].asset_id))
    validates = (
        [image.is_marked for image, _ in usable]
        if parameters.use_user_validation
        else held_back([labels for _, labels in usable], names, parameters.validation_percent)
    )
    if all(validates) or not any(validates):
        raise BadUserInput(
            "There must be images that a person has marked for validation, and others to learn from.",
            field="useUserValidation",
        )
    place = {name: index for index, name in enumerate(names)}
    order = sorted(range(len(usable)), key=lambda index: validates[index])
    return Lesson(
        labels=tuple(names),
        images=tuple(usable[index][0] for index in order),
        truth=tuple(_truth(usable[index][1], place) for index in order),
        learned=validates.count(False),
    )


def _counted(image: LabeledImage, parameters: Parameters) -> tuple[str, ...]:
    """The labels of an image that a model of the type looks at: one, or all."""
    return image.labels if parameters.is_multi else image.labels[:1]


def _check_counts(names: Sequence[str], counts: Counter[str]) -> None:
    if len(names) < LEAST_LABELS:
        raise BadUserInput(
            f"[tooFewLabels] A model learns to tell at least two labels apart, and images have {', '.join(names) or 'none'}; "
            "label some with another one.",
            labels=list(names),
        )
    rare = [name for name in names if counts[name] < LEAST_IMAGES]
    if rare:
        raise BadUserInput(
            f"[tooFewImages] A label is learned from at least two images; too few have {', '.join(rare[:20])}.",
            labels=rare,
        )
    if len(names) > MAX_LABELS:
        raise BadUserInput(f"A model has up to {MAX_LABELS:,} labels, not {len(names):,}.", field="labels")


def _draw(seed: int, asset_id: str) -> bytes:
    """The place of an image in an order that a seed decides."""
    return sha256(f"{seed}:{asset_id}".encode()).digest()


def held_back(labels: Sequence[Sequence[str]], names: Sequence[str], percent: float) -> list[bool]:
    """Which of images validate: of each label so many percent in their order, but at least one, and never all."""
    validates = [False] * len(labels)
    of_label: dict[str, list[int]] = {name: [] for name in names}
    for index, own in enumerate(labels):
        for label in own:
            of_label[label].append(index)
    left = {name: len(images) for name, images in of_label.items()}
    for name in names:
        images = of_label[name]
        wanted = min(max(1, round(len(images) * percent / 100)), len(images) - 1)
        for index in images:
            if len(images) - left[name] >= wanted:
                break
            if not validates[index] and all(left[label] > 1 for label in labels[index]):
                validates[index] = True
                for label in labels[index]:
                    left[label] -= 1
    return validates


def _truth(labels: Sequence[str], place: Mapping[str, int]) -> bytes:
    row = bytearray(len(place))
    for number, label in enumerate(labels):
        row[place[label]] = DEFAULT if number == 0 else PRESENT
    return bytes(row)


def percents(labels: Sequence[str], scores: Sequence[float]) -> list[dict[str, Any]]:
    """Labels with their scores in percent, the highest first."""
    pairs = sorted(zip(labels, scores, strict=True), key=lambda pair: -pair[1])
    return [{"label": label, "score": round(100 * score, 4)} for label, score in pairs]


def predicted_labels(scores: Sequence[float], thresholds: Sequence[float], *, is_multi: bool) -> list[int]:
    """The places of the labels that an image is predicted to have, the highest score first."""
    order = sorted(range(len(scores)), key=lambda index: -scores[index])
    return [index for index in order if scores[index] >= thresholds[index]] if is_multi else order[:1]


def doubt(scores: Sequence[float], thresholds: Sequence[float], *, is_multi: bool) -> int:
    """How doubtful the prediction for an image is, from 0 to 100: the priority that it is given in the queue."""
    if is_multi:
        distance = min(abs(score - threshold) for score, threshold in zip(scores, thresholds, strict=True))
        return max(0, round(100 - 200 * distance))
    first, second = sorted(scores, reverse=True)[:2]
    return round(100 - 100 * (first - second))


def is_correct(truth: Sequence[int], scores: Sequence[float], thresholds: Sequence[float], *, is_multi: bool) -> bool:
    """Whether a prediction is the truth: the default label, or exactly the labels at or above their thresholds."""
    predicted = set(predicted_labels(scores, thresholds, is_multi=is_multi))
    if is_multi:
        return predicted == {index for index, there in enumerate(truth) if there}
    return predicted == {index for index, there in enumerate(truth) if there == DEFAULT}


def thresholds_of(
    given: Mapping[str, float], labels: Sequence[str], present: Sequence[float], *, to_all: float | None
) -> list[float]:
    """New thresholds from 0 to 1: those that are given, in percent, and the present ones for other labels."""
    unknown = [label for label in given if label not in labels]
    if unknown:
        raise BadUserInput(f"The model has no label {unknown[0]!r}.", field="thresholds")
    for percent in (*given.values(), *([to_all] if to_all is not None else [])):
        in_range(percent, "threshold")
    return [
        given[label] / 100 if label in given else to_all / 100 if to_all is not None else threshold
        for label, threshold in zip(labels, present, strict=True)
    ]
