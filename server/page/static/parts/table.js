// A table of any length: rows are asked for in blocks when they come into view, and only those in view are in the document.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./html.js";
import { text } from "../messages/text.js";
import { TroubleBox } from "./asked.js";
import { style } from "../ahead.js";
import { Blocks } from "../domain/blocks.js";

await style(new URL("./table.css", import.meta.url));

const BEYOND = 8; // rows above and below what is in view

/** Blocks that draw their component anew; those of a former `version` are dropped. */
export function useBlocks(load, version) {
  const [, redraw] = useState(0);
  const blocks = useMemo(() => new Blocks(load, () => redraw((n) => n + 1)), [version]);
  useEffect(() => () => blocks.close(), [blocks]);
  return blocks;
}

/** Call `measure` when there is another number of rows, and when the scrolling element has another size. */
export function useMeasured(scroller, measure, inputs) {
  useLayoutEffect(measure, inputs);
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
}

/**
 * A table whose rows come from the server.
 *
 * - `columns`: `{ key, title, cell(row), width = "1fr", isNumber, className }`; `width` is a track of a CSS grid.
 * - `count`: the number of all rows, null while it is not known.
 * - `load(skip, first, signal)`: rows of a block. `version` changes when everything has to be asked anew (a filter, an action).
 * - `onOpen(row)`: Enter or a click on a row. `selection`: see `Selection` below, or null.
 * - `empty`: what stands there when `count` is 0. `height`: of a row in pixels.
 */
export function Table({ columns, count, load, version, rowId = (row) => row.id, onOpen = null, selection = null, empty = null, height = 44, label }) {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const [range, setRange] = useState({ from: 0, to: 40 });
  const [active, setActive] = useState(0);
  const blocks = useBlocks(load, version);
  const total = count ?? 0;

  const measure = () => {
    const element = scroller.current;
    if (!element) return;
    const top = Math.max(0, Math.floor(element.scrollTop / height) - BEYOND);
    const shown = Math.ceil(element.clientHeight / height) + 2 * BEYOND;
    setRange((before) => (before.from === top && before.to === top + shown ? before : { from: top, to: top + shown }));
  };
  useMeasured(scroller, measure, [total, height]);
  const to = Math.min(range.to, total);
  useEffect(() => {
    if (to > range.from) blocks.want(range.from, to);
  }, [blocks, range.from, to]);

  const focusRow = (index) => {
    const place = Math.max(0, Math.min(total - 1, index));
    setActive(place);
    const element = scroller.current;
    if (!element) return;
    const head = element.querySelector(".table-head")?.clientHeight ?? 0;
    if (place * height < element.scrollTop) element.scrollTop = place * height;
    else if ((place + 1) * height + head > element.scrollTop + element.clientHeight) element.scrollTop = (place + 1) * height + head - element.clientHeight;
    measure();
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (element.querySelector(`[data-row="${place}"]`))?.focus());
  };
  const onKeyDown = (event) => {
    if (event.target.closest("input, select, textarea, button, a") && event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / height) - 2);
    const moves = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: total - 1 };
    const row = blocks.at(active);
    if (event.key in moves) focusRow(moves[event.key]);
    else if (event.key === "Enter" && onOpen && row) onOpen(row);
    else if (event.key === " " && selection && row) selection.toggle(rowId(row), event.shiftKey);
    else return;
    event.preventDefault();
  };

  if (count === 0) return empty;
  const tracks = (selection ? "40px " : "") + columns.map((column) => column.width ?? "minmax(0, 1fr)").join(" ");
  const rows = [];
  for (let index = range.from; index < to; index++) {
    const row = blocks.at(index);
    const id = row ? rowId(row) : null;
    const isChosen = row && selection ? selection.has(id) : false;
    rows.push(html`
      <div
        role="row"
        key=${index}
        data-row=${index}
        aria-rowindex=${index + 2}
        aria-selected=${selection ? String(isChosen) : undefined}
        class=${`table-row${isChosen ? " chosen" : ""}${onOpen ? " opens" : ""}`}
        tabindex=${index === active ? 0 : -1}
        style=${{ transform: `translateY(${index * height}px)`, height: `${height}px`, gridTemplateColumns: tracks }}
        onFocus=${() => setActive(index)}
        onClick=${(event) => {
          if (!row || event.target.closest("a, button, input, label, select")) return;
          onOpen?.(row);
        }}
      >
        ${
          selection &&
          html`<div role="cell" class="table-check">
            ${row && html`<input type="checkbox" tabindex="-1" aria-label=${text("table.choose")} checked=${isChosen} onClick=${(event) => selection.toggle(id, event.shiftKey)} />`}
          </div>`
        }
        ${columns.map(
          (column) => html`<div role="cell" key=${column.key} class=${`${column.isNumber ? "number " : ""}${column.className ?? ""}`}>
            ${row ? column.cell(row) : html`<span class="ghost" aria-hidden="true"></span>`}
          </div>`,
        )}
      </div>
    `);
  }
  return html`
    <div class="table" role="table" aria-label=${label} aria-rowcount=${count === null ? -1 : count + 1} ref=${scroller} onScroll=${measure} onKeyDown=${onKeyDown}>
      <div role="rowgroup" class="table-head">
        <div role="row" aria-rowindex="1" class="table-row" style=${{ gridTemplateColumns: tracks }}>
          ${
            selection &&
            html`<div role="columnheader" class="table-check">
              <input type="checkbox" aria-label=${text("table.chooseAll")} checked=${selection.isAll} indeterminate=${!selection.isAll && selection.size > 0} onChange=${() => selection.toggleAll()} />
            </div>`
          }
          ${columns.map((column) => html`<div role="columnheader" key=${column.key} class=${column.isNumber ? "number" : ""}>${column.title}</div>`)}
        </div>
      </div>
      ${blocks.trouble && html`<div class="table-trouble"><${TroubleBox} trouble=${blocks.trouble} again=${() => blocks.again()} /></div>`}
      <div role="rowgroup" class="table-rows" style=${{ height: `${total * height}px` }}>${rows}</div>
    </div>
  `;
}

/**
 * Which rows are chosen: some ids, or all that match.
 * @returns {{ isAll: boolean, ids: string[], size: number, has: (id: string) => boolean, toggle: (id: string) => void, toggleAll: () => void, clear: () => void }}
 */
export function useSelection(count) {
  const [state, setState] = useState({ isAll: false, ids: new Set() });
  return {
    isAll: state.isAll,
    ids: [...state.ids],
    size: state.isAll ? count ?? 0 : state.ids.size,
    has: (id) => state.isAll || state.ids.has(id),
    toggle: (id) =>
      setState((before) => {
        const ids = new Set(before.isAll ? [] : before.ids);
        ids.has(id) ? ids.delete(id) : ids.add(id);
        return { isAll: false, ids };
      }),
    toggleAll: () => setState((before) => ({ isAll: !before.isAll, ids: new Set() })),
    clear: () => setState({ isAll: false, ids: new Set() }),
  };
}
