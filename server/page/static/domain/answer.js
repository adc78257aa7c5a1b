// The answer of a label as people change it. It is the `jsonResponse` itself: every change answers a new object that shares what
// has not changed, and what the page does not know stays where it is.
import { childrenOf, isObject, takesSeveral } from "./interface.js";

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

/** How many answers there are, as the server counts them: every object, every choice, every text, nested ones too. @param {Answer} answer @param {Interface} all */
export function countAnswers(answer, all) {
  let count = 0;
  /** @param {any} given */
  const jobAnswer = (given) => {
    if (!isObject(given)) return;
    if (Array.isArray(given.annotations)) {
      for (const one of given.annotations) {
        count++;
        nested(one);
      }
    }
    const hasText = typeof given.text === "string" && given.text !== "";
    if (hasText || (Array.isArray(given.categories) && given.categories.length)) count++;
    nested(given);
  };
  /** @param {any} owner */
  const nested = (owner) => {
    if (!isObject(owner)) return;
    for (const child of Object.values(isObject(owner.children) ? owner.children : {})) jobAnswer(child);
    for (const one of Array.isArray(owner.categories) ? owner.categories : []) {
      if (isObject(one?.children)) for (const child of Object.values(one.children)) jobAnswer(child);
    }
  };
  for (const [name, given] of Object.entries(answer)) if (all.jobs.has(name)) jobAnswer(given);
  return count;
}

/**
 * @typedef {object} Problem
 * @property {"required" | "number" | "date" | "unknownCategory" | "unknownJob"} kind
 * @property {string} title of the job
 * @property {Path} path of the job's answer
 * @property {string | null} object the id of the object that it is in
 * @property {string} value
 */

/**
 * What keeps an answer from being submitted, in the order of the panel.
 * @param {Answer} answer @param {Interface} all @returns {Problem[]}
 */
export function problemsOf(answer, all) {
  /** @type {Problem[]} */
  const problems = [];
  for (const job of all.roots) {
    if (job.kind === "objects" || job.kind === "entities") {
      if (job.isRequired && !isAnswered(at(answer, [job.name]))) problems.push({ kind: "required", title: job.title, path: [job.name], object: null, value: "" });
    } else look(job, [job.name], null);
  }
  for (const { job, annotation, path, id, category } of objectsOf(answer, all)) {
    const known = job.byKey.get(category);
    if (!known) problems.push({ kind: "unknownCategory", title: job.title, path, object: id, value: category });
    for (const child of childrenOf(all, known)) look(child, childPath(answer, path, null, child.name), id);
    void annotation;
  }
  for (const name of Object.keys(answer)) {
    if (!all.jobs.has(name) && !TECHNICAL.has(name)) problems.push({ kind: "unknownJob", title: name, path: [name], object: null, value: name });
  }
  return problems;

  /** @param {Job} job @param {Path} path @param {string | null} object */
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

/** Entries beside jobs that are kept and never looked at. */
export const TECHNICAL = new Set(["ANNOTATION_JOB_COUNTER", "ANNOTATION_NAMES_JOB", "ROTATION_JOB"]);

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
 * @param {string} words @returns {Path}
 */
export function parsedPath(words) {
  /** @type {Path} */
  const path = [];
  const part = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g;
  for (const [, quoted, place, name] of words.matchAll(part)) {
    if (place !== undefined) path.push(Number(place));
    else path.push(quoted !== undefined ? JSON.parse(`"${quoted}"`) : name);
  }
  return path;
}

/**
 * What differs between two answers, by job: objects are told by `mid`, other answers as wholes.
 * @param {Answer} before @param {Answer} now @returns {{ job: string, kind: "added" | "changed" | "removed", count: number }[]}
 */
export function changesOf(before, now) {
  /** @type {{ job: string, kind: "added" | "changed" | "removed", count: number }[]} */
  const changes = [];
  for (const job of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (TECHNICAL.has(job) || before[job] === now[job]) continue;
    const count = { added: 0, changed: 0, removed: 0 };
    const [old, next] = [before[job]?.annotations, now[job]?.annotations];
    if (Array.isArray(old) || Array.isArray(next)) {
      /** @param {any} list @returns {Map<string, string>} */
      const byMid = (list) => new Map((Array.isArray(list) ? list : []).map((one, place) => [one?.mid ?? `#${place}`, JSON.stringify(one)]));
      const [from, to] = [byMid(old), byMid(next)];
      for (const [mid, text] of to) {
        if (!from.has(mid)) count.added++;
        else if (from.get(mid) !== text) count.changed++;
      }
      for (const mid of from.keys()) if (!to.has(mid)) count.removed++;
    } else if (JSON.stringify(before[job]) !== JSON.stringify(now[job])) count[!isAnswered(before[job]) ? "added" : isAnswered(now[job]) ? "changed" : "removed"]++;
    for (const kind of /** @type {const} */ (["added", "changed", "removed"])) if (count[kind]) changes.push({ job, kind, count: count[kind] });
  }
  return changes;
}
