// The assets of a project as a list, and what is done to many of them.
import { ask } from "./ask.js";

const ASSETS = `query Assets($where: AssetWhere!, $first: PageSize!, $skip: Int!) {
  assets(where: $where, first: $first, skip: $skip) {
    id externalId status skipped priority thumbnail consensusMark honeypotMark isUsedForConsensus jsonMetadata
    currentStep { name status }
    toBeLabeledBy { id user { id email firstname lastname name } }
    latestLabel { id labelType createdAt numberOfAnnotations author { id email firstname lastname name } }
  }
}`;

const COUNT = `query CountAssets($where: AssetWhere!) {
  countAssets(where: $where)
}`;

const IDS = `query AssetIds($where: AssetWhere!, $first: PageSize!, $skip: Int!) {
  assets(where: $where, first: $first, skip: $skip) { id }
}`;

const STATES = `query States(
  $todo: AssetWhere!, $ongoing: AssetWhere!, $labeled: AssetWhere!, $toReview: AssetWhere!, $reviewed: AssetWhere!, $skipped: AssetWhere!,
  $project: ProjectWhere!
) {
  TODO: countAssets(where: $todo)
  ONGOING: countAssets(where: $ongoing)
  LABELED: countAssets(where: $labeled)
  TO_REVIEW: countAssets(where: $toReview)
  REVIEWED: countAssets(where: $reviewed)
  SKIPPED: countAssets(where: $skipped)
  marks: projects(where: $project, first: 1, skip: 0) { consensusMark honeypotMark }
}`;

const PRIORITY = `mutation SetAssetsPriority($where: AssetWhere!, $priority: Int!) {
  outcome: setAssetsPriority(where: $where, priority: $priority) {
    succeeded { assetId } declined { assetId externalId } failed { assetId externalId details }
  }
}`;

const ASSIGN = `mutation AssignAssets($where: AssetWhere!, $userIds: [String!]!) {
  outcome: assignAssets(where: $where, userIds: $userIds) {
    succeeded { assetId } declined { assetId externalId } failed { assetId externalId details }
  }
}`;

const REVIEW = `mutation AddAssetsToReview($where: AssetWhere!) {
  outcome: addAssetsToReview(where: $where) {
    succeeded { assetId } declined { assetId externalId } failed { assetId externalId details }
  }
}`;

const SEND_BACK = `mutation SendAssetsBackToQueue($where: AssetWhere!) {
  outcome: sendAssetsBackToQueue(where: $where) {
    succeeded { assetId } declined { assetId externalId } failed { assetId externalId details }
  }
}`;

const DELETE = `mutation DeleteAssets($where: AssetWhere!) {
  outcome: deleteAssets(where: $where) {
    succeeded { assetId } declined { assetId externalId } failed { assetId externalId details }
  }
}`;

const SKIP = `mutation SkipAsset($where: AssetWhere!, $reason: String!) {
  skipAsset(where: $where, reason: $reason) { id }
}`;

const UNSKIP = `mutation UnskipAsset($projectId: ID!, $assetId: ID!) {
  unskipAsset(projectId: $projectId, assetId: $assetId)
}`;

const CONSENSUS = `mutation SetAssetConsensus($projectId: ID!, $assetId: ID!, $isConsensus: Boolean!) {
  setAssetConsensus(projectId: $projectId, assetId: $assetId, isConsensus: $isConsensus)
}`;

const KNOWN = `query FilterExistingAssets($project: ID!, $externalIds: [String!]!) {
  filterExistingAssets(projectID: $project, externalIDs: $externalIds)
}`;

const UPLOADS = `query UploadUrls($paths: [String!]!, $project: ID!) {
  createUploadBucketSignedUrls(filePaths: $paths, projectID: $project)
}`;

const APPEND = `mutation AppendManyAssets($data: AppendManyAssetsData!, $where: ProjectWhere!) {
  appendManyAssets(data: $data, where: $where) { id }
}`;

/** The most assets of one action. */
export const AT_ONCE = 1000;

