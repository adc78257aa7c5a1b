// Short words about what has happened, seen and read aloud; and troubles where a page cannot be shown.
import { signal } from "@preact/signals";
import { html } from "./html.js";
import { text } from "../messages/text.js";
import { Trouble } from "../api/ask.js";

const notices = signal(/** @type {{ id: number, kind: string, words: string }[]} */ ([]));
const spoken = signal("");
let next = 0;

/** Say something to those who use a screen reader. @param {string} words */
export function announce(words) {
  spoken.value = spoken.peek() === words ? `${words}\u00a0` : words;
}

/**
 * Show words for some seconds. Problems stay until they are closed.
 * @param {string} words
 * @param {"done" | "problem"} [kind]
 */
export function notify(words, kind = "done") {
  const id = ++next;
  notices.value = [...notices.peek().slice(-3), { id, kind, words }];
  announce(words);
  if (kind === "done") setTimeout(() => close(id), 5000);
}

/** Show what went wrong with an action. */
export function notifyTrouble(error) {
  if (error?.name === "AbortError" || error?.kind === "left") return;
  notify(troubleWords(error), "problem");
}

/** One sentence about an error, for people. @param {any} error @returns {string} */
export function troubleWords(error) {
  if (error instanceof Trouble) {
    if (error.code === "NO_NETWORK") return text("trouble.noNetwork");
    if (error.code === "NO_ANSWER") return text("trouble.noAnswer");
    const reference = error.requestId && error.code === "INTERNAL_SERVER_ERROR" ? ` (${error.requestId})` : "";
    return error.message + reference;
  }
  console.error(error);
  return text("trouble.page", { message: error?.message ?? String(error) });
}

const close = (id) => {
  notices.value = notices.peek().filter((notice) => notice.id !== id);
};

/** Where notices appear; once in the page. */
export function Notices() {
  return html`
    <div class="notices">
      ${notices.value.map(
        ({ id, kind, words }) => html`
          <div class=${`notice ${kind}`} key=${id}>
            <p>${words}</p>
            <button type="button" class="quiet icon" aria-label=${text("close")} onClick=${() => close(id)}>✕</button>
          </div>
        `,
      )}
    </div>
    <p class="unseen" role="status" aria-live="polite">${spoken}</p>
  `;
}
