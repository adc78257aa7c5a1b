// What the screen opens with: the first that exists of a draft, an own label, a prediction, nothing.
import { parsedObject } from "../domain/interface.js";

/**
 * @typedef {import("../api/label.js").LabelRow} LabelRow
 * @typedef {{ id: string, kind: "draft" | "own" | "review" | "prediction" | "empty", text: string, label: LabelRow | null, name: string }} Start
 */

/**
 * The starts that there are, the one to open first.
 * @param {{ labels: LabelRow[], draft: { text: string, savedAt: number } | undefined, person: string, inReview: boolean }} given labels oldest first
 * @returns {Start[]}
 */
export function startsOf({ labels, draft, person, inReview }) {
  /** @type {Start[]} */
  const starts = [];
  const newest = [...labels].reverse();
  const handedIn = newest.find((label) => label.author.id === person && (label.labelType === "DEFAULT" || label.labelType === "REVIEW"));
  // A draft that is older than what the person has handed in since, on another machine, is over.
  const isOver = draft && handedIn && Date.parse(handedIn.createdAt) > draft.savedAt;
  if (draft && !isOver) starts.push({ id: "draft", kind: "draft", text: draft.text, label: null, name: "" });
  const own = (/** @type {string[]} */ types) => newest.find((label) => label.author.id === person && types.includes(label.labelType));
  const autosave = own(["AUTOSAVE"]);
  const finished = own(["DEFAULT", "REVIEW"]);
  if (!inReview) {
    if (autosave && !(finished && finished.createdAt > autosave.createdAt)) starts.push(startOf(autosave, "own"));
    const last = own(["DEFAULT"]);
    if (last) starts.push(startOf(last, "own"));
  } else {
    const seen = new Set();
    for (const label of newest) {
      if (label.labelType !== "DEFAULT" && label.labelType !== "REVIEW") continue;
      const key = label.labelType === "REVIEW" ? "review" : label.author.id;
      if (seen.has(key)) continue;
      seen.add(key);
      starts.push(startOf(label, "review"));
    }
  }
  const models = new Set();
  for (const label of newest) {
    if (label.labelType !== "PREDICTION" && label.labelType !== "INFERENCE") continue;
    const model = label.modelName ?? "";
    if (models.has(model)) continue;
    models.add(model);
    starts.push(startOf(label, "prediction"));
  }
  starts.push({ id: "empty", kind: "empty", text: "{}", label: null, name: "" });
  return starts;
}

/** @param {LabelRow} label @param {Start["kind"]} kind @returns {Start} */
function startOf(label, kind) {
  return { id: label.id, kind, text: label.text, label, name: kind === "prediction" ? label.modelName ?? "" : label.author.name || label.author.email };
}

/** @param {Start} start */
export const answerOf = (start) => parsedObject(start.text);
