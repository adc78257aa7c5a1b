// Keys of the label screen. Letters go by what is written on the key, so that other keyboards work; digits with Shift by place.
import { preference } from "../preferences.js";

/** Actions and their keys, which a person may change: `preference("keys")` holds `{ action: key }`. */
export const KEYS = {
  submit: "Control+Enter",
  skip: "s",
  undo: "Control+z",
  redo: "Control+Shift+z",
  redo2: "Control+y",
  escape: "Escape",
  remove: "Delete",
  remove2: "Backspace",
  next: "n",
  previous: "Shift+n",
  nextAsset: "PageDown",
  previousAsset: "PageUp",
  hide: "h",
  hideAll: "Shift+h",
  question: "q",
  fit: "0",
  copy: "Control+c",
  paste: "Control+v",
  help: "?",
  rectangle: "r",
  polygon: "p",
  marker: "m",
  polyline: "l",
  vector: "v",
  select: "Shift+s",
  turn: "Shift+r",
};

/** @param {KeyboardEvent} event @returns {string} such as `Control+Shift+z` */
export function keyOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const held = [];
  if (event.ctrlKey || event.metaKey) held.push("Control");
  if (event.altKey) held.push("Alt");
  // A sign such as ? already says that Shift was held.
  if (event.shiftKey && (event.key.length > 1 || key !== key.toUpperCase() || /\d/.test(key))) held.push("Shift");
  return [...held, key].join("+");
}

/** The key of an action as the person has it. @param {keyof typeof KEYS} action @returns {string} */
export const keyFor = (action) => preference("keys", {})[action] ?? KEYS[action];

/** The action of a key. @param {string} key @returns {string | null} without the digit of a second key */
export function actionOf(key) {
  for (const action of /** @type {(keyof typeof KEYS)[]} */ (Object.keys(KEYS))) {
    if (keyFor(action) === key) return action.replace(/\d$/, "");
  }
  return null;
}

/** A key for people. @param {string} key */
export function shown(key) {
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  return key
    .split("+")
    .map((part) => ({ Control: mac ? "⌘" : "Ctrl", Shift: "⇧", Alt: mac ? "⌥" : "Alt", Delete: "Del", Escape: "Esc", Enter: "↵", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" })[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" ");
}

/**
 * The keys of the categories of a job: its own shortcut, else 1 to 9, then Shift and 1 to 9.
 * @param {import("../domain/interface.js").Job} job
 * @returns {Map<string, string>} from category to key, as `keyOf` and `digitOf` answer them
 */
export function categoryKeys(job) {
  const keys = new Map();
  const taken = new Set(job.categories.map((category) => category.shortcut));
  const free = [];
  for (const held of ["", "Shift+"]) for (let digit = 1; digit <= 9; digit++) if (held || !taken.has(String(digit))) free.push(`${held}${digit}`);
  const used = new Set();
  for (const category of job.categories) {
    if (category.shortcut && !used.has(category.shortcut)) {
      keys.set(category.key, category.shortcut);
      used.add(category.shortcut);
    } else {
      const next = free.shift();
      if (next) keys.set(category.key, next);
    }
  }
  return keys;
}

/** The digit of a key by its place, with Shift or without, as `categoryKeys` has it; null for other keys. @param {KeyboardEvent} event */
export function digitOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const [, place] = /^(?:Digit|Numpad)([1-9])$/.exec(event.code) ?? [];
  const digit = /^[1-9]$/.test(event.key) ? event.key : place;
  return digit ? (event.shiftKey ? `Shift+${digit}` : digit) : null;
}

/** Whether an element takes what is typed. @param {EventTarget | null} target */
export function takesText(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type);
}
