// The answer of a label as people change it. It is the `jsonResponse` itself: every change answers a new object that shares what
// has not changed, and what the page does not know stays where it is.
import { isObject, takesSeveral } from "./interface.js";

/**
 * @typedef {import("./interface.js").Interface} Interface
 * @typedef {import("./interface.js").Job} Job
 * @typedef {(string | number)[]} Path keys and places from the root of the answer
 * @typedef {Record<string, any>} Answer
 */

/** @param {any} value @param {Path} path @returns {any} */
export function at(value, path) {
  for (const part of path) {
    if (value === null || value === undefined) return undefined;
    value = Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}

/**
 * The value with another one at a path; objects on the way are made. `undefined` takes it away.
 * @param {any} value @param {Path} path @param {any} next @returns {any}
 */
export function put(value, path, next) {
  if (path.length === 0) return next;
  const [part, ...rest] = path;
  if (Array.isArray(value)) {
    const copy = [...value];
    if (next === undefined && rest.length === 0) copy.splice(Number(part), 1);
    else copy[Number(part)] = put(value[Number(part)], rest, next);
    return copy;
  }
  const before = isObject(value) ? value : typeof part === "number" ? [] : {};
  if (Array.isArray(before)) return put(before, path, next);
  if (next === undefined && rest.length === 0) {
    const { [part]: _gone, ...others } = before;
    return others;
  }
  if (!Object.hasOwn(before, part)) {
    const made = put(undefined, rest, next);
    return made === undefined ? before : { ...before, [part]: made };
  }
  return { ...before, [part]: put(before[part], rest, next) };
}

/**
 * Where the answer of a nested job stands, or is to be written. `owner` is the path of a job's answer (with the place of the
 * category that opens the job) or of an annotation. Older positions are found and kept.
 * @param {Answer} answer @param {Path} owner @param {number | null} category place of the category, null for an annotation
 * @param {string} job @returns {Path}
 */
export function childPath(answer, owner, category, job) {
  /** @type {Path[]} */
  const places =
    category === null
      ? [
          [...owner, "children", job],
          [...owner, "categories", 0, "children", job],
        ]
      : [
          [...owner, "categories", category, "children", job],
          [...owner, "children", job],
        ];
  return places.find((place) => isAnswered(at(answer, place))) ?? places[0];
}

/** Whether a job's answer says anything. @param {any} given @returns {boolean} */
export function isAnswered(given) {
  if (!isObject(given)) return false;
  if (typeof given.text === "string" && given.text !== "") return true;
  if (Array.isArray(given.categories) && given.categories.length > 0) return true;
  if (Array.isArray(given.annotations) && given.annotations.length > 0) return true;
  return Object.entries(given).some(([key, value]) => !["text", "categories", "annotations", "children"].includes(key) && value !== null && value !== undefined);
}

/** The keys of the chosen categories. @param {any} given @returns {string[]} */
export function chosenKeys(given) {
  const categories = isObject(given) && Array.isArray(given.categories) ? given.categories : [];
  return categories.flatMap((/** @type {any} */ one) => (isObject(one) && typeof one.name === "string" ? [one.name] : []));
}

/**
 * Choose a category, or take the choice back.
 * @param {Answer} answer @param {Path} path of the job's answer @param {Job} job @param {string} key @param {boolean} isChosen @returns {Answer}
 */
export function choose(answer, path, job, key, isChosen) {
  const given = at(answer, path);
  const before = isObject(given) && Array.isArray(given.categories) ? given.categories : [];
  let categories;
  if (!isChosen) categories = before.filter((/** @type {any} */ one) => one?.name !== key);
  else if (takesSeveral(job)) categories = [...before.filter((/** @type {any} */ one) => one?.name !== key), { name: key }];
  else categories = [{ name: key }];
  return withCategories(answer, path, job, categories);
}

/** @param {Answer} answer @param {Path} path @param {Job} job @param {any[]} categories @returns {Answer} */
function withCategories(answer, path, job, categories) {
  const given = at(answer, path);
  const others = isObject(given) ? given : {};
  const open = new Set(categories.flatMap((one) => job.byKey.get(one?.name)?.children ?? []));
  // Nested answers in the older position, next to the categories, go with the category that opened them.
  const { children, ...rest } = others;
  const kept = isObject(children) ? Object.fromEntries(Object.entries(children).filter(([name]) => open.has(name))) : {};
  const next = { ...rest, categories, ...(isObject(children) && Object.keys(kept).length ? { children: kept } : {}) };
  const isEmpty = categories.length === 0 && Object.keys(next).length === 1;
  return put(answer, path, isEmpty ? undefined : next);
}

/** @param {Answer} answer @param {Path} path @param {string} text @returns {Answer} */
export function write(answer, path, text) {
  const given = at(answer, path);
  if (text === "" && (!isObject(given) || Object.keys(given).every((key) => key === "text"))) return put(answer, path, undefined);
  return put(answer, path, { ...(isObject(given) ? given : {}), text });
}

/**
 * The objects of the answer, in the order of jobs in the answer.
 * @param {Answer} answer @param {Interface} all @param {Job["kind"][]} [kinds]
 * @returns {{ job: Job, place: number, path: Path, annotation: any, id: string, category: string }[]}
 */
export function objectsOf(answer, all, kinds = ["objects", "entities"]) {
  const found = [];
  for (const [name, given] of Object.entries(answer)) {
    const job = all.jobs.get(name);
    if (!job || !kinds.includes(job.kind) || !isObject(given) || !Array.isArray(given.annotations)) continue;
    for (let place = 0; place < given.annotations.length; place++) {
      const annotation = given.annotations[place];
      if (!isObject(annotation)) continue;
      found.push({
        job,
        place,
        path: [name, "annotations", place],
        annotation,
        // Imports may leave `mid` out, and repeat it: the place tells such objects apart on the page.
        id: `${name}\u0000${place}`,
        category: chosenKeys(annotation)[0] ?? "",
      });
    }
  }
  return found;
}

/** @param {Answer} answer @param {string} job @param {any} annotation @returns {Answer} */
export function addObject(answer, job, annotation) {
  const given = at(answer, [job]);
  const before = isObject(given) ? given : {};
  const annotations = Array.isArray(before.annotations) ? before.annotations : [];
  return put(answer, [job], { ...before, annotations: [...annotations, annotation] });
}

/** @param {Answer} answer @param {Path} path of the annotation @returns {Answer} */
export function removeObject(answer, path) {
  const [job] = path;
  const gone = at(answer, path)?.mid;
  let next = put(answer, path, undefined);
  const left = at(next, [job]);
  if (Array.isArray(left?.annotations) && left.annotations.length === 0 && Object.keys(left).length === 1) next = put(next, [job], undefined);
  return gone ? withoutRelations(next, gone) : next;
}

/** Relations need both ends: those of an object that is gone go with it. @param {Answer} answer @param {string} mid @returns {Answer} */
function withoutRelations(answer, mid) {
  let next = answer;
  for (const [name, given] of Object.entries(answer)) {
    if (!isObject(given) || !Array.isArray(given.annotations)) continue;
    const kept = given.annotations.filter(
      (/** @type {any} */ one) =>
        !["startEntities", "endEntities", "startObjects", "endObjects"].some(
          (side) => Array.isArray(one?.[side]) && one[side].some((/** @type {any} */ end) => end?.mid === mid),
        ),
    );
    if (kept.length < given.annotations.length) next = put(next, [name, "annotations"], kept);
  }
  return next;
}

/**
 * Change an annotation. What a model was sure of does not hold for what a person has changed.
 * @param {Answer} answer @param {Path} path @param {(annotation: any) => any} change @returns {Answer}
 */
export function changeObject(answer, path, change) {
  const before = at(answer, path);
  return isObject(before) ? put(answer, path, byPerson(change(before))) : answer;
}

/** @param {any} annotation */
export function byPerson(annotation) {
  const { score: _score, ...rest } = annotation;
  if (!Array.isArray(rest.categories)) return rest;
  return {
    ...rest,
    categories: rest.categories.map((/** @type {any} */ one) => {
      if (!isObject(one) || !("confidence" in one)) return one;
      const { confidence: _confidence, ...others } = one;
      return others;
    }),
  };
}

/**
 * Give an annotation another category. Nested answers that it does not open go away in the same step.
 * @param {Answer} answer @param {Path} path @param {Job} job @param {string} key @returns {Answer}
 */
export function reclassify(answer, path, job, key) {
  if (chosenKeys(at(answer, path))[0] === key) return answer;
  const open = new Set(job.byKey.get(key)?.children ?? []);
  return changeObject(answer, path, (annotation) => {
    const children = isObject(annotation.children) ? annotation.children : null;
    const kept = children ? Object.fromEntries(Object.entries(children).filter(([name]) => open.has(name))) : null;
    return { ...annotation, categories: [{ name: key }], ...(kept ? { children: kept } : {}) };
  });
}

/**
 * An id as clients make them: the moment to the millisecond, and a number by chance.
 * @param {Date} now @param {number} chance from 0 to 1
 */
export function newMid(now, chance) {
  return `${now.toISOString().replace(/\D/g, "").slice(0, 17)}-${Math.floor(chance * 100000)}`;
}

/** Entries beside jobs that are kept and never looked at. */
export const TECHNICAL = new Set(["ANNOTATION_JOB_COUNTER", "ANNOTATION_NAMES_JOB", "ROTATION_JOB"]);
