// What a change of an interface takes away from labels that are there.
import { isObject, parsedObject } from "./interface.js";

/**
 * Categories that the next interface lacks: `{ job, category }`.
 * @param {string | null} before JSON text
 * @param {string} after JSON text
 * @returns {{ job: string, category: string }[]}
 */
export function removedCategories(before, after) {
  const next = jobsOf(after);
  const removed = [];
  for (const [job, categories] of Object.entries(jobsOf(before))) {
    for (const category of categories) if (!(next[job] ?? []).includes(category)) removed.push({ job, category });
  }
  return removed;
}

/** @param {string | null} text @returns {Record<string, string[]>} */
function jobsOf(text) {
  const { jobs } = parsedObject(text);
  /** @type {Record<string, string[]>} */
  const found = {};
  for (const [name, job] of Object.entries(isObject(jobs) ? jobs : {})) {
    const categories = isObject(job) && isObject(job.content) ? job.content.categories : null;
    found[name] = Object.keys(isObject(categories) ? categories : {});
  }
  return found;
}
