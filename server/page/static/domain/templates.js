// Interfaces to begin with, by the kind of project.

/** @param {string} task @param {any} more */
const job = (task, more) => ({ mlTask: task, required: 1, isChild: false, ...more });

/** @param {string} input @param {Record<string, string>} names by key */
const content = (input, names) => ({
  input,
  categories: Object.fromEntries(Object.entries(names).map(([key, name]) => [key, { name, children: [] }])),
});

const CLASSES = { FIRST_CLASS: "First class", SECOND_CLASS: "Second class", OTHER: "Other" };

const choice = job("CLASSIFICATION", { instruction: "What is it?", content: content("radio", CLASSES) });
const several = job("CLASSIFICATION", { instruction: "What applies?", content: content("checkbox", CLASSES) });
const words = job("TRANSCRIPTION", { instruction: "What does it say?", content: { input: "textField" } });
/** @param {string[]} tools */
const objects = (tools) => job("OBJECT_DETECTION", { instruction: "Objects", tools, content: content("radio", { FIRST_CLASS: "First class", SECOND_CLASS: "Second class" }) });
const entities = job("NAMED_ENTITIES_RECOGNITION", { instruction: "Entities", content: content("radio", { PERSON: "Person", PLACE: "Place", ORGANIZATION: "Organization" }) });

/**
 * Templates by name: for which kinds of project, and their jobs.
 * @type {Record<string, { inputTypes: string[] | null, jobs: Record<string, any> }>}
 */
export const TEMPLATES = {
  boxes: { inputTypes: ["IMAGE", "VIDEO", "GEOSPATIAL"], jobs: { OBJECTS: objects(["rectangle"]) } },
  areas: { inputTypes: ["IMAGE", "VIDEO", "GEOSPATIAL"], jobs: { OBJECTS: objects(["polygon"]) } },
  points: { inputTypes: ["IMAGE", "VIDEO", "GEOSPATIAL"], jobs: { OBJECTS: objects(["marker"]) } },
  entities: { inputTypes: ["TEXT", "PDF"], jobs: { ENTITIES: entities } },
  oneClass: { inputTypes: null, jobs: { CLASSIFICATION: choice } },
  severalClasses: { inputTypes: null, jobs: { CLASSIFICATION: several } },
  transcription: { inputTypes: null, jobs: { TRANSCRIPTION: words } },
  empty: { inputTypes: null, jobs: {} },
};

/** Names of the templates of a kind of project. @param {string} inputType */
export function templatesFor(inputType) {
  return Object.keys(TEMPLATES).filter((name) => TEMPLATES[name].inputTypes?.includes(inputType) ?? true);
}

/** The interface of a template as JSON text. @param {string} name */
export function templateText(name) {
  return JSON.stringify({ jobs: TEMPLATES[name].jobs }, null, 2);
}
