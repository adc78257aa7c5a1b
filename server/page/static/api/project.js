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

const ROLE = `query Role($project: ID!) {
  viewer { projectUsers { id role project { id } } }
  projects(where: { id: $project }, first: 1, skip: 0) { id }
}`;

/** @param {{ search?: string, archived?: boolean, first?: number, skip?: number, signal?: AbortSignal }} [options] */
export async function listProjects({ search = "", archived = false, first = 100, skip = 0, signal } = {}) {
  const where = { archived, ...(search ? { searchQuery: `%${search}%` } : {}) };
  const data = await ask(PROJECTS, { where, first, skip }, { signal });
  return { projects: data.projects, count: data.countProjects };
}

/** A project, or null when there is none for this person. @param {string} id @param {AbortSignal} [signal] */
export async function readProject(id, signal) {
  const data = await ask(PROJECT, { where: { id } }, { signal });
  return data.projects[0] ?? null;
}

export { PROJECTS, PROJECT, ROLE };
