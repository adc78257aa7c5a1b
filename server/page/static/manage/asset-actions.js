// What is done to many assets at once, a thousand a request, and what came of it.
import { AT_ONCE, idsOf, many, single } from "../api/asset.js";

/**
 * Sums of what became of each asset; `failed` and `declined` name some of them.
 * @typedef {{ succeeded: number, declined: { name: string }[], failed: { name: string, details: string }[] }} Sum
 */

const SINGLE_AT_ONCE = 4;

/**
 * Do something to chosen assets.
 * @param {string} name of the action in `many` or `single` of `api/asset.js`
 * @param {any} values of the action
 * @param {{ project: string, ids: string[] | null, where: any }} chosen `ids` is null for all that match `where`
 * @param {(done: number, all: number) => void} [progress]
 * @returns {Promise<Sum>}
 */
export async function act(name, values, { project, ids, where }, progress = () => {}) {
  // Whoever is chosen is written down first: the action may change what matches.
  const chosen = ids ?? (await idsOf(where));
  /** @type {Sum} */
  const sum = { succeeded: 0, declined: [], failed: [] };
  progress(0, chosen.length);
  if (name in single) {
    await singly(name, values, project, chosen, sum, progress);
    return sum;
  }
  for (let start = 0; start < chosen.length; start += AT_ONCE) {
    const block = chosen.slice(start, start + AT_ONCE);
    const outcome = await many[name]({ project: { id: project }, idIn: block }, values);
    sum.succeeded += outcome.succeeded.length;
    sum.declined.push(...outcome.declined.map((one) => ({ name: one.externalId ?? one.assetId })));
    sum.failed.push(...outcome.failed.map((one) => ({ name: one.externalId ?? one.assetId, details: one.details ?? "" })));
    progress(start + block.length, chosen.length);
  }
  return sum;
}

async function singly(name, values, project, ids, sum, progress) {
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < ids.length) {
      const id = ids[next++];
      try {
        await single[name](project, id, values);
        sum.succeeded++;
      } catch (trouble) {
        if (trouble?.kind !== "refused") throw trouble;
        sum.failed.push({ name: id, details: trouble.message });
      }
      progress(++done, ids.length);
    }
  };
  await Promise.all(Array.from({ length: SINGLE_AT_ONCE }, work));
}
