// The jobs beside the asset: classes to draw with, choices, texts, and what each of them opens.
import { html, useEffect, useRef, useState } from "../parts/html.js";
import { label as words } from "../messages/en-label.js";
import { addMessages, text } from "../messages/text.js";
import { at, childPath, choose, chosenKeys, write } from "../domain/answer.js";
import { childrenOf, takesSeveral } from "../domain/interface.js";
import { categoryKeys, shown } from "./keys.js";
import { Late } from "../parts/asked.js";

addMessages(words);

export const DROPDOWN = () => import("./dropdown.js");
const SEARCHED_FROM = 12;
/** Thousands of categories are found by search: so many are shown at once. */
const SHOWN_AT_ONCE = 100;

/** A name of a job's place that elements and problems share. @param {(string | number)[]} path */
export const placeOf = (path) => path.join("\u0001");

/** All jobs of the interface, in order. @param {{ work: import("./work.js").Work }} props */
export function Jobs({ work }) {
  const all = work.all.value;
  return html`${all.roots.map((job) =>
    job.kind === "objects" || job.kind === "entities"
      ? html`<${Classes} key=${job.name} work=${work} job=${job} />`
      : html`<${JobField} key=${job.name} work=${work} job=${job} path=${[job.name]} />`,
  )}`;
}

/** The legend of a job. */
function Legend({ job, id = undefined, count = 0 }) {
  return html`<span class="job-title" id=${id}>
    ${job.title}${job.isRequired && html`<span class="required" title=${text("label.required")}> *<span class="unseen">${text("label.required")}</span></span>`}
    ${count > 0 && html`<span class="job-count">${count}</span>`}
  </span>`;
}

/** Classes of objects or entities: each button arms one. */
function Classes({ work, job }) {
  const armed = work.armed.value;
  const current = work.current.value;
  const isArmed = armed?.job === job.name;
  const keys = categoryKeys(job);
  const counts = new Map();
  for (const object of work.objects.value) if (object.job === job) counts.set(object.category, (counts.get(object.category) ?? 0) + 1);
  const [search, setSearch] = useState("");
  const shownCategories = job.categories.filter((category) => matches(category, search));
  const press = (category) => pressClass(work, job, category.key);
  const onKeyDown = (event) => rove(event);
  const focusable = shownCategories.find((category) => isArmed && armed.category === category.key) ?? shownCategories[0];
  return html`
    <section class="job" data-job=${job.name} data-place=${placeOf([job.name])} aria-label=${job.title}>
      <div class="job-head">
        <${Legend} job=${job} />
        ${job.tools.length > 1 && html`<${ToolChoice} work=${work} job=${job} />`}
      </div>
      ${job.kind === "objects" && job.tools.length === 0 && html`<p class="hint">${text("label.notDrawn")}</p>`}
      ${job.categories.length >= SEARCHED_FROM && html`<input type="search" class="class-search" value=${search} placeholder=${text("label.searchClasses")} aria-label=${text("label.searchClasses")} onInput=${(event) => setSearch(event.target.value)} />`}
      <div class="classes" role="group" aria-label=${job.title} onKeyDown=${onKeyDown}>
        ${shownCategories.slice(0, SHOWN_AT_ONCE).map((category) => {
          const isPressed = isArmed && armed.category === category.key;
          const isOfCurrent = current?.job === job && current.category === category.key;
          const hidden = `class:${job.name}:${category.key}`;
          return html`
            <div class="class-row" key=${category.key}>
              <button
                type="button"
                class=${`class-button${isPressed ? " armed" : ""}${isOfCurrent ? " current" : ""}`}
                data-category=${category.key}
                aria-pressed=${String(isPressed)}
                tabindex=${category === focusable ? 0 : -1}
                title=${category.help?.text ?? category.name}
                disabled=${work.isReadOnly.value || (job.kind === "objects" && !job.tools.length)}
                onClick=${() => press(category)}
              >
                <span class="swatch" style=${{ background: category.color }} aria-hidden="true"></span>
                <span class="class-name">${category.name}</span>
                ${counts.get(category.key) > 0 && html`<span class="job-count">${counts.get(category.key)}</span>`}
                ${keys.get(category.key) && html`<kbd aria-hidden="true">${shown(keys.get(category.key))}</kbd>`}
              </button>
              ${counts.get(category.key) > 0 && html`<${Eye} isHidden=${work.hidden.value.has(hidden)} name=${category.name} onClick=${() => work.toggleHidden(hidden)} />`}
            </div>
          `;
        })}
      </div>
      <${More} count=${shownCategories.length - SHOWN_AT_ONCE} />
    </section>
  `;
}

