// Assets and labels as the label screen needs them.
import { ask, ownPath, Trouble } from "./ask.js";

const ASSET = `query Asset($where: AssetWhere!) {
  assets(where: $where, first: 1, skip: 0) {
    id externalId content jsonContent status skipped priority isToReview instructions resolution { width height }
    currentStep { name type status } locks { authorIdCompute lockType createdAt }
  }
}`;

const NEXT = `query NextAsset($project: ID!, $inReview: Boolean!) {
  getNextAssetFromProject(projectID: $project, inReview: $inReview) {
    id externalId content jsonContent status skipped priority isToReview instructions resolution { width height }
    currentStep { name type status } locks { authorIdCompute lockType createdAt }
  }
}`;

const NEXT_AFTER = `query NextAssetAfter($left: [ID!], $inReview: Boolean!) {
  getNextAssetFromLabel(labelAssetIDs: $left, inReview: $inReview) {
    id externalId content jsonContent status skipped priority isToReview instructions resolution { width height }
    currentStep { name type status } locks { authorIdCompute lockType createdAt }
  }
}`;

const LABELS = `query Labels($labels: LabelWhere!, $issues: IssueWhere!) {
  labels(where: $labels, first: 500, skip: 0) {
    id labelType createdAt modelName isSentBackToQueue jsonResponse jsonResponseUrl author { id name email }
  }
  issues(where: $issues, first: 200, skip: 0) {
    id type status objectMid issueNumber createdAt label { id }
    comments { id text createdAt author { user { id name email } } }
  }
}`;

const OWN_LABELS = `query OwnLabels($where: LabelWhere!) {
  labels(where: $where, first: 100, skip: 0) { id labelType createdAt jsonResponse jsonResponseUrl author { id } }
}`;

const APPEND = `mutation AddLabel($data: AppendManyLabelsData!, $where: AssetWhere!) {
  appendManyLabels(data: $data, where: $where) { id }
}`;

const LOCK = `mutation Open($asset: ID!) { lockAsset(assetID: $asset) { id } }`;
const LET_GO = `mutation LetGo($asset: ID!) { deleteLocks(assetID: $asset) { id } }`;

/**
 * @typedef {object} LabelRow
 * @property {string} id
 * @property {string} labelType
 * @property {string} createdAt
 * @property {string | null} modelName
 * @property {boolean} isSentBackToQueue
 * @property {string} text the answer as the server keeps it
 * @property {{ id: string, name: string, email: string }} author
 */

/** @param {string} project @param {string} id @param {AbortSignal} [signal] */
export async function readAsset(project, id, signal) {
  const data = await ask(ASSET, { where: { id, project: { id: project } } }, { signal });
  return data.assets[0] ?? null;
}

/**
 * The next asset of the queue, locked for the person; null when nothing is left.
 * @param {string} project @param {boolean} inReview @param {string[]} left assets that the person is done with
 */
export async function nextAsset(project, inReview, left, signal) {
  if (left.length) return (await ask(NEXT_AFTER, { left, inReview }, { signal })).getNextAssetFromLabel;
  return (await ask(NEXT, { project, inReview }, { signal })).getNextAssetFromProject;
}

/**
 * Labels that may be the start of an answer or under review, oldest first, and the issues of an asset.
 * @param {string} project @param {string} asset
 */
export async function readLabels(project, asset, signal) {
  const types = ["AUTOSAVE", "DEFAULT", "REVIEW", "PREDICTION", "INFERENCE"];
  const data = await ask(LABELS, { labels: { asset: { id: asset }, project: { id: project }, typeIn: types }, issues: { asset: { id: asset }, project: { id: project } } }, { signal });
  const labels = await Promise.all(data.labels.map(withText));
  labels.sort((one, other) => (one.createdAt < other.createdAt ? -1 : one.createdAt > other.createdAt ? 1 : 0));
  return { labels, issues: data.issues };
}

/** Labels of one person on an asset. */
export async function ownLabels(asset, user, type) {
  const data = await ask(OWN_LABELS, { where: { asset: { id: asset }, user: { id: user }, typeIn: [type] } });
  return Promise.all(data.labels.map(withText));
}

/** Long answers come by a link. @returns {Promise<any>} */
async function withText(label) {
  const { jsonResponse, jsonResponseUrl, ...rest } = label;
  const path = jsonResponseUrl ? ownPath(jsonResponseUrl) : null;
  return { ...rest, text: path ? await fetchText(path) : jsonResponse };
}

/** @param {string} path @param {AbortSignal} [signal] */
export async function fetchText(path, signal = undefined) {
  let response;
  try {
    response = await fetch(path, { signal, credentials: "omit" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Trouble("later", "The server cannot be reached.", { code: "NO_NETWORK" });
  }
  if (!response.ok) throw new Trouble("later", `The content could not be loaded (${response.status}).`, { code: "NO_CONTENT" });
  return await response.text();
}

/**
 * @param {{ asset: string, type: "DEFAULT" | "REVIEW" | "AUTOSAVE", text: string, seconds: number }} label
 * @param {{ idempotencyKey?: string, keepalive?: boolean, warnings?: (all: any[]) => void }} [options]
 * @returns {Promise<string>} its id
 */
export async function appendLabel({ asset, type, text, seconds }, options = {}) {
  const item = { assetID: asset, jsonResponse: text, secondsToLabel: seconds };
  const data = { labelType: type, overwrite: false, labelsData: [item] };
  const answer = await ask(APPEND, { data, where: { id: asset } }, options);
  return answer.appendManyLabels[0]?.id;
}

/** Have an asset open for half an hour from now. Refused with the reason in `context.reason`. @param {string} asset */
export const lockAsset = (asset, signal = undefined) => ask(LOCK, { asset }, { signal });

/** End one's lock on an asset; nothing is said when it fails, as locks end by themselves. @param {string} asset */
export const letGo = (asset) => ask(LET_GO, { asset }, { keepalive: true }).catch(() => null);
