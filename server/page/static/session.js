// Who works here. The token of a log-in lasts as long as the tab; an API key is kept in memory only.
import { computed, signal } from "@preact/signals";

const KEY = "labelyard.session";

/**
 * @typedef {{ kind: "token" | "key", secret: string }} Credential
 * @typedef {{ id: string, email: string, name: string, organizationRole: string | null }} Person
 */

/** What the tab keeps over a reload. @returns {{ secret: string, person: Person | null } | null} */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  } catch {
    return null;
  }
}

const before = kept();
/** @type {import("@preact/signals").Signal<Credential | null>} */
export const credential = signal(before ? { kind: "token", secret: before.secret } : null);
/** @type {import("@preact/signals").Signal<Person | null>} */
export const person = signal(before?.person ?? null);
/** Whether the credential was refused while somebody works: the page asks for another one over what is there. */
export const isAsking = signal(false);
export const isSignedIn = computed(() => credential.value !== null);

/** @type {{ resolve: () => void, reject: (reason: Error) => void }[]} */
let waiting = [];

/** @param {Credential} next @param {Person} who */
export function setCredential(next, who) {
  keep(next, who);
  credential.value = next;
  setPerson(who);
}

/** What the server says of the person now. @param {Person} who */
export function setPerson(who) {
  if (JSON.stringify(person.peek()) === JSON.stringify(who)) return;
  person.value = who;
  const current = credential.peek();
  if (current) keep(current, who);
}

/** Keep it for a reload of the tab. @param {Credential} next @param {Person} who */
export function keep(next, who) {
  try {
    if (next.kind === "token") sessionStorage.setItem(KEY, JSON.stringify({ secret: next.secret, person: who }));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage one signs in again after a reload.
  }
}

/** Forget everything about the person. */
export function forget() {
  credential.value = null;
  person.value = null;
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
  settle(new Error("signed out"));
}

/** The value of the Authorization header. */
export function authorization() {
  const current = credential.peek();
  if (!current) return null;
  return current.kind === "token" ? `Bearer: ${current.secret}` : `X-API-Key: ${current.secret}`;
}

/**
 * Wait until the person has signed in again. Rejects when they leave instead.
 * @param {string | null} refused the header that was refused
 * @returns {Promise<void>}
 */
export function signedInAgain(refused) {
  if (authorization() !== refused && credential.peek()) return Promise.resolve();
  isAsking.value = true;
  return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
}

/** @param {Error} [reason] */
export function settle(reason) {
  isAsking.value = false;
  const all = waiting;
  waiting = [];
  for (const one of all) reason ? one.reject(reason) : one.resolve();
}
