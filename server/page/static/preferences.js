// What a person has chosen on this machine. Nothing here is secret, nothing here is an answer.
import { signal } from "@preact/signals";

const KEY = "labelyard.preferences";

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof found === "object" && found !== null && !Array.isArray(found) ? found : {};
  } catch {
    return {};
  }
}

const chosen = signal(/** @type {Record<string, any>} */ (read()));

/**
 * A choice, or what holds without one.
 * @template T
 * @param {string} name
 * @param {T} otherwise
 * @returns {T}
 */
export function preference(name, otherwise) {
  return name in chosen.value ? chosen.value[name] : otherwise;
}

/**
 * @param {string} name
 * @param {any} value undefined forgets the choice
 */
export function prefer(name, value) {
  const { [name]: _before, ...others } = chosen.peek();
  chosen.value = value === undefined ? others : { ...others, [name]: value };
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen.peek()));
  } catch {
    // Storage may be switched off: the choice then lasts as long as the tab.
  }
  if (name === "theme") showTheme();
}

/** Put the theme on the page: "light", "dark", or that of the system. */
export function showTheme() {
  const theme = preference("theme", "system");
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
