// Projects as the shell shows them.
import { ask } from "./ask.js";

const PROJECTS = `query Projects($where: ProjectWhere!, $first: PageSize!, $skip: Int!) {
  projects(where: $where, first: $first, skip: $skip) {
    id title description inputType starred archived numberOfAssets numberOfRemainingAssets numberOfOpenIssues
    numberOfOpenQuestions completionPercentage updatedAt
  }
  countProjects(where: $where)
}`;

const PROJECT = `query Project($where: ProjectWhere!) {
  projects(where: $where, first: 1, skip: 0) {
    id title description inputType instructions jsonInterface archived numberOfAssets numberOfRemainingAssets
    canNavigateBetweenAssets canSkipAsset workflowVersion updatedAt
  }
}`;

const PROJECT_FOR = `query ProjectFor($where: ProjectWhere!, $member: ProjectUserWhere!) {
  projects(where: $where, first: 1, skip: 0) {
    id title description inputType instructions jsonInterface archived numberOfAssets numberOfRemainingAssets
    numberOfOpenIssues numberOfOpenQuestions completionPercentage canNavigateBetweenAssets canSkipAsset workflowVersion
    updatedAt steps { id name type }
  }
  projectUsers(where: $member, first: 1, skip: 0) { id role starred }
}`;

/** @param {{ search?: string, archived?: boolean, starred?: boolean, first?: number, skip?: number, signal?: AbortSignal }} [options] */
export async function listProjects({ search = "", archived = false, starred = false, first = 100, skip = 0, signal } = {}) {
  const where = { archived, ...(search ? { searchQuery: `%${search}%` } : {}), ...(starred ? { starred } : {}) };
  const data = await ask(PROJECTS, { where, first, skip }, { signal });
  return { projects: data.projects, count: data.countProjects };
}

/** A project, or null when there is none for this person. @param {string} id @param {AbortSignal} [signal] */
export async function readProject(id, signal) {
  const data = await ask(PROJECT, { where: { id } }, { signal });
  return data.projects[0] ?? null;
}

/**
 * A project with the role of a person in it, or null when there is none for them.
 * @param {string} id
 * @param {import("../session.js").Person | null} who
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ project: any, role: string | null, membership: any } | null>}
 */
export async function readProjectFor(id, who, signal) {
  const member = { project: { id }, user: { id: who?.id }, deleted: false };
  const data = await ask(PROJECT_FOR, { where: { id }, member }, { signal });
  const [project] = data.projects;
  if (!project) return null;
  const membership = data.projectUsers[0] ?? null;
  return { project, role: who?.organizationRole === "ADMIN" ? "ADMIN" : (membership?.role ?? null), membership };
}
