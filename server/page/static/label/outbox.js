// Answers on their way to the server. Each is kept on disk before it is sent, and until the server has said that it has it.
import { computed, signal } from "@preact/signals";
import { appendLabel, ownLabels } from "../api/label.js";
import { person } from "../session.js";
import { dropDraft, dropSending, keepSending, sendings } from "./store.js";

const FIRST_WAIT_S = 2;
const LONGEST_WAIT_S = 60;

/** @typedef {import("./store.js").Sending} Sending */

/** @type {import("@preact/signals").Signal<Sending[]>} */
export const outbox = signal([]);
/** Answers that will be sent without the person. */
export const waiting = computed(() => outbox.value.filter((one) => !one.refusal));
/** When the next attempt is made, milliseconds of the clock; 0 while one is on its way. */
export const nextTry = signal(0);

let timer = 0;
let isRunning = false;
let wait = FIRST_WAIT_S;
let owner = "";
/** @type {Map<string, { resolve: (id: string) => void, reject: (trouble: any) => void, warnings?: (all: any[]) => void }>} */
const heard = new Map();

/** Take up what was left of the last time. @param {string} who the person */
export async function resume(who) {
  if (owner === who) return;
  owner = who;
  try {
    const kept = await sendings(who);
    const known = new Set(outbox.peek().map((one) => one.id));
    // An attempt may have been on its way when the page was closed.
    outbox.value = [...kept.filter((one) => !known.has(one.id)).map((one) => ({ ...one, mayBeThere: true })), ...outbox.peek()];
  } catch (error) {
    console.warn("answers that were kept cannot be read", error);
  }
  run();
}

/** Forget whose answers these are; they stay on disk for the next time. */
export function pause() {
  clearTimeout(timer);
  owner = "";
  outbox.value = [];
}

/**
 * Send an answer. Resolves with the label's id when the server has it, rejects when the server refuses it; until then it is
 * tried again and again.
 * @param {Sending} sending
 * @param {{ warnings?: (all: any[]) => void }} [options]
 * @returns {Promise<string>}
 */
export async function send(sending, { warnings } = {}) {
  await keepSending(sending).catch((error) => console.warn("the answer cannot be kept in this browser", error));
  outbox.value = [...outbox.peek().filter((one) => one.id !== sending.id), sending];
  const done = new Promise((resolve, reject) => heard.set(sending.id, { resolve, reject, warnings }));
  wait = FIRST_WAIT_S;
  run();
  return /** @type {Promise<string>} */ (done);
}

/** Try at once. */
export function tryNow() {
  wait = FIRST_WAIT_S;
  run();
}

/** Take a refused answer out. @param {string} id */
export async function discard(id) {
  outbox.value = outbox.peek().filter((one) => one.id !== id);
  await dropSending(id).catch(() => {});
}

async function run() {
  clearTimeout(timer);
  if (isRunning) return;
  isRunning = true;
  try {
    for (;;) {
      const next = waiting.peek()[0];
      if (!next || person.peek()?.id !== next.person) return;
      nextTry.value = 0;
      const after = await attempt(next);
      if (after > 0) {
        nextTry.value = Date.now() + after * 1000;
        timer = setTimeout(run, after * 1000);
        return;
      }
    }
  } finally {
    isRunning = false;
  }
}

/** One attempt. @param {Sending} sending @returns {Promise<number>} seconds to wait, 0 when the answer is settled */
async function attempt(sending) {
  try {
    if (sending.mayBeThere) {
      const found = await alreadyThere(sending);
      if (found) return await settle(sending, found);
    }
    const id = await appendLabel(sending, { idempotencyKey: sending.id, warnings: heard.get(sending.id)?.warnings });
    return await settle(sending, id);
  } catch (trouble) {
    if (trouble?.kind === "refused") return await refuse(sending, trouble);
    if (trouble?.kind === "unknown") await change(sending, { mayBeThere: true });
    if (trouble?.kind === "left") return LONGEST_WAIT_S;
    const after = trouble?.retryAfter ?? wait;
    wait = Math.min(LONGEST_WAIT_S, wait * 2);
    return after;
  }
}

/** A label of the person that was not there before and says the same. @param {Sending} sending @returns {Promise<string | null>} */
async function alreadyThere(sending) {
  const known = new Set(sending.known);
  const labels = await ownLabels(sending.asset, sending.person, sending.type);
  return labels.find((label) => !known.has(label.id) && saysTheSame(label.text, sending.text))?.id ?? null;
}

/** Whether two answers are equal, ids apart that the server gave where none was sent. @param {string} one @param {string} other */
export function saysTheSame(one, other) {
  if (one === other) return true;
  try {
    const bare = (text) => JSON.stringify(JSON.parse(text, (key, value) => (key === "mid" ? undefined : value)));
    return bare(one) === bare(other);
  } catch {
    return false;
  }
}

/** @param {Sending} sending @param {string} id */
async function settle(sending, id) {
  outbox.value = outbox.peek().filter((one) => one.id !== sending.id);
  wait = FIRST_WAIT_S;
  await Promise.allSettled([dropSending(sending.id), dropDraft(sending.person, sending.asset)]);
  heard.get(sending.id)?.resolve(id);
  heard.delete(sending.id);
  return 0;
}

/** @param {Sending} sending @param {any} trouble */
async function refuse(sending, trouble) {
  const listener = heard.get(sending.id);
  heard.delete(sending.id);
  if (listener) {
    // The person is there: back to editing, where the answer is kept as a draft.
    outbox.value = outbox.peek().filter((one) => one.id !== sending.id);
    await dropSending(sending.id).catch(() => {});
    listener.reject(trouble);
  } else await change(sending, { refusal: trouble.message });
  return 0;
}

/** @param {Sending} sending @param {Partial<Sending>} more */
async function change(sending, more) {
  const next = { ...sending, ...more };
  outbox.value = outbox.peek().map((one) => (one.id === sending.id ? next : one));
  await keepSending(next).catch(() => {});
}

/** The person has gone on: an answer that is refused later is shown in the list of what waits. @param {string} id */
export const unhear = (id) => heard.delete(id);

addEventListener("beforeunload", (event) => {
  if (waiting.peek().length) event.preventDefault();
});
addEventListener("online", tryNow);