/** How many are not shown. */
const More = ({ count }) => (count > 0 ? html`<p class="hint">${text("label.more", { count })}</p>` : null);

/** Arm a class; where something is selected by the select tool, it gets the class. @param {import("./work.js").Work} work @param {any} job @param {string} key */
export function pressClass(work, job, key) {
  const armed = work.armed.peek();
  const current = work.current.peek();
  if (!armed && current?.job === job) {
    work.reclassify(key);
    return;
  }
  if (armed?.job === job.name && armed.category === key) work.disarm();
  else work.arm(job.name, key);
}

/** Arrow keys go from one to the next of a group. @param {KeyboardEvent} event */
export function rove(event) {
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
  const group = /** @type {HTMLElement} */ (event.currentTarget);
  const all = /** @type {HTMLElement[]} */ ([...group.querySelectorAll("button:not(:disabled, .eye), input:not(:disabled)")]);
  const place = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  if (place < 0) return;
  event.preventDefault();
  event.stopPropagation();
  const next = all[(place + by + all.length) % all.length];
  next.focus();
}

function ToolChoice({ work, job }) {
  const armed = work.armed.value;
  // One stop for Tab, which goes from job to job.
  const stop = armed?.job === job.name ? Math.max(0, job.tools.indexOf(armed.tool)) : 0;
  return html`
    <div class="tool-choice" role="group" aria-label=${text("label.tools")} onKeyDown=${rove}>
      ${job.tools.map(
        (tool, place) => html`
          <button
            type="button"
            key=${tool}
            class="small icon quiet"
            aria-pressed=${String(armed?.job === job.name && armed.tool === tool)}
            tabindex=${place === stop ? 0 : -1}
            title=${text(`tool.${tool}`)}
            aria-label=${text(`tool.${tool}`)}
            disabled=${work.isReadOnly.value}
            onClick=${() => work.arm(job.name, armed?.job === job.name ? armed.category : job.categories[0]?.key, tool)}
          >
            <${ToolIcon} tool=${tool} />
          </button>
        `,
      )}
    </div>
  `;
}

/** The sign of a tool. */
export function ToolIcon({ tool }) {
  const paths = {
    select: "M5 3l14 8-6 2-3 6z",
    rectangle: "M4 6h16v12H4z",
    polygon: "M12 4l8 6-3 9H7L4 10z",
    marker: "M12 21s6-6 6-11a6 6 0 10-12 0c0 5 6 11 6 11zM12 8v4M10 10h4",
    polyline: "M4 18l5-9 5 5 6-9",
    vector: "M5 19L19 5M11 5h8v8",
    turn: "M20 5v5h-5M20 10a8 8 0 10-2 7",
    fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  };
  return html`<svg class="line-icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d=${paths[tool]} /></svg>`;
}

/** The button that hides and shows. */
export function Eye({ isHidden, name, onClick }) {
  const label = text(isHidden ? "label.show" : "label.hide", { name });
  return html`<button type="button" class="small icon quiet eye" tabindex="-1" aria-label=${label} title=${label} aria-pressed=${String(isHidden)} onClick=${onClick}>
    <svg class="line-icon" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
      <path d=${isHidden ? "M3 3l18 18M10 6c6-1 9 4 10 6-.4.8-1.2 2-2.4 3.2M6.5 7.6C4.6 9 3.5 11 3 12c1 2 4 6 9 6 1.3 0 2.5-.3 3.5-.7" : "M3 12c1-2 4-6 9-6s8 4 9 6c-1 2-4 6-9 6s-8-4-9-6zM12 9a3 3 0 100 6 3 3 0 000-6z"} />
    </svg>
  </button>`;
}

