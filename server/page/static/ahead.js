// Loading of what pages consist of: at once, and not one after the other as modules name them. This runs before the other modules
// are there; the server says which files each page needs.
// `pages` says for each pattern which of the names it needs.
const { base, names, pages, signIn } = JSON.parse(document.getElementById("ahead")?.textContent ?? '{"names":[],"pages":{},"signIn":[]}');
const asked = new Set();

/** @param {number[]} places in `names` @param {(name: string) => boolean} isWanted */
function load(places, isWanted) {
  for (const name of places.map((place) => names[place]).filter(isWanted)) {
    if (asked.has(name)) continue;
    asked.add(name);
    const href = `${base}/${name}`;
    // A preloaded sheet that a busy machine uses late is complained of; one that is there already is not.
    if (name.endsWith(".css")) void style(new URL(href, location.href));
    else document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
  }
}

/**
 * The parameters of a path under /label, or null when it is none of the pattern. A part with a colon is a parameter.
 * @param {string} pattern @param {string} path
 * @returns {Record<string, string> | null}
 */
export function matched(pattern, path) {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  /** @type {Record<string, string>} */
  const params = {};
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i].startsWith(":")) {
      try {
        params[wanted[i].slice(1)] = decodeURIComponent(given[i]);
      } catch {
        return null;
      }
      if (!given[i]) return null;
    } else if (wanted[i] !== given[i]) return null;
  }
  return params;
}

/** The path under /label of an address; `/` opens the page, too. @param {string} pathname */
export function pathOf(pathname) {
  const under = pathname === "/" ? "/" : pathname.slice("/label".length) || "/";
  return under.length > 1 ? under.replace(/\/+$/, "") : under;
}

/** @param {string} path under /label @param {(name: string) => boolean} [isWanted] */
export function loadAhead(path, isWanted = () => true) {
  for (const [pattern, places] of Object.entries(pages)) if (matched(pattern, path)) return load(places, isWanted);
}

/** Style sheets of pages that are loaded when they are opened. */
const loaded = new Map();

/**
 * Load a style sheet beside a module, once: `await style(new URL("./screen.css", import.meta.url))`.
 * @param {URL} url
 * @returns {Promise<void>}
 */
export function style(url) {
  let loading = loaded.get(url.href);
  if (!loading) {
    loading = new Promise((resolve) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = url.href;
      link.onload = link.onerror = () => resolve(undefined);
      document.head.append(link);
    });
    loaded.set(url.href, loading);
  }
  return loading;
}

/** Whether the tab holds a session, is the question of `session.js`; asked here without waiting for it. */
function isSignedIn() {
  try {
    return sessionStorage.getItem("labelyard.session") !== null;
  } catch {
    return false;
  }
}

const path = pathOf(location.pathname);
if (isSignedIn()) loadAhead(path);
else {
  load(signIn, () => true);
  // Modules only: a browser complains of style sheets that nobody uses while the person writes a password.
  loadAhead(path, (name) => name.endsWith(".js"));
}
