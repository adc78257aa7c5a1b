// The selected object: its class, and the jobs that the class opens.
import { html } from "../parts/html.js";
import { text } from "../messages/text.js";
import { Late } from "../parts/asked.js";
import { style } from "../ahead.js";
import { childPath } from "../domain/answer.js";
import { childrenOf } from "../domain/interface.js";
import { DROPDOWN, JobField, placeOf } from "./panel.js";
import { isDark } from "./stage.js";

await style(new URL("./selected.css", import.meta.url));

/** From so many on, the class of an object is chosen from a list with a search. */
const LISTED_FROM = 40;

export function Selected({ work }) {
  const current = work.current.value;
  const category = current.job.byKey.get(current.category);
  const children = childrenOf(work.all.value, category);
  const confidence = current.annotation.categories?.[0]?.confidence ?? current.annotation.score;
  const refusals = work.refusals.value.filter((one) => placeOf(one.path.slice(0, 3)) === placeOf(current.path) && !one.path.includes("children"));
  const color = category?.color ?? "#888888";
  return html`
    <section class="selected" aria-label=${text("label.selected", { name: category?.name ?? current.category })}>
      <div class="selected-head" style=${{ background: color, color: isDark(color) ? "#fff" : "#111" }}>
        <span class="selected-name">${category?.name ?? current.category}</span>
        ${typeof confidence === "number" && html`<span class="selected-more">${text("label.confidence", { value: confidence })}</span>`}
        <button type="button" class="small selected-button" aria-label=${text("label.deselect")} onClick=${() => (work.selected.value = null)}>✕</button>
      </div>
      <div class="selected-body">
        ${typeof current.annotation.content === "string" && html`<p class="selected-content">“${current.annotation.content}”</p>`}
        <div class="selected-tools">
          ${
            current.job.categories.length >= LISTED_FROM &&
            html`<${Late}
              load=${DROPDOWN}
              part="Dropdown"
              label=${text("label.class")}
              options=${current.job.categories.map((one) => ({ key: one.key, name: one.name }))}
              chosen=${[current.category]}
              isSeveral=${false}
              isDisabled=${work.isReadOnly.value}
              onChange=${(key, isChosen) => isChosen && work.reclassify(key)}
            />`
          }
          ${
            current.job.categories.length > 1 &&
            current.job.categories.length < LISTED_FROM &&
            html`<select aria-label=${text("label.class")} value=${current.category} disabled=${work.isReadOnly.value} onChange=${(event) => work.reclassify(event.target.value)}>
              ${!category && html`<option value=${current.category} selected>${current.category}</option>`}
              ${current.job.categories.map((one) => html`<option key=${one.key} value=${one.key} selected=${one.key === current.category}>${one.name}</option>`)}
            </select>`
          }
          ${
            (current.annotation.type === "vector" || current.annotation.type === "polyline") &&
            html`<button type="button" class="small" disabled=${work.isReadOnly.value} onClick=${() => work.change((one) => ({ ...one, polyline: [...one.polyline].reverse() }))}>${text("label.reverse")}</button>`
          }
          <button type="button" class="small" disabled=${work.isReadOnly.value} title=${text("label.delete")} onClick=${() => work.remove()}>${text("label.delete")} <kbd>Del</kbd></button>
        </div>
        ${refusals.map((one) => html`<p class="problem" key=${one.message}>${one.message}</p>`)}
        ${children.map((child) => html`<${JobField} key=${`${current.id}/${child.name}`} work=${work} job=${child} path=${childPath(work.answer.value, current.path, null, child.name)} depth=${1} />`)}
      </div>
    </section>
  `;
}
