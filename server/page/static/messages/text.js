// The words of the page in the language of the person.
import { en } from "./en.js";

/** @typedef {string | { one: string, other: string }} Message */

/** @type {Record<string, Message>} */
const messages = Object.assign(Object.create(null), en);
let language = "en";
let plurals = new Intl.PluralRules(language);

/**
 * Add the messages of a module that is loaded later, or of another language.
 * @param {Record<string, Message>} more
 * @param {string} [inLanguage]
 */
export function addMessages(more, inLanguage) {
  Object.assign(messages, more);
  if (inLanguage) {
    language = inLanguage;
    plurals = new Intl.PluralRules(language);
  }
}

/**
 * The message of a key, its `{names}` filled in. A message with forms takes the one of `values.count`.
 * A key without a message is shown as it is, so that it is seen.
 * @param {string} key
 * @param {Record<string, string | number | null | undefined>} [values]
 * @returns {string}
 */
export function text(key, values = {}) {
  let message = messages[key];
  if (message === undefined) return key;
  if (typeof message !== "string") message = plurals.select(Number(values.count)) === "one" ? message.one : message.other;
  return message.replace(/\{(\w+)\}/g, (_all, name) => {
    const value = values[name];
    return typeof value === "number" ? number(value) : String(value ?? "");
  });
}

/** @param {number} value */
export const number = (value, options = {}) => new Intl.NumberFormat(language, options).format(value);

/** @param {number} value from 0 to 1 */
export const percent = (value) => number(value, { style: "percent", maximumFractionDigits: 0 });

/** A quality mark. @param {number | null | undefined} value from 0 to 1 @param {string} [otherwise] where there is none */
export const mark = (value, otherwise = "–") => (value === null || value === undefined ? otherwise : percent(value));

/** @param {string | null | undefined} value ISO 8601 */
export const day = (value) =>
  value ? new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(value)) : "";

/** @param {string | null | undefined} value ISO 8601 */
export const moment = (value) =>
  value ? new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(value)) : "";
