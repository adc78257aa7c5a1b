// Issues about labels and questions about assets.
import { ask } from "./ask.js";

const CREATE = `mutation CreateIssues($issues: [IssueToCreate!]!, $where: AssetWhere!) {
  createIssues(issues: $issues, where: $where) { id }
}`;
const COMMENT = `mutation Comment($data: AppendToCommentsData!, $where: IssueWhere!) {
  appendToComments(data: $data, where: $where) { id }
}`;
const CHANGE = `mutation ChangeIssue($data: IssueData!, $where: IssueWhere!) {
  updatePropertiesInIssue(data: $data, where: $where) { id status }
}`;

/** @param {{ project: string, asset: string, type: "ISSUE" | "QUESTION", text: string, label?: string | null, mid?: string | null, key?: string }} issue */
export async function createIssue({ asset, type, text, label = null, mid = null, key }) {
  const issue = { assetId: asset, type, text, ...(label ? { labelID: label } : {}), ...(mid ? { objectMid: mid } : {}) };
  const data = await ask(CREATE, { issues: [issue], where: { id: asset } }, { idempotencyKey: key });
  return data.createIssues[0]?.id;
}

/** @param {string} issue @param {string} text @param {boolean} inReview */
export const comment = (issue, text, inReview) => ask(COMMENT, { data: { text, inReview }, where: { id: issue } });

/** @param {string} issue @param {"OPEN" | "SOLVED" | "CANCELLED"} status */
export const setIssueStatus = (issue, status) => ask(CHANGE, { data: { status }, where: { id: issue } });
