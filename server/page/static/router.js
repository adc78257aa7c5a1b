// Addresses and pages. Each page is a module of its own, loaded when it is first opened.
import { signal } from "@preact/signals";
import { html } from "./parts/html.js";
import { loadAhead, matched, pathOf } from "./ahead.js";

const BASE = "/label";

/**
 * Pages by their address under /label. A part with a colon is a parameter. The module's default export is the
 * component; it is given `name`, `params` and `query`. An address without a page shows "not found".
 * @type {[pattern: string, name: string, load: () => Promise<{ default: any }>][]}
 */
const PAGES = [
  ["/", "projects", () => import("./manage/projects.js")],
  ["/projects/:project", "overview", () => import("./manage/overview.js")],
  ["/new", "new", () => import("./manage/new.js")],
  ["/account", "account", () => import("./manage/account.js")],
  ["/projects/:project/issues", "issues", () => import("./manage/issues.js")],
  ["/projects/:project/members", "members", () => import("./manage/members.js")],
  ["/projects/:project/settings", "settings", () => import("./manage/settings.js")],
  ["/projects/:project/settings/interface", "interface", () => import("./manage/interface.js")],
  ["/projects/:project/assets", "assets", () => import("./manage/assets.js")],
  ["/projects/:project/assets/:asset", "asset", () => import("./label/screen.js")],
  ["/projects/:project/label", "label", () => import("./label/screen.js")],
  ["/projects/:project/review", "review", () => import("./label/screen.js")],
];

/**
 * @typedef {object} Route
 * @property {string} name of the page, "missing" when there is none at the address
 * @property {string} path under /label
 * @property {Record<string, string>} params
 * @property {URLSearchParams} query
 * @property {(() => Promise<{ default: any }>) | null} load
 */

/** @param {string} pathname @param {string} search @returns {Route} */
export function routeOf(pathname, search) {
  const path = pathOf(pathname);
  const query = new URLSearchParams(search);
  for (const [pattern, name, load] of PAGES) {
    const params = matched(pattern, path);
    if (params) return { name, path, params, query, load };
  }
  return { name: "missing", path, params: {}, query, load: null };
}

export const route = signal(routeOf(location.pathname, location.search));

/** @type {(() => boolean | Promise<boolean>) | null} */
let mayLeave = null;

/**
 * Ask before another page is opened, until the answered function is called.
 * @param {() => boolean | Promise<boolean>} guard answers whether the page may be left
 */
export function guardLeaving(guard) {
  mayLeave = guard;
  return () => {
    if (mayLeave === guard) mayLeave = null;
  };
}

/** Whether the page that is open lets one go. @returns {Promise<boolean>} */
export const mayBeLeft = async () => !mayLeave || (await mayLeave());

/**
 * Open an address under /label.
 * @param {string} to such as "/projects/1/assets?status=TODO"
 * @param {{ replace?: boolean, isGuarded?: boolean }} [options] `replace` leaves no entry for Back
 */
export async function go(to, { replace = false, isGuarded = true } = {}) {
  if (isGuarded && !(await mayBeLeft())) return;
  const url = BASE + to;
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  show();
  if (!replace) scrollTo(0, 0);
}

/** Change the query of the address without opening another page. @param {Record<string, string | null | undefined>} changes */
export function setQuery(changes, { replace = true } = {}) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") query.delete(name);
    else query.set(name, value);
  }
  const search = query.toString();
  const url = location.pathname + (search ? `?${search}` : "");
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  show();
}

function show() {
  route.value = routeOf(location.pathname, location.search);
  loadAhead(route.peek().path);
}

addEventListener("popstate", async () => {
  const before = route.peek();
  if (!(await mayBeLeft())) {
    history.pushState(null, "", BASE + before.path + (before.query.size ? `?${before.query}` : ""));
    return;
  }
  show();
});

/** A link to another page. `to` is under /label. */
export function Link({ to, children, ...rest }) {
  const open = (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return html`<a href=${BASE + to} onClick=${open} ...${rest}>${children}</a>`;
}
