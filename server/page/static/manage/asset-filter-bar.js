// The filters of the dataset: the common ones in a line, the others in a panel, all of them in the address.
import { html, useEffect, useRef, useState } from "../parts/html.js";
import { day, text } from "../messages/text.js";
import { CheckField, SelectField, TextField } from "../parts/field.js";
import { setQuery } from "../router.js";
import { memberName } from "../api/member.js";
import { FILTERS, LABEL_TYPES, STATES, activeFilters, withState } from "./asset-filters.js";
import { mayDo, SEE_MARKS } from "./rights.js";

const TYPING = 250; // milliseconds between the last key and the question
/** Filters that stand in the line itself and need no chip. */
const IN_LINE = new Set(["name", "status"]);
/** The panel, in groups. */
const GROUPS = [
  ["people", ["assignee", "author"]],
  ["labels", ["labels", "category", "labeledAfter", "labeledBefore"]],
  ["asset", ["step", "createdAfter", "createdBefore", "metadata"]],
  ["marks", ["consensusFrom", "consensusTo", "honeypotFrom", "honeypotTo"]],
  ["issues", ["issue", "question"]],
];

export function FilterBar({ query, project, role, members }) {
  const [isOpen, setOpen] = useState(false);
  const chips = activeFilters(query).filter((name) => !IN_LINE.has(name));
  return html`
    <search class="filters">
      <div class="filters-line">
        <${Delayed} value=${query.get("name") ?? ""} onChange=${(value) => setQuery({ name: value })}>
          ${(control) => html`<input type="search" class="filters-search" placeholder=${text("assets.search")} aria-label=${text("assets.search")} ...${control} />`}
        <//>
        <div class="filters-states" role="group" aria-label=${text("assets.column.state")}>
          ${STATES.map((state) => {
            const isOn = (query.get("status") ?? "").split(",").includes(state);
            return html`<button type="button" key=${state} class="small chip" aria-pressed=${String(isOn)} onClick=${() => setQuery({ status: withState(query.get("status"), state) })}>
              <span class=${`state state-${state}`}>${text(`state.${state}`)}</span>
            </button>`;
          })}
        </div>
        <button type="button" class="small" aria-expanded=${String(isOpen)} onClick=${() => setOpen(!isOpen)}>${text("assets.moreFilters")}</button>
      </div>
      ${isOpen && html`<${Panel} query=${query} project=${project} role=${role} members=${members} />`}
      ${
        chips.length > 0 &&
        html`<ul class="filters-chips">
          ${chips.map(
            (name) => html`<li key=${name}>
              <button type="button" class="small chip active" onClick=${() => setQuery({ [name]: null })} aria-label=${text("assets.removeFilter", { filter: text(`filter.${name}`) })}>
                ${text(`filter.${name}`)}: ${words(name, query.get(name), members, project)} <span aria-hidden="true">✕</span>
              </button>
            </li>`,
          )}
        </ul>`
      }
    </search>
  `;
}

/** A filter's value in words. */
function words(name, value, members, project) {
  const { kind } = FILTERS[name];
  if (kind === "member") return members.find((member) => member.user?.id === value) ? memberName(members.find((member) => member.user?.id === value)) : value;
  if (kind === "types") return value.split(",").map((type) => text(`labelType.${type}`)).join(", ");
  if (kind === "choice") return text(`issueStatus.${value}`);
  if (kind === "date") return day(value);
  if (kind === "mark") return `${value} %`;
  if (kind === "step") return project.steps?.find((step) => step.id === value)?.name ?? value;
  return value;
}

function Panel({ query, project, role, members }) {
  const mayUse = (name) => {
    if (FILTERS[name].isForManagers) return SEE_MARKS.includes(role);
    if (FILTERS[name].kind === "member") return mayDo(role, "REVIEW_LABELS");
    return FILTERS[name].kind !== "step" || (project.steps ?? []).length > 0;
  };
  return html`<div class="filters-panel card">
    ${GROUPS.map(([group, names]) => {
      const shown = names.filter(mayUse);
      return (
        shown.length > 0 &&
        html`<fieldset key=${group}>
          <legend>${text(`filters.${group}`)}</legend>
          ${shown.map((name) => html`<${Control} key=${name} name=${name} value=${query.get(name) ?? ""} members=${members} project=${project} />`)}
        </fieldset>`
      );
    })}
  </div>`;
}

function Control({ name, value, members, project }) {
  const label = text(`filter.${name}`);
  const set = (next) => setQuery({ [name]: next });
  const { kind, options = [] } = FILTERS[name];
  const any = ["", text("filter.any")];
  if (kind === "member") {
    const people = members.map((member) => [member.user?.id, memberName(member)]);
    return html`<${SelectField} label=${label} value=${value} onChange=${set} options=${[any, ...people]} />`;
  }
  if (kind === "step") {
    return html`<${SelectField} label=${label} value=${value} onChange=${set} options=${[any, ...(project.steps ?? []).map((step) => [step.id, step.name])]} />`;
  }
  if (kind === "choice") {
    return html`<${SelectField} label=${label} value=${value} onChange=${set} options=${[any, ...options.map((one) => [one, text(`issueStatus.${one}`)])]} />`;
  }
  if (kind === "types") {
    const chosen = value.split(",").filter(Boolean);
    const toggle = (type, isOn) => set(isOn ? [...chosen, type].join(",") : chosen.filter((one) => one !== type).join(","));
    return html`<div class="field"><span class="filters-label">${label}</span>
      ${LABEL_TYPES.map((type) => html`<${CheckField} key=${type} label=${text(`labelType.${type}`)} isChecked=${chosen.includes(type)} onChange=${(isOn) => toggle(type, isOn)} />`)}
    </div>`;
  }
  const type = kind === "date" ? "date" : kind === "mark" ? "number" : "text";
  const more = kind === "mark" ? { min: 0, max: 100, step: 1 } : {};
  return html`<${Delayed} value=${value} onChange=${set}>
    ${(control) => html`<${TextField} label=${label} type=${type} hint=${kind === "metadata" ? text("filter.metadataHint") : kind === "text" && name === "category" ? text("filter.categoryHint") : ""} ...${more} value=${control.value} onInput=${control.change} />`}
  <//>`;
}

/** A text that is told when the person has stopped typing. `children` is given `value`, `onInput` and `change(value)`. */
function Delayed({ value, onChange, children }) {
  const [shown, setShown] = useState(value);
  const timer = useRef(0);
  useEffect(() => setShown(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next) => {
    setShown(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next), TYPING);
  };
  return children({ value: shown, onInput: (event) => change(event.target.value), change });
}