/** @param {any} where @param {{ first: number, skip: number, signal?: AbortSignal }} page */
export async function listAssets(where, { first, skip, signal }) {
  return (await ask(ASSETS, { where, first, skip }, { signal })).assets;
}

/** @param {any} where @param {AbortSignal} [signal] @returns {Promise<number>} */
export async function countAssets(where, signal) {
  return (await ask(COUNT, { where }, { signal })).countAssets;
}

/** Ids of all that match, a thousand a request. @param {any} where @returns {Promise<string[]>} */
export async function idsOf(where) {
  const ids = [];
  for (;;) {
    const { assets } = await ask(IDS, { where, first: AT_ONCE, skip: ids.length });
    ids.push(...assets.map((/** @type {{ id: string }} */ asset) => asset.id));
    if (assets.length < AT_ONCE) return ids;
  }
}

/**
 * How many assets stand where, skipped ones apart, and the marks of all of them.
 * @param {string} project @param {AbortSignal} [signal]
 * @returns {Promise<{ counts: Record<string, number>, marks: { consensusMark: number | null, honeypotMark: number | null } }>}
 */
export async function readStanding(project, signal) {
  const of = (/** @type {any} */ more) => ({ project: { id: project }, ...more });
  const status = (/** @type {string} */ one) => of({ statusIn: [one], skipped: false });
  const { marks, ...counts } = await ask(
    STATES,
    {
      todo: status("TODO"),
      ongoing: status("ONGOING"),
      labeled: status("LABELED"),
      toReview: status("TO_REVIEW"),
      reviewed: status("REVIEWED"),
      skipped: of({ skipped: true }),
      project: { id: project },
    },
    { signal },
  );
  return { counts, marks: marks[0] ?? { consensusMark: null, honeypotMark: null } };
}

/**
 * What an action on many assets came to.
 * @typedef {{ succeeded: { assetId: string }[], declined: { assetId: string, externalId: string | null }[],
 *   failed: { assetId: string, externalId: string | null, details: string | null }[] }} Outcome
 */

/** @type {Record<string, (where: any, values?: any) => Promise<Outcome>>} */
export const many = {
  priority: async (where, { priority }) => (await ask(PRIORITY, { where, priority })).outcome,
  assign: async (where, { userIds }) => (await ask(ASSIGN, { where, userIds })).outcome,
  review: async (where) => (await ask(REVIEW, { where })).outcome,
  sendBack: async (where) => (await ask(SEND_BACK, { where })).outcome,
  delete: async (where) => (await ask(DELETE, { where })).outcome,
};

/** Actions that take one asset at a time. @type {Record<string, (project: string, id: string, values?: any) => Promise<any>>} */
export const single = {
  skip: (project, id, { reason }) => ask(SKIP, { where: { id, project: { id: project } }, reason }),
  unskip: (project, id) => ask(UNSKIP, { projectId: project, assetId: id }),
  consensus: (project, id, { isConsensus }) => ask(CONSENSUS, { projectId: project, assetId: id, isConsensus }),
};

/** Those of the external ids that the project has. @param {string} project @param {string[]} externalIds */
export async function known(project, externalIds) {
  const data = await ask(KNOWN, { project, externalIds });
  return new Set(data.filterExistingAssets);
}

/** Links to upload to, one a path. @param {string} project @param {string[]} paths @returns {Promise<string[]>} */
export async function uploadUrls(project, paths) {
  return (await ask(UPLOADS, { project, paths })).createUploadBucketSignedUrls;
}

/**
 * Add assets, at most a thousand.
 * @param {string} project
 * @param {{ externalId: string, content: string, metadata?: any }[]} assets
 * @param {string} idempotencyKey
 */
export async function appendAssets(project, assets, idempotencyKey) {
  const data = {
    contentArray: assets.map((asset) => asset.content),
    externalIDArray: assets.map((asset) => asset.externalId),
    ...(assets.some((asset) => asset.metadata)
      ? { jsonMetadataArray: assets.map((asset) => JSON.stringify(asset.metadata ?? {})) }
      : {}),
  };
  return (await ask(APPEND, { data, where: { id: project } }, { idempotencyKey })).appendManyAssets;
}
