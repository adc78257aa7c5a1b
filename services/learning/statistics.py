"""How well scores agree with the truth.

`truth` is images × labels of 0 and 1, `scores` the same of numbers from 0 to 1. With one label an image, the prediction is the
label of the highest score; with several, each label whose score is at or above its threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

LEAST_SCORE: Final = 1e-12
CURVE_STEPS: Final = 20
NO_EXAMPLE: Final = 0.5


def cross_entropy(truth: np.ndarray, scores: np.ndarray, *, is_multi: bool) -> float:
    """The mean of −ln of the score of the truth; with several labels an image, of each label's being there or not."""
    if not len(truth):
        return 0.0
    values = np.clip(scores.astype(np.float64), LEAST_SCORE, 1.0)
    if not is_multi:
        return float(-np.log(values[truth > 0]).mean())
    absent = np.clip(1.0 - scores.astype(np.float64), LEAST_SCORE, 1.0)
    return float(-np.log(np.where(truth > 0, values, absent)).mean())


def hits(truth: np.ndarray, scores: np.ndarray, *, is_multi: bool) -> float:
    """The share of images whose highest score is the truth; with several labels an image, of labels on the right side of one half."""
    if not len(truth):
        return 0.0
    if is_multi:
        return float(((scores >= 0.5) == (truth > 0)).mean())
    return float((scores.argmax(axis=1) == truth.argmax(axis=1)).mean())


def best_thresholds(truth: np.ndarray, scores: np.ndarray) -> list[float]:
    """For each label the threshold with the highest F1: the middle of all that are equally good, one half for a label of no image."""
    return [_best_threshold(truth[:, label] > 0, scores[:, label]) for label in range(truth.shape[1])]


def _best_threshold(is_true: np.ndarray, scores: np.ndarray) -> float:
    if not is_true.any():
        return NO_EXAMPLE
    values, place = np.unique(scores.astype(np.float64), return_inverse=True)
    # How many images, and how many true ones, lie at or above each value.
    above = np.bincount(place, minlength=len(values))[::-1].cumsum()[::-1]
    right = np.bincount(place[is_true], minlength=len(values))[::-1].cumsum()[::-1]
    f1 = 2 * right / (above + is_true.sum())
    best = f1.max()
    last = int(np.flatnonzero(f1 == best)[-1])
    first = last
    while first > 0 and f1[first - 1] == best:
        first -= 1
    below = values[first - 1] if first > 0 else 0.0
    return float((below + values[last]) / 2)


def statistics_of(
    truth: np.ndarray, scores: np.ndarray, *, labels: Sequence[str], thresholds: Sequence[float], is_multi: bool
) -> dict[str, Any]:
    """All statistics of a set of images, as fractions."""
    truth = truth > 0
    predicted = scores >= np.asarray(thresholds) if is_multi else _highest(scores)
    own = _statistics_of_many(truth, scores, predicted, labels) if is_multi else _statistics_of_one(truth, predicted)
    per_label, means = _per_label(truth, predicted, labels)
    return {
        "images": len(truth),
        "labels": {name: int(truth[:, index].sum()) for index, name in enumerate(labels)},
        **means,
        "perLabel": per_label,
        "crossEntropy": cross_entropy(truth, scores, is_multi=is_multi),
        **own,
    }


def _highest(scores: np.ndarray) -> np.ndarray:
    predicted = np.zeros(scores.shape, bool)
    predicted[np.arange(len(scores)), scores.argmax(axis=1)] = True
    return predicted


def _rates(right: float, predicted: float, true: float) -> dict[str, float]:
    return {
        "precision": right / predicted if predicted else 0.0,
        "recall": right / true if true else 0.0,
        "f1": 2 * right / (predicted + true) if predicted + true else 0.0,
    }


def _per_label(
    truth: np.ndarray, predicted: np.ndarray, labels: Sequence[str]
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """The rates of each label, and their means over the labels that occur, as truth or as prediction."""
    right, made, true = ((truth & predicted).sum(axis=0), predicted.sum(axis=0), truth.sum(axis=0))
    rates = {name: _rates(int(right[index]), int(made[index]), int(true[index])) for index, name in enumerate(labels)}
    occurring = [rates[name] for index, name in enumerate(labels) if made[index] or true[index]]
    means = {
        name: sum(rate[name] for rate in occurring) / len(occurring) if occurring else 0.0
        for name in ("precision", "recall", "f1")
    }
    return rates, means


def _statistics_of_one(truth: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    matrix = truth.astype(np.int64).T @ predicted.astype(np.int64)
    count = int(matrix.sum())
    right = int(np.trace(matrix))
    true, made = matrix.sum(axis=1).astype(float), matrix.sum(axis=0).astype(float)
    spread = np.sqrt((count**2 - (made @ made)) * (count**2 - (true @ true)))
    return {
        "accuracy": right / count if count else 0.0,
        "matthews": float((right * count - true @ made) / spread) if spread else 0.0,
        "confusion": matrix.tolist(),
    }


def _statistics_of_many(
    truth: np.ndarray, scores: np.ndarray, predicted: np.ndarray, labels: Sequence[str]
) -> dict[str, Any]:
    agrees = predicted == truth
    return {
        "accuracyLabelWise": float(agrees.mean()) if agrees.size else 0.0,
        "accuracyImageWise": float(agrees.all(axis=1).mean()) if len(agrees) else 0.0,
        "micro": _rates(int((truth & predicted).sum()), int(predicted.sum()), int(truth.sum())),
        "rocAuc": roc_auc(truth.ravel(), scores.ravel()),
        "precisionRecall": {
            "all": _curve(truth.ravel(), scores.ravel()),
            "perLabel": {name: _curve(truth[:, index], scores[:, index]) for index, name in enumerate(labels)},
        },
    }


def roc_auc(is_true: np.ndarray, scores: np.ndarray) -> float:
    """How often a true pair has a higher score than a false one, equal ones counting half; 0 when there are none of either."""
    true, false = int(is_true.sum()), int((~is_true).sum())
    if not true or not false:
        return 0.0
    _values, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = counts.cumsum() - (counts - 1) / 2
    return float((ranks[place][is_true].sum() - true * (true + 1) / 2) / (true * false))


def _curve(is_true: np.ndarray, scores: np.ndarray) -> list[dict[str, float]]:
    points = []
    for step in range(CURVE_STEPS + 1):
        threshold = step / CURVE_STEPS
        predicted = scores >= threshold
        rates = _rates(int((is_true & predicted).sum()), int(predicted.sum()), int(is_true.sum()))
        points.append({"threshold": threshold, "precision": rates["precision"], "recall": rates["recall"]})
    return points
