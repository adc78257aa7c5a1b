// What a page has asked the server for: loading, there, or failed with a way to try again.
import { html, useCallback, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { text } from "../messages/text.js";
import { troubleWords } from "./notice.js";

/**
 * Ask when the page opens and when `inputs` change. Answers that come too late are dropped.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {any[]} inputs
 * @returns {{ data: T | undefined, trouble: any, isLoading: boolean, again: () => void, set: (data: T) => void }}
 */
export function useAsked(load, inputs) {
  const [state, setState] = useState({ data: undefined, trouble: null, isLoading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, trouble: null, isLoading: true }));
    latest.current(abort.signal).then(
      (data) => abort.signal.aborted || setState({ data, trouble: null, isLoading: false }),
      (trouble) => abort.signal.aborted || setState((before) => ({ ...before, trouble, isLoading: false })),
    );
    return () => abort.abort();
  }, [...inputs, round]);
  return {
    ...state,
    again: useCallback(() => setRound((before) => before + 1), []),
    set: useCallback((data) => setState({ data, trouble: null, isLoading: false }), []),
  };
}

/** The content once it is there; before that nothing, then a sign of loading; a trouble with Try again. `children` is given the data. */
export function Asked({ asked, children }) {
  if (asked.trouble) return html`<${TroubleBox} trouble=${asked.trouble} again=${asked.again} />`;
  if (asked.data === undefined) return html`<${Loading} />`;
  return children(asked.data);
}

/** Modules of `Late` that have come. @type {Map<() => Promise<any>, any>} */
const come = new Map();

/** Load a module that `Late` will show. @param {() => Promise<any>} load */
export async function loadLate(load) {
  come.set(load, await load());
}

/**
 * A component of a module that is loaded when it is first shown. `load` answers the module and is always the same function, `part`
 * is the name of the component; everything else goes to the component.
 */
export function Late({ load, part, ...props }) {
  const [trouble, setTrouble] = useState(null);
  const [round, setRound] = useState(0);
  const module = come.get(load);
  useLayoutEffect(() => {
    if (module) return;
    setTrouble(null);
    loadLate(load).then(() => setRound((before) => before + 1), setTrouble);
  }, [load, round]);
  if (trouble) return html`<${TroubleBox} trouble=${trouble} again=${() => setRound(round + 1)} />`;
  return module ? html`<${module[part]} ...${props} />` : null;
}

/** Words that fade in when loading takes longer than a moment. */
export function Loading() {
  return html`<p class="loading" role="status"><span class="spinner" aria-hidden="true"></span>${text("loading")}</p>`;
}

/** A trouble in place of what should be there. */
export function TroubleBox({ trouble, again = null }) {
  if (trouble?.kind === "left" || trouble?.name === "AbortError") return null;
  return html`
    <div class="empty" role="alert">
      <p class="empty-title">${text("trouble.title")}</p>
      <p>${troubleWords(trouble)}</p>
      ${again && html`<button type="button" onClick=${again}>${text("tryAgain")}</button>`}
    </div>
  `;
}

/** What stands where a list is empty. */
export function Empty({ title, children = null, action = null }) {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children && html`<p>${children}</p>`}${action}</div>`;
}

/** The page for what does not exist or may not be seen: the same for both. */
export function Missing() {
  return html`<div class="empty page-empty">
    <h1>${text("missing.title")}</h1>
    <p>${text("missing.text")}</p>
    <p><a class="button" href="/label">${text("missing.home")}</a></p>
  </div>`;
}
