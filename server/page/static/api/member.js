// The members of a project.
import { ask } from "./ask.js";

const MEMBERS = `query Members($where: ProjectUserWhere!, $first: PageSize!, $skip: Int!) {
  projectUsers(where: $where, first: $first, skip: $skip) {
    id role status starred lastLabelingAt numberOfLabels numberOfLabeledAssets numberOfAnnotations totalDuration durationPerLabel
    consensusMark honeypotMark invitationStatus user { id email firstname lastname name activated }
  }
  countProjectUsers(where: $where)
}`;

const APPEND = `mutation AppendToRoles($data: AppendToRolesData!, $where: ProjectWhere!) {
  appendToRoles(data: $data, where: $where) { id }
}`;

const CHANGE = `mutation UpdatePropertiesInRole($data: RoleData!, $where: ProjectUserWhere!) {
  updatePropertiesInRole(data: $data, where: $where) { id role }
}`;

const REMOVE = `mutation DeleteFromRoles($where: ProjectUserWhere!) {
  deleteFromRoles(where: $where) { id }
}`;

/**
 * @param {string} project
 * @param {{ first?: number, skip?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<{ members: any[], count: number }>}
 */
export async function listMembers(project, { first = 100, skip = 0, signal } = {}) {
  const data = await ask(MEMBERS, { where: { project: { id: project }, deleted: false }, first, skip }, { signal });
  return { members: data.projectUsers, count: data.countProjectUsers };
}

/** @param {any} member @returns {string} */
export function memberName(member) {
  return personName(member?.user);
}

/** @param {any} user @returns {string} */
export function personName(user) {
  if (!user) return "";
  return user.name || [user.firstname, user.lastname].filter(Boolean).join(" ") || user.email || "";
}

/** @param {string} project @param {string} userEmail @param {string} role */
export const invite = (project, userEmail, role) => ask(APPEND, { data: { userEmail, role }, where: { id: project } });

/** @param {string} id of the membership @param {string} role */
export const changeRole = (id, role) => ask(CHANGE, { data: { role }, where: { id } });

/** @param {string} id of the membership */
export const removeMember = (id) => ask(REMOVE, { where: { id } });
