// The issues and questions of a whole project.
import { ask } from "./ask.js";

const ISSUES = `query ProjectIssues($where: IssueWhere!, $first: PageSize!, $skip: Int!) {
  issues(where: $where, first: $first, skip: $skip) {
    id type status objectMid issueNumber createdAt updatedAt
    asset { id externalId }
    author { user { id email firstname lastname name } }
    assignee { user { id email firstname lastname name } }
    comments { id text createdAt author { user { id email firstname lastname name } } }
  }
  countIssues(where: $where)
}`;

/**
 * @param {string} project
 * @param {{ type?: string | null, status?: string | null, first: number, skip: number, signal?: AbortSignal }} options
 * @returns {Promise<{ issues: any[], count: number }>}
 */
export async function listIssues(project, { type, status, first, skip, signal }) {
  const where = { project: { id: project }, ...(type ? { type } : {}), ...(status ? { status } : {}) };
  const data = await ask(ISSUES, { where, first, skip }, { signal });
  return { issues: data.issues, count: data.countIssues };
}
