// The list of objects. Only those in view are in the document, so that thousands cost as much as twenty.
import { html, useEffect, useMemo, useRef, useState } from "../parts/html.js";
import { text } from "../messages/text.js";
import { style } from "../ahead.js";
import { Eye } from "./panel.js";

await style(new URL("./objects.css", import.meta.url));

const ROW = 34;
const BEYOND = 6;

/** @param {{ work: import("./work.js").Work, openIssues: Set<string> }} props */
export function ObjectList({ work, openIssues }) {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const [top, setTop] = useState(0);
  const [search, setSearch] = useState("");
  const [isGrouped, setGrouped] = useState(false);
  const objects = work.objects.value;
  const selected = work.selected.value;
  const rows = useMemo(() => {
    const words = search.toLowerCase();
    const found = words ? objects.filter((one) => wordsOf(one).toLowerCase().includes(words)) : objects;
    return isGrouped ? [...found].sort((one, other) => order(one) - order(other) || one.category.localeCompare(other.category)) : found;
  }, [objects, search, isGrouped]);
  const order = (one) => [...work.all.peek().jobs.keys()].indexOf(one.job.name);

  useEffect(() => {
    const place = rows.findIndex((one) => one.id === selected);
    const element = scroller.current;
    if (place < 0 || !element) return;
    if (place * ROW < element.scrollTop) element.scrollTop = place * ROW;
    else if ((place + 1) * ROW > element.scrollTop + element.clientHeight) element.scrollTop = (place + 1) * ROW - element.clientHeight;
  }, [selected, rows]);
  const height = Math.min(10, Math.max(2, rows.length)) * ROW;
  const first = Math.max(0, Math.floor(top / ROW) - BEYOND);
  const last = Math.min(rows.length, first + Math.ceil(height / ROW) + 2 * BEYOND);
  return html`
    <section class="job objects" aria-label=${text("label.objects")}>
      <div class="job-head">
        <span class="job-title">${text("label.objects")}<span class="job-count">${objects.length}</span></span>
        <span>
          <button type="button" class="small quiet" aria-pressed=${String(isGrouped)} onClick=${() => setGrouped(!isGrouped)}>${text("label.byClass")}</button>
          <${Eye} isHidden=${work.hidden.value.has("*")} name=${text("label.allObjects")} onClick=${() => work.toggleHidden("*")} />
        </span>
      </div>
      ${objects.length > 12 && html`<input type="search" class="class-search" value=${search} placeholder=${text("label.searchObjects")} aria-label=${text("label.searchObjects")} onInput=${(event) => setSearch(event.target.value)} />`}
      <div class="object-list" ref=${scroller} style=${{ blockSize: `${height + 2}px` }} onScroll=${(event) => setTop(event.target.scrollTop)} role="listbox" aria-label=${text("label.objects")} tabindex="0">
        <div style=${{ blockSize: `${rows.length * ROW}px`, position: "relative" }}>
          ${rows.slice(first, last).map((object, i) => {
            const category = object.job.byKey.get(object.category);
            const isSelected = object.id === selected;
            return html`
              <div
                key=${object.id}
                role="option"
                aria-selected=${String(isSelected)}
                aria-posinset=${first + i + 1}
                aria-setsize=${rows.length}
                class=${`object-row${isSelected ? " chosen" : ""}`}
                style=${{ insetBlockStart: `${(first + i) * ROW}px` }}
                onClick=${() => (work.selected.value = object.id)}
              >
                <span class="swatch" style=${{ background: category?.color ?? "#888" }} aria-hidden="true"></span>
                <span class="object-name">${category?.name ?? object.category}</span>
                <span class="object-more">${typeof object.annotation.content === "string" ? object.annotation.content : ""}</span>
                ${openIssues.has(object.annotation.mid) && html`<span class="tag warning">${text("label.issue")}</span>`}
                ${typeof object.annotation.categories?.[0]?.confidence === "number" && html`<span class="confidence">${text("label.confidence", { value: object.annotation.categories[0].confidence })}</span>`}
                <${Eye} isHidden=${work.hidden.value.has(object.id)} name=${category?.name ?? object.category} onClick=${(event) => (event.stopPropagation(), work.toggleHidden(object.id))} />
              </div>
            `;
          })}
        </div>
      </div>
    </section>
  `;
}

const wordsOf = (object) => `${object.job.byKey.get(object.category)?.name ?? object.category} ${object.annotation.content ?? ""} ${object.annotation.mid ?? ""}`;
