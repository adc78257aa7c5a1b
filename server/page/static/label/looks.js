// How a picture is looked at: brightness and contrast, and whether rectangles are drawn with two clicks.
import { html } from "../parts/html.js";
import { text } from "../messages/text.js";
import { style } from "../ahead.js";
import { prefer, preference } from "../preferences.js";

await style(new URL("./looks.css", import.meta.url));

export function Looks({ brightness, contrast }) {
  const slider = (name, value) => html`
    <label class="looks-line">${text(`label.${name}`)}
      <input type="range" min="30" max="250" value=${value} onInput=${(event) => prefer(name, Number(event.target.value))} />
    </label>
  `;
  return html`
    <details class="looks">
      <summary class="small quiet" title=${text("label.looks")} aria-label=${text("label.looks")}>◐</summary>
      <div class="looks-box card">
        ${slider("brightness", brightness)} ${slider("contrast", contrast)}
        <label class="looks-check"><input type="checkbox" checked=${preference("twoClick", false)} onChange=${(event) => prefer("twoClick", event.target.checked)} /> ${text("label.twoClick")}</label>
        <button type="button" class="small" onClick=${() => (prefer("brightness", undefined), prefer("contrast", undefined))}>${text("label.asItIs")}</button>
      </div>
    </details>
  `;
}
