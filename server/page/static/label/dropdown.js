// A list to choose from, with a search in names and keys: one choice, or several as chips.
import { html, useEffect, useId, useRef, useState } from "../parts/html.js";
import { text } from "../messages/text.js";
import { style } from "../ahead.js";

await style(new URL("./dropdown.css", import.meta.url));

const ROW = 32;
const SHOWN = 8;

/**
 * @param {{ label: string, options: { key: string, name: string, hint?: string }[], chosen: string[], isSeveral: boolean, isDisabled?: boolean,
 *   onChange: (key: string, isChosen: boolean) => void }} props
 */
export function Dropdown({ label, options, chosen, isSeveral, isDisabled = false, onChange }) {
  const [isOpen, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const [place, setPlace] = useState(0);
  const [top, setTop] = useState(0);
  const id = useId();
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const words = search.toLowerCase();
  const found = words ? options.filter((one) => one.name.toLowerCase().includes(words) || one.key.toLowerCase().includes(words)) : options;
  const names = new Map(options.map((one) => [one.key, one.name]));

  useEffect(() => {
    if (!list.current) return;
    const [low, high] = [place * ROW, (place + 1) * ROW];
    if (low < list.current.scrollTop) list.current.scrollTop = low;
    else if (high > list.current.scrollTop + SHOWN * ROW) list.current.scrollTop = high - SHOWN * ROW;
  }, [place, isOpen]);

  useEffect(() => {
    if (isOpen) list.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen]);

  const toggle = (option) => {
    onChange(option.key, !chosen.includes(option.key));
    setSearch("");
    if (!isSeveral) setOpen(false);
  };
  const onKeyDown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!isOpen) setOpen(true);
      else setPlace(Math.max(0, Math.min(found.length - 1, place + (event.key === "ArrowDown" ? 1 : -1))));
    } else if (event.key === "Enter" && isOpen) {
      if (found[place]) toggle(found[place]);
    } else if (event.key === "Enter") setOpen(true);
    else if (event.key === "Escape" && isOpen) setOpen(false);
    else if (event.key === "Backspace" && !search && chosen.length) onChange(chosen[chosen.length - 1], false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const first = Math.max(0, Math.floor(top / ROW) - 4);
  const rows = found.slice(first, first + SHOWN + 8);
  return html`
    <div class="dropdown" onFocusOut=${(event) => event.currentTarget.contains(event.relatedTarget) || setOpen(false)}>
      <div class="dropdown-field">
        ${chosen.map(
          (key) => html`<span class="dropdown-chip" key=${key}>
            ${names.get(key) ?? key}
            ${!isDisabled && html`<button type="button" tabindex="-1" aria-label=${text("label.takeOutOf", { name: names.get(key) ?? key })} onClick=${() => onChange(key, false)}>✕</button>`}
          </span>`,
        )}
        <input
          type="text"
          role="combobox"
          autocomplete="off"
          aria-label=${label}
          aria-expanded=${String(isOpen)}
          aria-controls=${`${id}-list`}
          aria-activedescendant=${isOpen && found[place] ? `${id}-${place}` : undefined}
          placeholder=${chosen.length ? "" : text("label.choose")}
          value=${search}
          disabled=${isDisabled}
          onFocus=${() => setPlace(0)}
          onClick=${() => setOpen(true)}
          onInput=${(event) => {
            setSearch(event.target.value);
            setPlace(0);
            setOpen(true);
          }}
          onKeyDown=${onKeyDown}
        />
      </div>
      ${
        isOpen &&
        html`
          <div class="dropdown-list" id=${`${id}-list`} role="listbox" aria-label=${label} aria-multiselectable=${String(isSeveral)} tabindex="-1" ref=${list} onScroll=${(event) => setTop(event.target.scrollTop)}>
            <div style=${{ blockSize: `${found.length * ROW}px`, position: "relative" }}>
              ${rows.map((option, i) => {
                const at = first + i;
                const isChosen = chosen.includes(option.key);
                return html`
                  <div
                    key=${option.key}
                    id=${`${id}-${at}`}
                    role="option"
                    aria-selected=${String(isChosen)}
                    class=${`dropdown-option${at === place ? " at" : ""}${isChosen ? " chosen" : ""}`}
                    style=${{ insetBlockStart: `${at * ROW}px` }}
                    onPointerDown=${(event) => event.preventDefault()}
                    onClick=${() => toggle(option)}
                  >
                    <span>${option.name}</span>${isChosen ? html`<span aria-hidden="true">✓</span>` : option.hint ? html`<kbd>${option.hint}</kbd>` : null}
                  </div>
                `;
              })}
            </div>
            ${!found.length && html`<p class="hint dropdown-none">${text("label.noneFound")}</p>`}
          </div>
        `
      }
    </div>
  `;
}
