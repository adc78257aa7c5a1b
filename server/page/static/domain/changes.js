// How a review differs from what is under review.
import { isAnswered, TECHNICAL } from "./answer.js";

/**
 * What differs between two answers, by job: objects are told by `mid`, other answers as wholes.
 * @param {import("./answer.js").Answer} before @param {import("./answer.js").Answer} now @returns {{ job: string, kind: "added" | "changed" | "removed", count: number }[]}
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
