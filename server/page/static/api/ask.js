// The one way to the server: a document and its variables go out, data or a Trouble comes back.
import { authorization, signedInAgain } from "../session.js";

const ENDPOINT = "/api/label/v2/graphql";

/**
 * What went wrong, as the page has to act on it.
 *
 * - `refused`: the server said no, and nothing was changed. `message` says why, `errors` where.
 * - `later`: nothing was run. The same may be sent again, after `retryAfter` seconds.
 * - `unknown`: the answer was lost. A change may or may not have been made.
 * - `left`: the person signed out while something was on its way.
 */
export class Trouble extends Error {
  /**
   * @param {"refused" | "later" | "unknown" | "left"} kind
   * @param {string} message
   * @param {{ code?: string, errors?: any[], context?: any, retryAfter?: number, requestId?: string }} [more]
   */
  constructor(kind, message, more = {}) {
    super(message);
    this.name = "Trouble";
    this.kind = kind;
    this.code = more.code ?? "";
    this.errors = more.errors ?? [];
    this.context = more.context ?? {};
    this.retryAfter = more.retryAfter ?? null;
    this.requestId = more.requestId ?? null;
  }

  /** Problems at paths of an answer or an interface. @returns {{ code: string, path: string, message: string }[]} */
  get problems() {
    return Array.isArray(this.context?.errors) ? this.context.errors : [];
  }
}

/**
 * The words of the server without the marks that programs read.
 * @param {string} message
 */
export function sentence(message) {
  return message
    .replace(/^\[\w+\]\s*/, "")
    .replace(/\s*\|\s*trace\s*:\s*false\s*$/, "")
    .trim();
}

/**
 * Ask the server. Answers `data`; throws a Trouble.
 *
 * After a 401 the page asks the person to sign in, and the call is repeated; not so where `authorization` says which
 * header to send.
 * @param {string} document
 * @param {Record<string, any>} [variables]
 * @param {{ signal?: AbortSignal, keepalive?: boolean, idempotencyKey?: string, authorization?: string | null, warnings?: (all: any[]) => void }} [options]
 * @returns {Promise<any>}
 */
export async function ask(document, variables = {}, options = {}) {
  const isMutation = /^\s*mutation\b/.test(document);
  for (;;) {
    const isFixed = options.authorization !== undefined;
    const header = options.authorization !== undefined ? options.authorization : authorization();
    const response = await sent(document, variables, options, header, isMutation);
    if (response.status === 401 && !isFixed && !options.keepalive) {
      try {
        await signedInAgain(header);
      } catch {
        throw new Trouble("left", "signed out");
      }
      continue;
    }
    return await read(response, isMutation, options);
  }
}

async function sent(document, variables, options, header, isMutation) {
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json" };
  if (header) headers.Authorization = header;
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  try {
    return await fetch(ENDPOINT, {
      method: "POST",
      headers,
      body: JSON.stringify({ query: document, variables }),
      signal: options.signal,
      keepalive: options.keepalive ?? false,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    // The browser does not say whether anything was sent.
    throw new Trouble(isMutation ? "unknown" : "later", "The server cannot be reached.", { code: "NO_NETWORK" });
  }
}

async function read(response, isMutation, options) {
  const lost = isMutation ? "unknown" : "later";
  let body;
  try {
    body = JSON.parse(await response.text());
  } catch {
    throw new Trouble(lost, "The answer of the server was lost.", { code: "NO_ANSWER" });
  }
  if (Array.isArray(body.errors) && body.errors.length) {
    const [first] = body.errors;
    const code = first.extensions?.code ?? "";
    throw new Trouble(code === "UNKNOWN_OUTCOME" ? "unknown" : "refused", sentence(first.message ?? ""), {
      code,
      errors: body.errors,
      context: first.extensions?.context,
      requestId: first.extensions?.requestId,
    });
  }
  if (body.error) {
    const code = body.error.code ?? "";
    const isLater = response.status === 429 || (response.status === 503 && code !== "UNKNOWN_OUTCOME");
    throw new Trouble(isLater ? "later" : code === "UNKNOWN_OUTCOME" ? "unknown" : "refused", sentence(body.error.message ?? ""), {
      code,
      retryAfter: Number(response.headers.get("retry-after")) || undefined,
      requestId: body.error.requestId,
    });
  }
  if (!response.ok || body.data === undefined) {
    throw new Trouble(lost, "The answer of the server was lost.", { code: "NO_ANSWER" });
  }
  if (options.warnings && Array.isArray(body.extensions?.warnings)) options.warnings(body.extensions.warnings);
  return body.data;
}

/** A name by chance, as an `idempotencyKey`, where the page is not served by TLS, too. */
export function chance() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The address of a file of this server on the page's own origin, whichever host its link names; null for
 * one that is kept elsewhere.
 * @param {string} url
 * @returns {string | null}
 */
export function ownPath(url) {
  try {
    const parts = new URL(url, location.origin);
    const isFile = /^\/api\/label\/v\d+\/(files|answers|objects|upload)/.test(parts.pathname);
    return isFile || parts.origin === location.origin ? parts.pathname + parts.search : null;
  } catch {
    return null;
  }
}
