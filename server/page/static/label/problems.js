// What keeps the answer from being submitted: always in sight, each a way to where it is.
import { html } from "../parts/html.js";
import { text } from "../messages/text.js";
import { focusProblem } from "./focus.js";

/** @param {{ work: import("./work.js").Work }} props */
export function Problems({ work }) {
  const problems = work.problems.value;
  const refusals = work.refusals.value;
  return html`
    <div class="problems" role="alert">
      <p>${text("problem.count", { count: problems.length + refusals.length })}</p>
      <ul>
        ${problems.slice(0, 20).map(
          (one, i) => html`<li key=${i}><button type="button" class="small" onClick=${() => focusProblem(work, one)}>${one.title}: ${text(`problem.${one.kind}`, { value: one.value })}</button></li>`,
        )}
        ${refusals.slice(0, 20).map(
          (one, i) => html`<li key=${`r${i}`}><button type="button" class="small" onClick=${() => focusProblem(work, { path: one.path, object: work.objectAt(one.path) })}>${one.message}</button></li>`,
        )}
      </ul>
    </div>
  `;
}