/** A job that is answered in the panel, with what its answer opens. */
export function JobField({ work, job, path, depth = 0 }) {
  if (depth > 10) return null;
  if (job.kind === "choice") return html`<${Choice} work=${work} job=${job} path=${path} depth=${depth} />`;
  if (job.kind === "text") return html`<${Writing} work=${work} job=${job} path=${path} />`;
  return html`<${Kept} work=${work} job=${job} path=${path} />`;
}

/** What goes wrong at a place: required and empty, no number, or refused by the server. */
function useProblems(work, path) {
  const place = placeOf(path);
  const found = work.problems.value.filter((one) => placeOf(one.path) === place).map((one) => text(`problem.${one.kind}`, { value: one.value }));
  const refused = work.refusals.value.filter((one) => isUnder(one.path, path, work)).map((one) => one.message);
  return [...found, ...refused].join(" ");
}

/** Whether a path of a refusal speaks of the answer at `path` itself, not of something nested. */
function isUnder(given, path, work) {
  if (given.length < path.length || !path.every((part, i) => String(part) === String(given[i]))) return false;
  const rest = given.slice(path.length);
  return !rest.includes("children") && !(rest[0] === "annotations" && work.objectAt(given) !== null);
}

function Choice({ work, job, path, depth }) {
  const given = at(work.answer.value, path);
  const chosen = chosenKeys(given);
  const problem = useProblems(work, path);
  const isSeveral = takesSeveral(job);
  const isReadOnly = work.isReadOnly.value;
  const keys = categoryKeys(job);
  const [search, setSearch] = useState("");
  const set = (key, isChosen) => work.edit(choose(work.history.now.answer, path, job, key, isChosen));
  const isDropdown = job.input === "singleDropdown" || job.input === "multipleDropdown";
  const confidence = (key) => {
    const one = given?.categories?.find((category) => category?.name === key);
    return typeof one?.confidence === "number" && one.confidence !== 100 ? one.confidence : null;
  };
  const found = job.categories.filter((category) => matches(category, search));
  const visible = [...found.slice(0, SHOWN_AT_ONCE), ...job.categories.filter((category) => chosen.includes(category.key) && !found.slice(0, SHOWN_AT_ONCE).includes(category))];
  const name = placeOf(path);
  const focusable = visible.find((category) => chosen.includes(category.key)) ?? visible[0];
  const unknown = chosen.filter((key) => !job.byKey.has(key));
  return html`
    <fieldset class=${`job${depth ? " nested" : ""}${problem ? " has-problem" : ""}`} data-job=${job.name} data-place=${name} aria-describedby=${problem ? `${name}-problem` : undefined}>
      <legend class="job-head"><${Legend} job=${job} /></legend>
      ${
        isDropdown
          ? html`<${Late}
              load=${DROPDOWN}
              part="Dropdown"
              label=${job.title}
              options=${job.categories.map((category) => ({ key: category.key, name: category.name, hint: shown(keys.get(category.key) ?? "") }))}
              chosen=${chosen}
              isSeveral=${isSeveral}
              isDisabled=${isReadOnly}
              onChange=${set}
            />`
          : html`
              ${job.categories.length >= SEARCHED_FROM && html`<input type="search" class="class-search" value=${search} placeholder=${text("label.searchClasses")} aria-label=${text("label.searchClasses")} onInput=${(event) => setSearch(event.target.value)} />`}
              <div class="choices" onKeyDown=${isSeveral ? rove : undefined}>
                ${visible.map((category) => {
                  const isChosen = chosen.includes(category.key);
                  return html`
                    <label key=${category.key} class=${`choice${isChosen ? " chosen" : ""}`} title=${category.help?.text ?? undefined}>
                      <input
                        type=${isSeveral ? "checkbox" : "radio"}
                        name=${name}
                        checked=${isChosen}
                        disabled=${isReadOnly}
                        tabindex=${isSeveral && category !== focusable ? -1 : 0}
                        data-category=${category.key}
                        aria-label=${category.name}
                        onChange=${(event) => set(category.key, event.target.checked)}
                        onClick=${() => !isSeveral && isChosen && !job.isRequired && set(category.key, false)}
                      />
                      <span class="choice-name">${category.name}</span>
                      ${confidence(category.key) !== null && html`<span class="confidence">${text("label.confidence", { value: confidence(category.key) })}</span>`}
                      ${keys.get(category.key) && html`<kbd aria-hidden="true">${shown(keys.get(category.key))}</kbd>`}
                    </label>
                  `;
                })}
              </div>
              <${More} count=${found.length - SHOWN_AT_ONCE} />
            `
      }
      ${unknown.map((key) => html`<p class="problem" key=${key}>${text("problem.unknownCategory", { value: key })} <button type="button" class="small" onClick=${() => set(key, false)}>${text("label.takeOut")}</button></p>`)}
      ${problem && html`<p class="problem" id=${`${name}-problem`}>${problem}</p>`}
      ${chosen.map((key, place) =>
        childrenOf(work.all.value, job.byKey.get(key)).map(
          (child) => html`<${JobField} key=${`${key}/${child.name}`} work=${work} job=${child} path=${childPath(work.answer.value, path, place, child.name)} depth=${depth + 1} />`,
        ),
      )}
    </fieldset>
  `;
}

