// What the roles of a project may do, for hiding what would be refused: the server decides.

/** @typedef {"ADMIN" | "TEAM_MANAGER" | "REVIEWER" | "LABELER"} Role */

const ADMIN = ["ADMIN"];
const MANAGERS = ["ADMIN", "TEAM_MANAGER"];
const REVIEWERS = ["ADMIN", "TEAM_MANAGER", "REVIEWER"];
const EVERYBODY = ["ADMIN", "TEAM_MANAGER", "REVIEWER", "LABELER"];

/** The names of the actions are those of the server. @type {Record<string, string[]>} */
export const ROLES_ALLOWED = {
  READ_PROJECT: EVERYBODY,
  STAR_PROJECT: EVERYBODY,
  CHANGE_PROJECT: ADMIN,
  DELETE_PROJECT: ADMIN,
  MANAGE_MEMBERS: MANAGERS,
  CHANGE_ASSETS: ADMIN,
  DISTRIBUTE_ASSETS: MANAGERS,
  SUBMIT_LABELS: EVERYBODY,
  REVIEW_LABELS: REVIEWERS,
  CREATE_ISSUES: REVIEWERS,
  ASK_QUESTIONS: EVERYBODY,
  HANDLE_ISSUES: REVIEWERS,
};

/** Roles that see quality marks. */
export const SEE_MARKS = MANAGERS;

/** Roles that a member with a role may give, change and take. @type {Record<string, string[]>} */
export const ROLES_MANAGED = { ADMIN: EVERYBODY, TEAM_MANAGER: ["REVIEWER", "LABELER"], REVIEWER: [], LABELER: [] };

/** Whether a role allows an action. @param {string | null} role @param {string} action */
export function mayDo(role, action) {
  return role !== null && (ROLES_ALLOWED[action] ?? []).includes(role);
}
