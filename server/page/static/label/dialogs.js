// Dialogs of the label screen: why an asset is skipped, what labelers are to know, all keys, answers that wait.
import { html, useEffect, useState } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { dialogs } from "../messages/en-label-dialogs.js";
import { style } from "../ahead.js";
import { Link } from "../router.js";
import { Dialog } from "../parts/dialog.js";
import { TextArea } from "../parts/field.js";
import { troubleWords } from "../parts/notice.js";
import { skipAsset } from "../api/queue.js";
import { keyFor, KEYS, shown } from "./keys.js";
import { discard, nextTry, outbox, tryNow } from "./outbox.js";

addMessages(dialogs);
await style(new URL("./dialogs.css", import.meta.url));

export function SkipDialog({ project, asset, onClose, onSkipped }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy || !reason.trim()) return;
    setBusy(true);
    try {
      await skipAsset(project, asset, reason.trim());
      await onSkipped();
    } catch (trouble) {
      setProblem(troubleWords(trouble));
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${text("skip.title")} onClose=${onClose}>
      <form class="form" onSubmit=${submit}>
        <${TextArea} label=${text("skip.reason")} hint=${text("skip.hint")} problem=${problem} value=${reason} onInput=${setReason} rows="3" required autofocus />
        <div class="actions">
          <button type="submit" class="primary" disabled=${isBusy || !reason.trim()}>${text("skip.do")}</button>
          <button type="button" onClick=${onClose}>${text("cancel")}</button>
        </div>
      </form>
    <//>
  `;
}

/** What labelers are to know: a text, or the address of one. */
export function InstructionsDialog({ words, onClose }) {
  return html`
    <${Dialog} title=${text("label.instructions")} onClose=${onClose} isWide>
      ${words.map((one) =>
        /^https?:\/\/\S+$/.test(one.trim())
          ? html`<p key=${one}><a href=${one.trim()} target="_blank" rel="noopener noreferrer">${text("label.instructionsOpen")}</a> <span class="hint">${one}</span></p>`
          : html`<p key=${one} class="instructions">${one}</p>`,
      )}
    <//>
  `;
}

export function HelpDialog({ onClose }) {
  const lines = [
    ["1 … 9", text("help.classes")],
    ["Tab", text("help.jobs")],
    ...Object.keys(KEYS)
      .filter((action) => !/\d$/.test(action))
      .map((action) => [shown(keyFor(/** @type {any} */ (action))), text(`key.${action}`)]),
    [shown("Enter"), text("help.enter")],
    ["← ↑ → ↓", text("help.arrows")],
    ["Alt + ← ↑ → ↓", text("help.resize")],
    [text("help.spaceKey"), text("help.space")],
    ["Alt + " + text("help.click"), text("help.below")],
  ];
  return html`
    <${Dialog} title=${text("help.title")} onClose=${onClose} isWide>
      <dl class="key-list">
        ${lines.map(([key, words]) => html`<div key=${words}><dt><kbd>${key}</kbd></dt><dd>${words}</dd></div>`)}
      </dl>
    <//>
  `;
}

/** Answers that wait for the server. */
export function WaitingDialog({ onClose }) {
  const [now, setNow] = useState(Date.now());
  const all = outbox.value;
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((nextTry.value - now) / 1000));
  return html`
    <${Dialog} title=${text("waiting.title")} onClose=${onClose} actions=${html`<button type="button" class="primary" onClick=${tryNow}>${text("waiting.now")}</button>`}>
      <p>${text("waiting.text")} ${nextTry.value > 0 ? text("waiting.next", { count: seconds }) : ""}</p>
      <ul class="waiting-list">
        ${all.map(
          (one) => html`<li key=${one.id}>
            <span>${one.externalId}</span>
            ${
              one.refusal
                ? html`<span class="problem">${one.refusal}</span> <${Link} to=${`/projects/${one.project}/assets/${one.asset}`} onClick=${() => discard(one.id)}>${text("waiting.open")}<//>`
                : html`<span class="hint">${text("waiting.kept")}</span>`
            }
          </li>`,
        )}
      </ul>
    <//>
  `;
}