/** @param {import("../domain/interface.js").Category} category @param {string} search */
const matches = (category, search) => !search || category.name.toLowerCase().includes(search.toLowerCase()) || category.key.toLowerCase().includes(search.toLowerCase());

function Writing({ work, job, path }) {
  const place = placeOf(path);
  const given = at(work.answer.value, path);
  const value = typeof given?.text === "string" ? given.text : "";
  const problem = useProblems(work, path);
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useEffect(() => {
    if (!area.current) return;
    area.current.style.blockSize = "auto";
    area.current.style.blockSize = `${Math.min(320, area.current.scrollHeight + 2)}px`;
  }, [value]);
  const onInput = (event) => work.edit(write(work.history.now.answer, path, event.target.value), `text ${place}`);
  const control = {
    id: `text-${place}`,
    value,
    onInput,
    disabled: work.isReadOnly.value,
    "aria-invalid": problem ? "true" : undefined,
    "aria-describedby": problem ? `${place}-problem` : undefined,
  };
  return html`
    <div class=${`job${problem ? " has-problem" : ""}`} data-job=${job.name} data-place=${place}>
      <label class="job-head" for=${control.id}><${Legend} job=${job} /></label>
      ${
        job.input === "number"
          ? html`<input type="text" inputmode="decimal" autocomplete="off" ...${control} />`
          : job.input === "date"
            ? html`<input type="date" ...${control} />`
            : html`<textarea rows="1" ref=${area} ...${control}></textarea>`
      }
      ${problem && html`<p class="problem" id=${`${place}-problem`}>${problem}</p>`}
    </div>
  `;
}

/** A job that the page does not edit: shown as it is, and sent back untouched. */
function Kept({ work, job, path }) {
  const given = at(work.answer.value, path);
  return html`
    <section class="job" data-job=${job.name} data-place=${placeOf(path)}>
      <div class="job-head"><${Legend} job=${job} /><span class="tag">${text("label.readOnlyJob")}</span></div>
      ${given === undefined ? html`<p class="hint">${text("label.noAnswer")}</p>` : html`<details><summary>${text("label.showAnswer")}</summary><pre class="json">${JSON.stringify(given, null, 1)}</pre></details>`}
    </section>
  `;
}
