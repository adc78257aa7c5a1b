// What is kept in the browser until the server has it: drafts of answers, and answers on their way.
const NAME = "labelyard";
const VERSION = 1;

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("drafts", { keyPath: "key" });
      request.result.createObjectStore("outbox", { keyPath: "id" });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        request.result.close();
        opening = null;
      };
      resolve(request.result);
    };
    request.onerror = () => {
      opening = null;
      reject(request.error);
    };
  });
  return opening;
}

/**
 * @template T
 * @param {"drafts" | "outbox"} store
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>} when it is on disk
 */
async function run(store, mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, mode === "readwrite" ? { durability: "strict" } : undefined);
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
  });
}

/**
 * @typedef {{ key: string, person: string, asset: string, project: string, text: string, seconds: number, savedAt: number }} Draft
 * @typedef {object} Sending
 * @property {string} id also the key by which the server knows it again
 * @property {string} person
 * @property {string} project
 * @property {string} asset
 * @property {string} externalId
 * @property {"DEFAULT" | "REVIEW"} type
 * @property {string} text
 * @property {number} seconds
 * @property {string[]} known ids of the person's labels on the asset before this one
 * @property {number} madeAt
 * @property {boolean} mayBeThere whether an attempt's answer was lost
 * @property {string} [refusal] why the server does not take it
 */

const keyOf = (person, asset) => `${person}/${asset}`;

/** @param {Omit<Draft, "key">} draft */
export const keepDraft = (draft) => run("drafts", "readwrite", (store) => store.put({ ...draft, key: keyOf(draft.person, draft.asset) }));

const AT_ONCE = "labelyard.draft/";

/**
 * Keep a draft before the page is gone, when there is no time to wait for the disk.
 * @param {Omit<Draft, "key">} draft
 */
export function keepDraftAtOnce(draft) {
  try {
    localStorage.setItem(AT_ONCE + keyOf(draft.person, draft.asset), JSON.stringify(draft));
  } catch {
    // Too large, or switched off: what was kept a quarter of a second before is still there.
  }
}

/** The newer one of what was kept in time and at once. @param {string} person @param {string} asset @returns {Promise<Draft | undefined>} */
export async function readDraft(person, asset) {
  const kept = await run("drafts", "readonly", (store) => store.get(keyOf(person, asset)));
  const atOnce = readAtOnce(keyOf(person, asset));
  if (!atOnce) return kept;
  if (!kept || atOnce.savedAt > kept.savedAt) {
    await keepDraft(atOnce);
    localStorage.removeItem(AT_ONCE + keyOf(person, asset));
    return { ...atOnce, key: keyOf(person, asset) };
  }
  return kept;
}

/** @param {string} key @returns {any} */
function readAtOnce(key) {
  try {
    return JSON.parse(localStorage.getItem(AT_ONCE + key) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} person @param {string} asset */
export function dropDraft(person, asset) {
  try {
    localStorage.removeItem(AT_ONCE + keyOf(person, asset));
  } catch {
    // Nothing was kept there.
  }
  return run("drafts", "readwrite", (store) => store.delete(keyOf(person, asset)));
}

/** @param {Sending} sending */
export const keepSending = (sending) => run("outbox", "readwrite", (store) => store.put(sending));

/** @param {string} id */
export const dropSending = (id) => run("outbox", "readwrite", (store) => store.delete(id));

/** Answers of a person that the server may not have yet, oldest first. @param {string} person @returns {Promise<Sending[]>} */
export async function sendings(person) {
  const all = await run("outbox", "readonly", (store) => store.getAll());
  return all.filter((one) => one.person === person).sort((one, other) => one.madeAt - other.madeAt);
}
