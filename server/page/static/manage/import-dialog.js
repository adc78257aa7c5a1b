// The dialog that takes files, links and texts.
import { html, useEffect, useRef, useState } from "../parts/html.js";
import { number, text } from "../messages/text.js";
import { Dialog } from "../parts/dialog.js";
import { TextArea } from "../parts/field.js";
import { notifyTrouble } from "../parts/notice.js";
import { droppedFiles, importAll, pastedLines } from "./import.js";

const NAMED = 8;
/** What the file chooser offers first. */
const ACCEPTED = { IMAGE: "image/*", VIDEO: "video/*", VIDEO_LEGACY: "video/*", PDF: "application/pdf", TEXT: "text/plain", AUDIO: "audio/*", GEOSPATIAL: "image/*" };

export function ImportDialog({ project, onClose, onDone }) {
  const [all, setAll] = useState(/** @type {{ name: string, file?: File, content?: string }[]} */ ([]));
  const [pasted, setPasted] = useState("");
  const [isOver, setOver] = useState(false);
  const [state, setState] = useState(/** @type {any} */ (null));
  const [isRunning, setRunning] = useState(false);
  const abort = useRef(/** @type {AbortController | null} */ (null));
  useEffect(() => () => abort.current?.abort(), []);

  const lines = pastedLines(pasted, text("import.prefix"));
  const chosen = [...all, ...lines];
  const add = (files) => {
    const there = new Set(all.map((one) => one.name));
    setAll([...all, ...files.filter((one) => !there.has(one.name))]);
  };
  const drop = async (event) => {
    event.preventDefault();
    setOver(false);
    try {
      add(await droppedFiles(event.dataTransfer.items));
    } catch (trouble) {
      notifyTrouble(trouble);
    }
  };
  const begin = async () => {
    abort.current = new AbortController();
    setRunning(true);
    setState({ done: 0, added: 0, known: 0, failed: [] });
    try {
      setState(await importAll(project.id, chosen, { progress: setState, signal: abort.current.signal }));
      setAll([]);
      setPasted("");
    } catch (trouble) {
      notifyTrouble(trouble);
    } finally {
      setRunning(false);
      onDone();
    }
  };
  const actions = isRunning
    ? html`<button type="button" onClick=${() => abort.current?.abort()}>${text("import.stop")}</button>`
    : html`
        <button type="button" onClick=${onClose}>${text("close")}</button>
        <button type="button" class="primary" disabled=${!chosen.length} onClick=${begin}>${chosen.length ? text("import.do", { count: chosen.length }) : text("assets.import")}</button>
      `;
  return html`<${Dialog} title=${text("import.title")} isWide onClose=${isRunning ? null : onClose} actions=${actions}>
    ${
      !isRunning &&
      html`
        <label
          class=${isOver ? "drop over" : "drop"}
          onDragOver=${(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave=${() => setOver(false)}
          onDrop=${drop}
        >
          <input type="file" multiple accept=${ACCEPTED[project.inputType]} onChange=${(event) => add([...event.target.files].map((file) => ({ name: file.name, file })))} />
          <span class="drop-words">${text("import.drop")}</span>
          <span class="hint">${all.length ? text("import.files", { count: all.length }) : text("import.dropHint")}</span>
        </label>
        <${TextArea} label=${project.inputType === "TEXT" ? text("import.pasteText") : text("import.pasteUrls")} hint=${text("import.pasteHint")} rows="5" value=${pasted} onInput=${setPasted} />
      `
    }
    ${state && html`<${Outcome} state=${state} all=${isRunning ? chosen.length : state.done} isRunning=${isRunning} />`}
  <//>`;
}

function Outcome({ state, all, isRunning }) {
  return html`<div class="import-outcome" role="status">
    ${isRunning && html`<progress value=${state.done} max=${all || 1} aria-label=${text("import.running")}></progress>`}
    <p>${isRunning ? text("import.progress", { done: state.done, all }) : ""} ${text("import.added", { count: state.added })}${state.known ? ` · ${text("import.known", { count: state.known })}` : ""}</p>
    ${
      state.failed.length > 0 &&
      html`<p>${text("import.failed", { count: state.failed.length })}</p>
        <ul class="names">
          ${state.failed.slice(0, NAMED).map((one) => html`<li>${one.name}: ${one.details}</li>`)}
          ${state.failed.length > NAMED && html`<li>${text("actions.more", { count: number(state.failed.length - NAMED) })}</li>`}
        </ul>`
    }
  </div>`;
}
