// The interface as JSON text, with problems at their lines and, beside it, the jobs as people will see them.
import { html, useEffect, useMemo, useRef, useState } from "../parts/html.js";
import { text } from "../messages/text.js";
import { style } from "../ahead.js";
import { interfaceOf } from "../domain/interface.js";
import { jsonLines, lineOf } from "../domain/json-lines.js";
import { Work } from "../label/work.js";
import { Jobs } from "../label/panel.js";

await style(new URL("./interface-editor.css", import.meta.url));
await style(new URL("../label/screen.css", import.meta.url));

const PREVIEW_AFTER = 300; // milliseconds without a key

/**
 * - `problems`: `{ path, message }` of the server. - `onInput(text)`.
 */
export function InterfaceEditor({ value, onInput, inputType, problems = [], isReadOnly = false }) {
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const gutter = useRef(/** @type {HTMLElement | null} */ (null));
  const { lines, mistake } = useMemo(() => jsonLines(value), [value]);
  const marks = mistake
    ? [{ line: mistake.line, message: mistake.message }]
    : problems.map((problem) => ({ line: lineOf(lines, problem.path ?? ""), message: problem.message }));
  const bad = new Set(marks.map((mark) => mark.line));
  const count = value.split("\n").length;
  const toLine = (line) => {
    const element = area.current;
    if (!element) return;
    const start = value.split("\n").slice(0, line).join("\n").length + (line ? 1 : 0);
    element.focus();
    element.setSelectionRange(start, start + (value.split("\n")[line]?.length ?? 0));
    element.scrollTop = Math.max(0, line - 4) * 20;
  };
  const scroll = () => {
    if (gutter.current && area.current) gutter.current.scrollTop = area.current.scrollTop;
  };
  return html`
    <div class="editor">
      <div class="editor-text">
        <div class="editor-lines" ref=${gutter} aria-hidden="true">
          ${Array.from({ length: count }, (_, line) => html`<span key=${line} class=${bad.has(line) ? "bad" : ""}>${line + 1}</span>`)}
        </div>
        <textarea
          ref=${area}
          class="editor-area"
          spellcheck="false"
          autocapitalize="off"
          autocomplete="off"
          wrap="off"
          readonly=${isReadOnly}
          aria-label=${text("interface.text")}
          aria-invalid=${marks.length ? "true" : undefined}
          aria-describedby="editor-problems"
          value=${value}
          onInput=${(event) => onInput(event.target.value)}
          onScroll=${scroll}
        ></textarea>
      </div>
      <${Preview} value=${value} isGood=${!mistake} inputType=${inputType} />
    </div>
    <ul class="editor-problems" id="editor-problems" aria-live="polite">
      ${marks.map((mark) => html`<li key=${mark.line + mark.message}><button type="button" class="quiet small" onClick=${() => toLine(mark.line)}>${text("interface.line", { line: mark.line + 1 })}</button> ${mark.message}</li>`)}
    </ul>
  `;
}

/** The jobs with an answer that goes nowhere; the last text that could be read stays while another is being written. */
function Preview({ value, isGood, inputType }) {
  const [shown, setShown] = useState(isGood ? value : "{}");
  useEffect(() => {
    if (!isGood) return;
    const timer = setTimeout(() => setShown(value), PREVIEW_AFTER);
    return () => clearTimeout(timer);
  }, [value, isGood]);
  const work = useMemo(() => new Work({ all: interfaceOf(shown, inputType), asset: { id: "preview" }, start: {} }), [shown, inputType]);
  return html`<section class="editor-preview" aria-label=${text("interface.preview")}>
    <h2>${text("interface.preview")}</h2>
    ${work.all.value.roots.length ? html`<div class="jobs"><${Jobs} key=${shown} work=${work} /></div>` : html`<p class="hint">${text("interface.noJobs")}</p>`}
  </section>`;
}
