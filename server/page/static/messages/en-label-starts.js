// English words of what an answer begins with, and how a review differs.
/** @type {Record<string, string | { one: string, other: string }>} */
export const starts = {
  "label.clearPredictions": "Clear predictions",
  "label.prediction": "Prediction",
  "label.predictions": "Predictions",
  "review.changes": "Changes",
  "review.changed": "changed",
  "review.added": "added",
  "review.removed": "removed",
  "review.labels": "Labels under review",
  "type.DEFAULT": "label",
  "type.REVIEW": "review",
};
