// Dialogs over the page. The browser keeps the focus inside, and gives it back.
import { html, render, useEffect, useId, useRef } from "./html.js";
import { text } from "../messages/text.js";
import { style } from "../ahead.js";

await style(new URL("./dialog.css", import.meta.url));

/**
 * A dialog that is open as long as it is rendered.
 *
 * `onClose` is called on Escape and on the closing button; without it, the dialog cannot be closed.
 */
export function Dialog({ title, children, onClose = null, isWide = false, actions = null }) {
  const element = useRef(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    if (!dialog.open) dialog.showModal();
    return () => dialog.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  return html`
    <dialog ref=${element} class=${isWide ? "dialog wide" : "dialog"} aria-labelledby=${id} onCancel=${cancel}>
      <header class="dialog-head">
        <h2 id=${id}>${title}</h2>
        ${onClose && html`<button type="button" class="quiet icon" aria-label=${text("close")} onClick=${onClose}>✕</button>`}
      </header>
      <div class="dialog-body">${children}</div>
      ${actions && html`<footer class="dialog-actions">${actions}</footer>`}
    </dialog>
  `;
}

/**
 * Ask a yes-or-no question. Answers whether the action was chosen.
 * @param {{ title: string, text?: string, action: string, cancel?: string, isDangerous?: boolean }} question
 * @returns {Promise<boolean>}
 */
export function confirm({ title, text: words = "", action, cancel = text("cancel"), isDangerous = false }) {
  return new Promise((resolve) => {
    const place = document.body.appendChild(document.createElement("div"));
    const end = (answer) => {
      render(null, place);
      place.remove();
      resolve(answer);
    };
    render(
      html`<${Dialog}
        title=${title}
        onClose=${() => end(false)}
        actions=${html`
          <button type="button" onClick=${() => end(false)}>${cancel}</button>
          <button type="button" autofocus class=${isDangerous ? "danger" : "primary"} onClick=${() => end(true)}>${action}</button>
        `}
      >
        ${words && html`<p>${words}</p>`}
      <//>`,
      place,
    );
  });
}
