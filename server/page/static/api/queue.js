// How assets leave the queue and come back to it, and why it has nothing for a person.
import { ask, Trouble } from "./ask.js";

const WAITING = `query Waiting($waiting: AssetWhere!, $own: AssetWhere!) {
  waiting: assets(where: $waiting, first: 100, skip: 0) { id toBeLabeledBy { user { id } } locks { authorIdCompute } }
  countWaiting: countAssets(where: $waiting)
  countOwn: countAssets(where: $own)
}`;

const ASSIGNED = `query Assigned($where: AssetWhere!) {
  assets(where: $where, first: 1, skip: 0) { toBeLabeledBy { user { id } } }
}`;

const ASSIGN = `mutation AddMyself($where: AssetWhere!, $userIds: [String!]!) {
  assignAssets(where: $where, userIds: $userIds) { succeeded { assetId } failed { details } }
}`;

const SKIP = `mutation Skip($reason: String!, $where: AssetWhere!) { skipAsset(reason: $reason, where: $where) { id } }`;

const SEND_BACK = `mutation SendBack($where: AssetWhere!) {
  sendAssetsBackToQueue(where: $where) { succeeded { assetId } declined { assetId } failed { assetId details } }
}`;

/**
 * What keeps the assets that wait from a person. Of more than a hundred the first hundred are looked at.
 * @param {string} project @param {string} who @param {boolean} inReview @param {AbortSignal} [signal]
 * @returns {Promise<{ count: number, lookedAt: number, assigned: number, open: number, own: number }>}
 */
export async function readWaiting(project, who, inReview, signal) {
  const waiting = { project: { id: project }, skipped: false, statusIn: inReview ? ["TO_REVIEW"] : ["TODO", "ONGOING"] };
  const own = { ...waiting, label: { authorIn: [who], typeIn: ["DEFAULT"] } };
  const data = await ask(WAITING, { waiting, own }, { signal });
  const isOpen = (/** @type {any} */ asset) => asset.locks.some((/** @type {any} */ lock) => lock.authorIdCompute !== who);
  const isOfOthers = (/** @type {any} */ asset) => asset.toBeLabeledBy.length > 0 && !asset.toBeLabeledBy.some((/** @type {any} */ member) => member.user?.id === who);
  const assigned = data.waiting.filter(isOfOthers);
  return {
    count: data.countWaiting,
    lookedAt: data.waiting.length,
    assigned: assigned.length,
    open: data.waiting.filter((/** @type {any} */ asset) => isOpen(asset) && !assigned.includes(asset)).length,
    own: inReview ? 0 : data.countOwn,
  };
}

/** Give an asset to oneself, too. @param {string} project @param {string} asset @param {string} who */
export async function addMyself(project, asset, who) {
  const where = { id: asset, project: { id: project } };
  const { assets } = await ask(ASSIGNED, { where });
  const others = (assets[0]?.toBeLabeledBy ?? []).flatMap((/** @type {any} */ member) => (member.user ? [member.user.id] : []));
  await ask(ASSIGN, { where, userIds: [...new Set([...others, who])] });
}

/** @param {string} project @param {string} asset @param {string} reason */
export const skipAsset = (project, asset, reason) => ask(SKIP, { reason, where: { id: asset, project: { id: project } } });

/** @param {string} project @param {string} asset */
export async function sendBack(project, asset) {
  const { sendAssetsBackToQueue: outcome } = await ask(SEND_BACK, { where: { id: asset, project: { id: project } } });
  const [failure] = outcome.failed;
  if (failure) throw new Trouble("refused", failure.details);
  return outcome.succeeded.length > 0;
}
