"""The program of the child processes of learning: pictures, heads and matrices in, numbers out.

Pictures of strangers are decoded only here. Only this process and the one that makes the graph load numpy or a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from labelyard.services.learning.gallery import Gallery
from labelyard.services.learning.head import Head, HeadTraining, TrainingSet
from labelyard.services.learning.message import pack, unpack
from labelyard.services.learning.picture import network_input, read_picture, simple_features, unit
from labelyard.services.learning.statistics import best_thresholds, statistics_of
from labelyard.storage.child_program import serve

CPU_SECONDS: Final = 30
MEMORY_BYTES: Final = 1 << 30
MOST_KEPT: Final = 200_000
"""Images in the galleries of all projects."""

Answer = tuple[Mapping[str, Any], tuple[bytes, ...]]


class Program:
    """Answers one request after the other; `op` of its head says which."""

    def __init__(self) -> None:
        self._session: Any = None
        self._training: HeadTraining | None = None
        self._data: TrainingSet | None = None
        self._galleries: dict[str, Gallery] = {}
        self._operations: dict[str, Callable[[dict[str, Any], memoryview], Answer]] = {
            "ready": lambda _head, _rest: ({}, ()),
            "describe": self._describe,
            "score": self._score,
            "statistics": self._statistics,
            "offline": self._offline,
            "thresholds": self._thresholds,
            "begin": self._begin,
            "more": self._more,
            "train": self._train,
            "finish": self._finish,
            "compare": self._compare,
            "hang": self._hang,
            "similar": self._similar,
            "pairs": self._pairs,
        }

    def answer(self, request: bytes) -> bytes:
        """The answer to a request; `error` in its head says what a picture has that cannot be read."""
        head, rest = unpack(request)
        answer, parts = self._operations[head["op"]](head, rest)
        return pack(answer, *parts)

    def _describe(self, head: dict[str, Any], picture: memoryview) -> Answer:
        """Both descriptions of a picture, of 2 bytes a number."""
        try:
            seen = read_picture(bytes(picture))
            values, simple = network_input(seen), simple_features(seen)
        except Exception as error:
            # The decoders fail in many ways on files made to break them, and all of them mean the same.
            return {"error": f"{type(error).__name__}: {error}"[:300]}, ()
        (features,) = self._network(head["graph"]).run(["features"], {"image": values})
        return {}, (unit(features[0]).astype("<f2").tobytes(), simple.astype("<f2").tobytes())

    def _network(self, graph: str) -> Any:
        if self._session is None:
            import onnxruntime

            onnxruntime.set_default_logger_severity(4)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(
                Path(graph).read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        return self._session

    def _score(self, head: dict[str, Any], rest: memoryview) -> Answer:
        """The scores of images by a head, of 4 bytes a number."""
        size = head["headBytes"]
        made = Head.from_bytes(rest[:size], head["labels"])
        features = _features(rest[size:], made.weights.shape[0])
        scores = made.scores(features, is_multi=head["isMulti"])
        return {}, (scores.astype("<f4").tobytes(),)

    def _statistics(self, head: dict[str, Any], rest: memoryview) -> Answer:
        truth, scores = _truth_and_scores(rest, len(head["labels"]))
        made = statistics_of(
            truth, scores, labels=head["labels"], thresholds=head["thresholds"], is_multi=head["isMulti"]
        )
        return {"statistics": made}, ()

    def _offline(self, head: dict[str, Any], rest: memoryview) -> Answer:
        """A network and a head in one graph."""
        from labelyard.services.learning.offline_graph import whole_graph

        made = Head.from_bytes(rest, head["labels"])
        return {}, (whole_graph(head["graph"], made, is_multi=head["isMulti"]),)

    def _thresholds(self, head: dict[str, Any], rest: memoryview) -> Answer:
        return {"thresholds": best_thresholds(*_truth_and_scores(rest, head["labels"]))}, ()

    def _begin(self, head: dict[str, Any], rest: memoryview) -> Answer:
        """Take in what is true of the images of a training, those to learn from first, a byte for each label."""
        truth = np.frombuffer(rest, np.uint8).reshape(-1, head["labels"])
        if not head["isMulti"]:
            truth = truth == 2  # an image counts for its default label alone
        self._data = TrainingSet(
            (truth > 0).astype(np.uint8), learned=head["learned"], features=head["features"], is_multi=head["isMulti"]
        )
        return {}, ()

    def _more(self, head: dict[str, Any], rest: memoryview) -> Answer:
        """Take in the features of some of these images; the training begins with the first request to go on."""
        self._taken.fill(head["start"], np.frombuffer(rest, "<f2").reshape(-1, self._taken.features.shape[1]))
        return {}, ()

    def _train(self, head: dict[str, Any], _rest: memoryview) -> Answer:
        if self._training is None:
            self._training = HeadTraining(
                self._taken, seconds=head["limit"], rate=head["rate"], seed=head["seed"], patience=head["patience"]
            )
        self._training.go_on(head["seconds"])
        return {"isOver": self._training.is_over, "share": self._training.share}, ()

    def _finish(self, _head: dict[str, Any], _rest: memoryview) -> Answer:
        """The outcome of the training: both heads, and what each says of all images."""
        if self._training is None:
            raise LookupError("nothing has been trained")
        trained, data = self._training.result(), self._taken
        heads = [trained.best, trained.last]
        scores = [made.scores(data.features, is_multi=data.is_multi).astype("<f4").tobytes() for made in heads]
        parts = [heads[0].to_bytes(), heads[1].to_bytes(), *scores]
        self._training = self._data = None
        return {
            "bestEpoch": trained.best_epoch,
            "epochs": len(trained.curves["accuracy"]),
            "bestAtSeconds": trained.best_at_seconds,
            "seconds": trained.seconds,
            "validationLoss": trained.validation_loss,
            "curves": trained.curves,
            "thresholds": trained.thresholds,
            "sizes": [len(part) for part in parts],
        }, tuple(parts)

    @property
    def _taken(self) -> TrainingSet:
        if self._data is None:
            raise LookupError("nothing has begun")
        return self._data

    def _compare(self, head: dict[str, Any], _rest: memoryview) -> Answer:
        """Leave in a project's gallery what is still there; answers what it lacks."""
        gallery = self._galleries.pop(head["project"], None) or Gallery(head["features"])
        self._galleries[head["project"]] = gallery  # the last one is the one that was used last
        missing = gallery.keep(head["names"])
        while len(self._galleries) > 1 and sum(map(len, self._galleries.values())) + len(missing) > MOST_KEPT:
            self._galleries.pop(next(iter(self._galleries)))
        return {"missing": missing}, ()

    def _hang(self, head: dict[str, Any], rest: memoryview) -> Answer:
        """Add images to the gallery of a project."""
        self._galleries[head["project"]].add(head["names"], rest)
        return {}, ()

    def _similar(self, head: dict[str, Any], rest: memoryview) -> Answer:
        gallery = self._galleries.get(head["project"])
        if gallery is None:
            return {"isGone": True}, ()
        vector = np.frombuffer(rest, "<f2").astype(np.float32)
        return {"found": gallery.nearest(vector, head["limit"], head["threshold"])}, ()

    def _pairs(self, head: dict[str, Any], _rest: memoryview) -> Answer:
        gallery = self._galleries.get(head["project"])
        if gallery is None:
            return {"isGone": True}, ()
        pairs, after = gallery.pairs(head["start"], head["limit"], head["threshold"])
        return {"pairs": pairs, "next": after}, ()


def _features(data: memoryview, size: int) -> np.ndarray:
    return np.frombuffer(data, "<f2").reshape(-1, size).astype(np.float32)


def _truth_and_scores(data: memoryview, labels: int) -> tuple[np.ndarray, np.ndarray]:
    """The truth of images, a byte for each label, and then their scores, of 4 bytes each."""
    images = len(data) // (5 * labels)
    truth = np.frombuffer(data[: images * labels], np.uint8).reshape(images, labels)
    return truth > 0, np.frombuffer(data[images * labels :], "<f4").reshape(images, labels)


if __name__ == "__main__":
    serve(Program().answer, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
