// What keeps an answer from being submitted: by the interface, and by what the server says.
import { at, childPath, chosenKeys, isAnswered, objectsOf, TECHNICAL } from "./answer.js";
import { childrenOf } from "./interface.js";

/**
 * @typedef {object} Problem
 * @property {"required" | "number" | "date" | "unknownCategory" | "unknownJob"} kind
 * @property {string} title of the job
 * @property {import("./answer.js").Path} path of the job's answer
 * @property {string | null} object the id of the object that it is in
 * @property {string} value
 */

/**
 * What keeps an answer from being submitted, in the order of the panel.
 * @param {import("./answer.js").Answer} answer @param {import("./interface.js").Interface} all @returns {Problem[]}
 */
export function problemsOf(answer, all) {
  /** @type {Problem[]} */
  const problems = [];
  for (const job of all.roots) {
    if (job.kind === "objects" || job.kind === "entities") {
      if (job.isRequired && !isAnswered(at(answer, [job.name]))) problems.push({ kind: "required", title: job.title, path: [job.name], object: null, value: "" });
    } else look(job, [job.name], null);
  }
  for (const { job, path, id, category } of objectsOf(answer, all)) {
    const known = job.byKey.get(category);
    if (!known) problems.push({ kind: "unknownCategory", title: job.title, path, object: id, value: category });
    for (const child of childrenOf(all, known)) look(child, childPath(answer, path, null, child.name), id);
  }
  for (const name of Object.keys(answer)) {
    if (!all.jobs.has(name) && !TECHNICAL.has(name)) problems.push({ kind: "unknownJob", title: name, path: [name], object: null, value: name });
  }
  return problems;

  /** @param {import("./interface.js").Job} job @param {import("./answer.js").Path} path @param {string | null} object */
  function look(job, path, object) {
    const given = at(answer, path);
    if (job.isRequired && job.kind !== "other" && !isAnswered(given)) problems.push({ kind: "required", title: job.title, path, object, value: "" });
    if (job.kind === "text" && typeof given?.text === "string" && given.text !== "") {
      if (job.input === "number" && !isNumber(given.text)) problems.push({ kind: "number", title: job.title, path, object, value: given.text });
      if (job.input === "date" && !isDate(given.text)) problems.push({ kind: "date", title: job.title, path, object, value: given.text });
    }
    if (job.kind !== "choice") return;
    chosenKeys(given).forEach((key, place) => {
      const category = job.byKey.get(key);
      if (!category) problems.push({ kind: "unknownCategory", title: job.title, path, object, value: key });
      for (const child of childrenOf(all, category)) look(child, childPath(answer, path, place, child.name), object);
    });
  }
}

/** @param {string} text */
export const isNumber = (text) => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text));

/** @param {string} text */
export function isDate(text) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === text;
}

/**
 * The path of the server's words: `THINGS.annotations[0].children["MY JOB"].text`.
 * @param {string} words @returns {import("./answer.js").Path}
 */
export function parsedPath(words) {
  /** @type {import("./answer.js").Path} */
  const path = [];
  const part = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g;
  for (const [, quoted, place, name] of words.matchAll(part)) {
    if (place !== undefined) path.push(Number(place));
    else path.push(quoted !== undefined ? JSON.parse(`"${quoted}"`) : name);
  }
  return path;
}
