// The interface of a project as the page works with it: jobs in order, their categories, what opens what.

/**
 * @typedef {object} Category
 * @property {string} key what an answer quotes
 * @property {string} name
 * @property {string} color
 * @property {string | null} shortcut
 * @property {string[]} children names of the jobs that it opens
 * @property {{ text?: string, url?: string, imageUrl?: string } | null} help
 *
 * @typedef {object} Job
 * @property {string} name
 * @property {"choice" | "text" | "objects" | "entities" | "other"} kind what the page makes of it; `other` is shown and kept
 * @property {string} task
 * @property {string} input
 * @property {string[]} tools those that the page draws with
 * @property {boolean} isRequired
 * @property {boolean} isChild
 * @property {boolean} isHidden
 * @property {string} title
 * @property {Category[]} categories
 * @property {Map<string, Category>} byKey
 *
 * @typedef {object} Interface
 * @property {Map<string, Job>} jobs
 * @property {Job[]} roots jobs that are shown, in order, without those that others open
 * @property {number} width share of the window that the jobs take at first
 */

/** Colours of categories that have none, told apart by people who see few colours, on pictures light and dark. */
const PALETTE = ["#2a7de1", "#e0572b", "#129a72", "#b04fc4", "#c99700", "#d6336c", "#5b6ee1", "#5a8f1f", "#0c93a8", "#a0683a"];
const DRAWN = ["rectangle", "polygon", "marker", "polyline", "vector"];
const SEVERAL = new Set(["checkbox", "multipleDropdown"]);

/**
 * @param {string | null | undefined} text JSON of the interface
 * @param {string} inputType of the project
 * @returns {Interface}
 */
export function interfaceOf(text, inputType) {
  const parsed = parsedObject(text);
  const given = isObject(parsed.jobs) ? parsed.jobs : {};
  /** @type {Map<string, Job>} */
  const jobs = new Map();
  const opened = new Set();
  const palette = unusedColors(given);
  let colors = 0;
  for (const [name, job] of Object.entries(given)) {
    if (!isObject(job)) continue;
    const content = isObject(job.content) ? job.content : {};
    /** @type {Category[]} */
    const categories = [];
    for (const [key, category] of Object.entries(isObject(content.categories) ? content.categories : {})) {
      if (!isObject(category)) continue;
      const children = Array.isArray(category.children) ? category.children.filter((child) => typeof child === "string") : [];
      for (const child of children) opened.add(child);
      const needsColor = job.mlTask !== "CLASSIFICATION";
      categories.push({
        key,
        name: typeof category.name === "string" && category.name ? category.name : key,
        color: /^#[0-9a-f]{6}$/i.test(category.color ?? "") ? category.color : palette[(needsColor ? colors++ : categories.length) % palette.length],
        shortcut: typeof category.shortcut === "string" && category.shortcut.length === 1 ? category.shortcut.toLowerCase() : null,
        children,
        help: isObject(category.jsonMetadata) ? category.jsonMetadata : null,
      });
    }
    const tools = (Array.isArray(job.tools) ? job.tools : []).filter((tool) => DRAWN.includes(tool));
    jobs.set(name, {
      name,
      kind: kindOf(job.mlTask, inputType),
      task: job.mlTask,
      input: inputOf(job.mlTask, content.input),
      tools,
      isRequired: Boolean(job.required),
      isChild: job.isChild === undefined || job.isChild === null ? false : Boolean(job.isChild),
      isHidden: job.isVisible === false || job.isVisible === 0 || Boolean(job.isModel),
      title: typeof job.instruction === "string" && job.instruction.trim() ? job.instruction : readable(name),
      categories,
      byKey: new Map(categories.map((category) => [category.key, category])),
    });
  }
  for (const [name, job] of jobs) {
    if (opened.has(name) && (given[name].isChild === undefined || given[name].isChild === null)) job.isChild = true;
  }
  const width = Number(parsed.jobRendererWidth);
  return {
    jobs,
    roots: [...jobs.values()].filter((job) => !job.isChild && !job.isHidden),
    width: Number.isFinite(width) && width > 0 ? Math.min(0.5, Math.max(0.15, width)) : 0.25,
  };
}

/** Colours that no category has by itself. @param {Record<string, any>} jobs */
function unusedColors(jobs) {
  const used = new Set();
  for (const job of Object.values(jobs)) for (const category of Object.values(job?.content?.categories ?? {})) used.add(String(category?.color).toLowerCase());
  const unused = PALETTE.filter((color) => !used.has(color));
  return unused.length ? unused : PALETTE;
}

/** Whether several categories may be chosen. @param {Job} job */
export const takesSeveral = (job) => SEVERAL.has(job.input);

/** The jobs that a category opens and that are shown. @param {Interface} all @param {Category | undefined} category @returns {Job[]} */
export function childrenOf(all, category) {
  return (category?.children ?? []).flatMap((name) => {
    const job = all.jobs.get(name);
    return job && !job.isHidden ? [job] : [];
  });
}

/** @param {string | undefined} task @param {string} inputType @returns {Job["kind"]} */
function kindOf(task, inputType) {
  if (task === "CLASSIFICATION") return "choice";
  if (task === "TRANSCRIPTION") return "text";
  if (task === "OBJECT_DETECTION" && inputType === "IMAGE") return "objects";
  if (task === "NAMED_ENTITIES_RECOGNITION" && inputType === "TEXT") return "entities";
  return "other";
}

/** @param {string | undefined} task @param {unknown} input */
function inputOf(task, input) {
  if (task === "TRANSCRIPTION") return ["number", "date", "markdown"].includes(/** @type {string} */ (input)) ? String(input) : "textField";
  return typeof input === "string" ? input : "radio";
}

/** A name of a job that people can read: `CLASSIFICATION_JOB_2` becomes `Classification job 2`. @param {string} name */
function readable(name) {
  if (!/^[A-Z0-9_]+$/.test(name)) return name;
  const words = name.toLowerCase().replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {string | null | undefined} text @returns {Record<string, any>} */
export function parsedObject(text) {
  try {
    const value = JSON.parse(text ?? "{}");
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** @param {unknown} value @returns {value is Record<string, any>} */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
