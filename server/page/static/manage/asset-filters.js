// The filters of the dataset page: how they stand in the address, and what they ask of the server.

/** The states of an asset as the page shows them; skipped is one of them, whatever the status. */
export const STATES = ["TODO", "ONGOING", "LABELED", "TO_REVIEW", "REVIEWED", "SKIPPED"];
export const LABEL_TYPES = ["DEFAULT", "REVIEW", "PREDICTION", "INFERENCE", "AUTOSAVE"];

/**
 * Every filter by its name in the address. `kind` says which control it has; `roles` who may use it.
 * @type {Record<string, { kind: "text" | "states" | "member" | "types" | "date" | "mark" | "choice" | "metadata" | "step", options?: string[], isForManagers?: boolean }>}
 */
export const FILTERS = {
  name: { kind: "text" },
  status: { kind: "states" },
  step: { kind: "step" },
  assignee: { kind: "member" },
  author: { kind: "member" },
  labels: { kind: "types" },
  category: { kind: "text" },
  labeledAfter: { kind: "date" },
  labeledBefore: { kind: "date" },
  createdAfter: { kind: "date" },
  createdBefore: { kind: "date" },
  consensusFrom: { kind: "mark", isForManagers: true },
  consensusTo: { kind: "mark", isForManagers: true },
  honeypotFrom: { kind: "mark", isForManagers: true },
  honeypotTo: { kind: "mark", isForManagers: true },
  issue: { kind: "choice", options: ["OPEN", "SOLVED", "CANCELLED"] },
  question: { kind: "choice", options: ["OPEN", "SOLVED", "CANCELLED"] },
  metadata: { kind: "metadata" },
};

/** @param {string | null} value */
const list = (value) => (value ? value.split(",").filter(Boolean) : []);

/**
 * A mark of the address as a number from 0 to 1, undefined when it is none.
 * @param {string | null} value percent
 */
function fraction(value) {
  if (!value) return undefined;
  const percent = Number(value);
  return Number.isFinite(percent) ? Math.min(100, Math.max(0, percent)) / 100 : undefined;
}

/**
 * Metadata of the address, `key=value` with `;` between, as the server takes it.
 * @param {string | null} value
 * @returns {Record<string, string> | undefined}
 */
export function metadataOf(value) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const part of (value ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0) found[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  return Object.keys(found).length ? found : undefined;
}

/** What stands in the address but for what is empty or unknown. @param {URLSearchParams} query */
export function activeFilters(query) {
  return Object.keys(FILTERS).filter((name) => query.get(name));
}

/** @param {any} object without the keys that are undefined */
function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/**
 * The filters of the server: more than one, when states are asked for that it does not name together.
 * @param {URLSearchParams} query
 * @param {string} project
 * @returns {any}
 */
export function whereOf(query, project) {
  const get = (/** @type {string} */ name) => query.get(name) || null;
  const states = list(get("status")).filter((one) => STATES.includes(one));
  const statuses = states.filter((one) => one !== "SKIPPED");
  const types = list(get("labels")).filter((one) => LABEL_TYPES.includes(one));
  const label = defined({
    typeIn: types.length ? types : undefined,
    authorIn: get("author") ? list(get("author")) : undefined,
    search: get("category") ?? undefined,
    createdAtGte: get("labeledAfter") ?? undefined,
    createdAtLte: get("labeledBefore") ?? undefined,
  });
  const issue = get("issue") ?? get("question");
  return defined({
    project: { id: project },
    externalIdIn: get("name") ? [get("name")] : undefined,
    statusIn: statuses.length ? statuses : undefined,
    skipped: states.length ? states.includes("SKIPPED") && !statuses.length : undefined,
    stepIdIn: get("step") ? list(get("step")) : undefined,
    assigneeIn: get("assignee") ? list(get("assignee")) : undefined,
    label: Object.keys(label).length ? label : undefined,
    createdAtGte: get("createdAfter") ?? undefined,
    createdAtLte: get("createdBefore") ?? undefined,
    consensusMarkGte: fraction(get("consensusFrom")),
    consensusMarkLte: fraction(get("consensusTo")),
    honeypotMarkGte: fraction(get("honeypotFrom")),
    honeypotMarkLte: fraction(get("honeypotTo")),
    issue: issue ? { type: get("issue") ? "ISSUE" : "QUESTION", status: issue } : undefined,
    metadata: metadataOf(get("metadata")),
  });
}

/**
 * The states of the address after one of them was chosen or left out. Skipped stands alone: an asset is skipped whatever its status.
 * @param {string | null} value @param {string} state
 */
export function withState(value, state) {
  const states = list(value);
  if (states.includes(state)) return states.filter((one) => one !== state).join(",");
  if (state === "SKIPPED") return "SKIPPED";
  return [...states.filter((one) => one !== "SKIPPED"), state].join(",");
}

/** The state of an asset as the page shows it. @param {{ skipped: boolean, status: string }} asset */
export function stateOf(asset) {
  return asset.skipped ? "SKIPPED" : asset.status;
}
