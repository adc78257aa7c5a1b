// The dataset as pictures: the blocks of the table, laid out as cards.
import { html, useEffect, useRef, useState } from "../parts/html.js";
import { text } from "../messages/text.js";
import { TroubleBox } from "../parts/asked.js";
import { useBlocks, useMeasured } from "../parts/table.js";
import { ownPath } from "../api/ask.js";
import { State } from "./asset-columns.js";

const WIDTH = 176; // of a card, at least
const CARD = { gap: 12, height: 218 };
const BEYOND = 2; // lines above and below what is in view

/** Takes what `Table` takes, without columns. */
export function AssetGrid({ count, load, version, onOpen, selection, empty, label }) {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const [view, setView] = useState({ across: 5, width: WIDTH, from: 0, to: 6 });
  const [active, setActive] = useState(0);
  const blocks = useBlocks(load, version);
  const total = count ?? 0;
  const measure = () => {
    const element = scroller.current;
    if (!element) return;
    const across = Math.max(1, Math.floor((element.clientWidth - CARD.gap) / WIDTH));
    const width = Math.floor((element.clientWidth - CARD.gap) / across);
    const from = Math.max(0, Math.floor(element.scrollTop / CARD.height) - BEYOND);
    const to = from + Math.ceil(element.clientHeight / CARD.height) + 2 * BEYOND;
    setView((before) => (before.across === across && before.width === width && before.from === from && before.to === to ? before : { across, width, from, to }));
  };
  useMeasured(scroller, measure, [total]);
  const first = view.from * view.across;
  const last = Math.min(total, view.to * view.across);
  useEffect(() => {
    if (last > first) blocks.want(first, last);
  }, [blocks, first, last]);
  if (count === 0) return empty;

  const focus = (index) => {
    const place = Math.max(0, Math.min(total - 1, index));
    setActive(place);
    const element = scroller.current;
    if (!element) return;
    const top = Math.floor(place / view.across) * CARD.height;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + CARD.height > element.scrollTop + element.clientHeight) element.scrollTop = top + CARD.height - element.clientHeight;
    measure();
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (element.querySelector(`[data-card="${place}"]`))?.focus());
  };
  const onKeyDown = (event) => {
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: view.across, ArrowUp: -view.across };
    const asset = blocks.at(active);
    if (event.key in moves) focus(active + moves[event.key]);
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(total - 1);
    else if (event.key === "Enter" && asset) onOpen(asset);
    else if (event.key === " " && asset && selection) selection.toggle(asset.id);
    else return;
    event.preventDefault();
  };
  const cards = [];
  for (let index = first; index < last; index++) {
    const asset = blocks.at(index);
    const style = {
      transform: `translate(${(index % view.across) * view.width}px, ${Math.floor(index / view.across) * CARD.height}px)`,
      inlineSize: `${view.width - CARD.gap}px`,
      blockSize: `${CARD.height - CARD.gap}px`,
    };
    const path = asset?.thumbnail ? ownPath(asset.thumbnail) : null;
    const isChosen = asset && selection ? selection.has(asset.id) : false;
    cards.push(html`
      <div
        key=${index}
        role="listitem"
        class=${isChosen ? "asset-card chosen" : "asset-card"}
        data-card=${index}
        tabindex=${index === active ? 0 : -1}
        aria-label=${asset ? `${asset.externalId}, ${text(`state.${asset.skipped ? "SKIPPED" : asset.status}`)}` : text("loading")}
        style=${style}
        onFocus=${() => setActive(index)}
        onClick=${(event) => asset && !event.target.closest("input") && onOpen(asset)}
      >
        <div class="asset-card-picture">${path && html`<img src=${path} alt="" loading="lazy" decoding="async" />`}</div>
        ${asset && html`<p class="asset-card-name" title=${asset.externalId}>${asset.externalId}</p><p class="asset-card-state"><${State} asset=${asset} /></p>`}
        ${asset && selection && html`<input type="checkbox" tabindex="-1" aria-label=${text("table.choose")} checked=${isChosen} onClick=${() => selection.toggle(asset.id)} />`}
      </div>
    `);
  }
  return html`
    <div class="asset-grid" ref=${scroller} onScroll=${measure} onKeyDown=${onKeyDown}>
      ${blocks.trouble && html`<${TroubleBox} trouble=${blocks.trouble} again=${() => blocks.again()} />`}
      <div role="list" aria-label=${label} style=${{ blockSize: `${Math.ceil(total / view.across) * CARD.height}px` }}>${cards}</div>
    </div>
  `;
}
