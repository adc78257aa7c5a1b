// Making and changing projects.
import { ask } from "./ask.js";

const CREATE = `mutation CreateProject($data: CreateProjectData!) {
  createProject(data: $data) { id }
}`;

const CHANGE = `mutation UpdateProject($data: ProjectData!, $where: ProjectWhere!) {
  updatePropertiesInProject(data: $data, where: $where) { id }
}`;

const COPY = `mutation CopyProject($data: CopyProjectData!) {
  copyProject(data: $data)
}`;

const DELETE = `mutation DeleteProject($where: ProjectWhere!) {
  deleteProject(where: $where) { id }
}`;

const SUFFERING = `query CountLabels($where: LabelWhere!) {
  countLabels(where: $where)
}`;

/** @param {{ title: string, description?: string, inputType: string, jsonInterface: string }} data @returns {Promise<string>} its id */
export async function createProject(data) {
  return (await ask(CREATE, { data })).createProject.id;
}

/** @param {string} id @param {any} data @param {(all: any[]) => void} [warnings] is given what the server warns of */
export const changeProject = (id, data, warnings) => ask(CHANGE, { data, where: { id } }, { warnings });

/** @param {string} id @param {{ assets: boolean, users: boolean }} what @returns {Promise<string>} id of the copy */
export async function copyProject(id, { assets, users }) {
  return (await ask(COPY, { data: { projectId: id, shouldCopyAssets: assets, shouldCopyUsers: users } })).copyProject;
}

/** @param {string} id */
export const deleteProject = (id) => ask(DELETE, { where: { id } });

/** How many labels hold a category. @param {string} project @param {string} job @param {string} category @returns {Promise<number>} */
export async function countLabelsWith(project, job, category) {
  const where = { project: { id: project }, search: `${job}.${category}.count > 0` };
  return (await ask(SUFFERING, { where })).countLabels;
}
