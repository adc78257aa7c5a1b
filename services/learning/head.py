"""The head of a model: from the features of an image to a score for each label."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from labelyard.services.learning.statistics import best_thresholds, cross_entropy, hits

# How far apart the scores of features of unit length can be.
SHARPNESS: Final = 8.0
MOMENTS: Final = (0.9, 0.999)
TINY: Final = 1e-8
DECAY: Final = 1e-4
WHOLE_UP_TO: Final = 20_000
BATCH: Final = 4_096
PATIENCE: Final = 150


@dataclass(slots=True)
class Head:
    """Weights of features × labels, and a bias for each label."""

    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def empty(cls, features: int, labels: int) -> Head:
        """A head that has learned nothing."""
        return cls(np.zeros((features, labels), np.float32), np.zeros(labels, np.float32))

    @classmethod
    def from_bytes(cls, data: bytes | memoryview, labels: int) -> Head:
        """A head as it is stored: the weights of each feature, then the biases."""
        numbers = np.frombuffer(data, "<f4").reshape(-1, labels)
        return cls(numbers[:-1], numbers[-1])

    def to_bytes(self) -> bytes:
        """The numbers as they are stored, of 4 bytes each."""
        return np.vstack([self.weights, self.bias[None]]).astype("<f4").tobytes()

    def kept(self) -> Head:
        """The numbers as they are now, whatever is learned later."""
        return Head(np.array(self.weights), np.array(self.bias))

    def scores(self, features: np.ndarray, *, is_multi: bool) -> np.ndarray:
        """A score from 0 to 1 for each image and label; those of an image add up to 1 unless it may have several labels."""
        made = np.empty((len(features), len(self.bias)), np.float32)
        for start in range(0, len(features), BATCH):
            batch = features[start : start + BATCH].astype(np.float32, copy=False)
            made[start : start + BATCH] = _scores(SHARPNESS * (batch @ self.weights) + self.bias, is_multi=is_multi)
        return made


def _scores(values: np.ndarray, *, is_multi: bool) -> np.ndarray:
    if is_multi:
        return 1 / (1 + np.exp(-np.clip(values, -60, 60)))  # type: ignore[no-any-return]
    values -= values.max(axis=1, keepdims=True)
    np.exp(values, out=values)
    return values / values.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]


class TrainingSet:
    """The images of a training: first those to learn from, then those that validate.

    `features` has unit length; many images keep 2 bytes a number, and are read batch by batch. `truth` is images × labels of 0 and 1.
    """

    def __init__(self, truth: np.ndarray, *, learned: int, features: int, is_multi: bool) -> None:
        images = len(truth)
        self.features = np.zeros((images, features), np.float32 if images <= WHOLE_UP_TO else np.float16)
        self.truth = truth
        self.learned = learned
        self.is_multi = is_multi

    def fill(self, start: int, values: np.ndarray) -> None:
        """Set the features of images from a place on."""
        self.features[start : start + len(values)] = values


@dataclass(frozen=True, slots=True)
class Trained:
    """The outcome of a training."""

    best: Head
    last: Head
    best_epoch: int
    best_at_seconds: float
    seconds: float
    validation_loss: float
    curves: dict[str, list[float]]
    thresholds: list[float]
    """Of the best head, on the images that it was trained on."""


class HeadTraining:
    """One training, which goes on for as long as it is asked to, epoch by epoch.

    It has ended after `seconds`, or `patience` epochs after the one with the lowest loss on the images that validate. The same
    data, seed and number of epochs give the same weights.
    """

    def __init__(self, data: TrainingSet, *, seconds: float, rate: float, seed: int, patience: int = PATIENCE) -> None:
        self._data = data
        self._limit = seconds
        self._rate = rate
        self._patience = patience
        self._random = np.random.default_rng(seed)
        self._train = data.features[: data.learned], data.truth[: data.learned].astype(np.float32)
        self._validation = data.features[data.learned :], data.truth[data.learned :]
        size, labels = data.features.shape[1], data.truth.shape[1]
        self.head = Head.empty(size, labels)
        self._best = self.head.kept()
        self._moments = [np.zeros((size + 1, labels), np.float32) for _ in MOMENTS]
        self._steps = 0
        self._scores = self.head.scores(self._train[0], is_multi=data.is_multi)
        self.epochs = 0
        self.best_epoch = 0
        self.best_loss = float("inf")
        self.best_at = 0.0
        self.seconds = 0.0
        self.curves: dict[str, list[float]] = {
            name: [] for name in ("accuracy", "crossEntropy", "trainAccuracy", "trainCrossEntropy")
        }

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be learned."""
        return self.epochs > 0 and (self.seconds >= self._limit or self.epochs - self.best_epoch >= self._patience)

    @property
    def share(self) -> float:
        """How much of the training is over, from 0 to 1, as far as that can be known."""
        waited = (self.epochs - self.best_epoch) / self._patience
        return 1.0 if self.is_over else min(1.0, max(self.seconds / self._limit, waited))

    def go_on(self, seconds: float) -> None:
        """Train for some time, but one epoch at least."""
        before, began = self.seconds, time.monotonic()
        while not self.is_over:
            self._epoch()
            self.seconds = before + time.monotonic() - began
            if self.curves["crossEntropy"][-1] < self.best_loss:
                self._best, self.best_loss = self.head.kept(), self.curves["crossEntropy"][-1]
                self.best_epoch, self.best_at = self.epochs, self.seconds
            if self.seconds - before >= seconds:
                return

    def result(self) -> Trained:
        """The heads so far."""
        features, truth = self._train
        return Trained(
            best=self._best,
            last=self.head,
            best_epoch=self.best_epoch,
            best_at_seconds=self.best_at,
            seconds=self.seconds,
            validation_loss=self.best_loss,
            curves=self.curves,
            thresholds=best_thresholds(truth > 0, self._best.scores(features, is_multi=self._data.is_multi)),
        )

    def _epoch(self) -> None:
        is_multi = self._data.is_multi
        features, truth = self._train
        if len(features) <= WHOLE_UP_TO:
            self._step(features, self._scores - truth)  # the scores that the last epoch was judged by
        else:
            for batch in self._batches(len(features)):
                of_batch = features[batch].astype(np.float32, copy=False)
                self._step(of_batch, self.head.scores(of_batch, is_multi=is_multi) - truth[batch])
        self._scores = self.head.scores(features, is_multi=is_multi)
        seen = self.head.scores(self._validation[0], is_multi=is_multi)
        self.epochs += 1
        self.curves["accuracy"].append(hits(self._validation[1], seen, is_multi=is_multi))
        self.curves["crossEntropy"].append(cross_entropy(self._validation[1], seen, is_multi=is_multi))
        self.curves["trainAccuracy"].append(hits(truth, self._scores, is_multi=is_multi))
        self.curves["trainCrossEntropy"].append(cross_entropy(truth, self._scores, is_multi=is_multi))

    def _batches(self, images: int) -> Iterator[np.ndarray]:
        order = self._random.permutation(images)
        for start in range(0, images, BATCH):
            yield order[start : start + BATCH]

    def _step(self, features: np.ndarray, error: np.ndarray) -> None:
        """One step of Adam against the error of scores; softmax and sigmoid have the same slope."""
        error = error / np.float32(len(features))
        slope = np.vstack([SHARPNESS * (features.T @ error) + DECAY * self.head.weights, error.sum(axis=0)[None]])
        self._steps += 1
        first, second = self._moments
        first += (1 - MOMENTS[0]) * (slope - first)
        second += (1 - MOMENTS[1]) * (slope * slope - second)
        mean = first / (1 - MOMENTS[0] ** self._steps)
        spread = np.sqrt(second / (1 - MOMENTS[1] ** self._steps)) + TINY
        change = (self._rate * mean / spread).astype(np.float32)
        self.head.weights -= change[:-1]
        self.head.bias -= change[-1]
