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

const OWN = `query OwnMembership($where: ProjectUserWhere!) {
  projectUsers(where: $where, first: 1, skip: 0) { id starred }
}`;

const STAR = `mutation Star($data: ProjectUserData!, $where: ProjectUserWhere!) {
  updatePropertiesInProjectUser(data: $data, where: $where) { id starred }
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

/**
 * Mark a project as one's favorite, or no longer. Answers false for who is no member.
 * @param {string} project @param {string} user @param {boolean} starred
 */
export async function star(project, user, starred) {
  const { projectUsers } = await ask(OWN, { where: { project: { id: project }, user: { id: user }, deleted: false } });
  if (!projectUsers.length) return false;
  await ask(STAR, { data: { starred }, where: { id: projectUsers[0].id } });
  return true;
}
