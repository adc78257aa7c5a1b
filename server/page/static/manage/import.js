// Adding assets: what was dropped or pasted becomes batches; what the project has already is left out.
import { appendAssets, known, uploadUrls } from "../api/asset.js";
import { chance, ownPath, Trouble } from "../api/ask.js";

const FILES_AT_ONCE = 20;
const UPLOADS_AT_ONCE = 4;
const TEXTS_AT_ONCE = 500;
const TRIES = 4;

/**
 * Files of what was dropped, those in folders by their path.
 * @param {DataTransferItemList} items
 * @returns {Promise<{ name: string, file: File }[]>}
 */
export async function droppedFiles(items) {
  // Entries are lost when the event is over: all are taken before the first wait. What has none, such as a picture that is dragged from
  // a page, is a file alone.
  const all = [...items].filter(({ kind }) => kind === "file").map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  /** @type {{ name: string, file: File }[]} */
  const found = [];
  for (const { entry, file } of all) {
    if (entry) await walk(/** @type {any} */ (entry), found);
    else if (file) found.push({ name: file.name, file });
  }
  return found;
}

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    if (!entry.name.startsWith(".")) found.push({ name: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const one of some) await walk(one, found);
  }
}

/**
 * Lines of a text as assets: `name<tab>content`, or the content alone, which is then named by what it is.
 * @param {string} lines
 * @param {string} prefix of names that are made
 * @returns {{ name: string, content: string }[]}
 */
export function pastedLines(lines, prefix) {
  const used = new Set();
  return lines
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line, index) => {
      const at = line.indexOf("\t");
      const content = at > 0 ? line.slice(at + 1).trim() : line;
      let name = at > 0 ? line.slice(0, at).trim() : nameOf(content, `${prefix}-${index + 1}`);
      while (used.has(name)) name = `${name}-${index + 1}`;
      used.add(name);
      return { name, content };
    });
}

function nameOf(content, otherwise) {
  if (!/^https?:\/\//i.test(content)) return otherwise;
  try {
    return decodeURIComponent(new URL(content).pathname.split("/").pop() ?? "") || otherwise;
  } catch {
    return otherwise;
  }
}

/**
 * Import assets batch by batch.
 * @param {string} project
 * @param {{ name: string, file?: File, content?: string }[]} all
 * @param {{ progress: (state: { done: number, added: number, known: number, failed: { name: string, details: string }[] }) => void, signal: AbortSignal }} options
 */
export async function importAll(project, all, { progress, signal }) {
  const state = { done: 0, added: 0, known: 0, failed: /** @type {{ name: string, details: string }[]} */ ([]) };
  const size = all.some((one) => one.file) ? FILES_AT_ONCE : TEXTS_AT_ONCE;
  for (let start = 0; start < all.length && !signal.aborted; start += size) {
    const batch = all.slice(start, start + size);
    const there = await again(() => known(project, batch.map((one) => one.name)));
    const fresh = batch.filter((one) => !there.has(one.name));
    state.known += batch.length - fresh.length;
    const uploaded = await withContents(project, fresh, state, signal);
    if (signal.aborted) break;
    state.added += await add(project, uploaded, state);
    state.done += batch.length;
    progress({ ...state, failed: [...state.failed] });
  }
  return state;
}

async function withContents(project, batch, state, signal) {
  const files = batch.filter((one) => one.file);
  if (!files.length) return batch;
  const urls = await again(() => uploadUrls(project, files.map((one) => `projects/${project}/${one.name}`)));
  const done = [];
  let next = 0;
  const work = async () => {
    while (next < files.length && !signal.aborted) {
      const index = next++;
      const one = files[index];
      try {
        await again(() => put(urls[index], one.file, signal));
        done.push({ name: one.name, content: urls[index], index });
      } catch (trouble) {
        if (trouble?.name === "AbortError") return;
        state.failed.push({ name: one.name, details: trouble.message });
      }
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work));
  // In the order in which they were given, whichever was faster.
  return done.sort((a, b) => a.index - b.index);
}

async function put(url, file, signal) {
  const path = ownPath(url);
  if (!path) throw new Error("The link to upload to is on another host.");
  let response;
  try {
    response = await fetch(path, { method: "PUT", body: file, headers: { "Content-Type": file.type || "application/octet-stream" }, credentials: "omit", signal });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Trouble("later", "The server cannot be reached.", { code: "NO_NETWORK" });
  }
  if (response.ok) return;
  const body = await response.json().catch(() => null);
  const retryAfter = Number(response.headers.get("retry-after")) || undefined;
  const isLater = response.status === 429 || response.status === 503;
  throw new Trouble(isLater ? "later" : "refused", body?.error?.message ?? `HTTP ${response.status}`, { retryAfter });
}

/** Add a batch; when it is refused, each of it alone, so that one bad file stops no other. */
async function add(project, batch, state) {
  if (!batch.length) return 0;
  const assets = batch.map((one) => ({ externalId: one.name, content: one.content }));
  const key = chance();
  try {
    await again(() => appendAssets(project, assets, key));
    return batch.length;
  } catch (trouble) {
    if (trouble?.kind !== "refused") throw trouble;
    if (batch.length === 1) {
      state.failed.push({ name: batch[0].name, details: trouble.message });
      return 0;
    }
  }
  let added = 0;
  for (const one of batch) added += await add(project, [one], state);
  return added;
}

/** Try what was not run, or is safe to send again, a few times. @template T @param {() => Promise<T>} call @returns {Promise<T>} */
async function again(call) {
  for (let round = 1; ; round++) {
    try {
      return await call();
    } catch (trouble) {
      const mayBeRepeated = trouble instanceof Trouble && (trouble.kind === "later" || trouble.kind === "unknown");
      if (!mayBeRepeated || round === TRIES) throw trouble;
      await new Promise((resolve) => setTimeout(resolve, 1000 * (trouble.retryAfter ?? 2 ** (round - 1))));
    }
  }
}
