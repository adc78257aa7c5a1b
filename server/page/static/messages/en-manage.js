// English words of the pages of a project.
/** @type {Record<string, string | { one: string, other: string }>} */
export const manage = {
  "projects.search": "Search projects",
  "projects.none": "No projects yet",
  "projects.noneText": "Projects that you are a member of stand here.",
  "projects.noneFound": "No project fits “{search}”",
  "projects.remaining": { one: "{count} asset to label", other: "{count} assets to label" },
  "projects.finished": "Everything is labeled",
  "projects.assets": { one: "{count} asset", other: "{count} assets" },
  "projects.issues": { one: "{count} open issue", other: "{count} open issues" },
  "project.startLabeling": "Start labeling",
  "project.startReviewing": "Start reviewing",
};
