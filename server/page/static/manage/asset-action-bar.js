// What can be done to the chosen assets.
import { html, useState } from "../parts/html.js";
import { number, text } from "../messages/text.js";
import { Dialog, confirm } from "../parts/dialog.js";
import { CheckField, TextField } from "../parts/field.js";
import { notify, notifyTrouble } from "../parts/notice.js";
import { memberName } from "../api/member.js";
import { act } from "./asset-actions.js";
import { mayDo } from "./rights.js";

const NAMED = 5; // declined and failed assets that a sentence names

/** Actions by name: who may do them, and whether they ask for something first. */
const ACTIONS = [
  ["priority", "DISTRIBUTE_ASSETS", "dialog"],
  ["assign", "DISTRIBUTE_ASSETS", "dialog"],
  ["review", "REVIEW_LABELS", null],
  ["sendBack", "REVIEW_LABELS", "confirm"],
  ["skip", "DISTRIBUTE_ASSETS", "dialog"],
  ["unskip", "DISTRIBUTE_ASSETS", null],
  ["consensusOn", "DISTRIBUTE_ASSETS", null],
  ["consensusOff", "DISTRIBUTE_ASSETS", null],
  ["delete", "CHANGE_ASSETS", "danger"],
];

export function ActionBar({ project, role, selection, where, members, onDone }) {
  const [dialog, setDialog] = useState(/** @type {string | null} */ (null));
  const [progress, setProgress] = useState(/** @type {{ done: number, all: number } | null} */ (null));
  const [outcome, setOutcome] = useState(/** @type {any} */ (null));

  const run = async (name, values = {}) => {
    setDialog(null);
    const chosen = { project: project.id, ids: selection.isAll ? null : selection.ids, where };
    const action = name.startsWith("consensus") ? "consensus" : name;
    const given = name.startsWith("consensus") ? { isConsensus: name === "consensusOn" } : values;
    try {
      setProgress({ done: 0, all: selection.size });
      const sum = await act(action, given, chosen, (done, all) => setProgress({ done, all }));
      if (sum.declined.length || sum.failed.length) setOutcome({ name, sum });
      else {
        notify(text("actions.done", { action: text(`action.${name}`), count: sum.succeeded }));
        onDone();
      }
    } catch (trouble) {
      notifyTrouble(trouble);
    } finally {
      setProgress(null);
    }
  };
  const begin = async (name, asks) => {
    if (asks === "dialog") return setDialog(name);
    if (asks) {
      const question = { title: text(`action.${name}.title`, { count: selection.size }), text: text(`action.${name}.text`), action: text(`action.${name}`), isDangerous: asks === "danger" };
      if (!(await confirm(question))) return;
    }
    await run(name);
  };
  return html`
    <div class="action-bar" role="toolbar" aria-label=${text("actions.label")}>
      <span class="action-bar-count">${selection.isAll ? text("actions.all", { count: selection.size }) : text("actions.chosen", { count: selection.size })}</span>
      ${
        progress
          ? html`<progress value=${progress.done} max=${progress.all || 1} aria-label=${text("actions.running")}></progress><span>${number(progress.done)} / ${number(progress.all)}</span>`
          : html`
              ${ACTIONS.filter(([, action]) => mayDo(role, action)).map(
                ([name, , asks]) => html`<button type="button" key=${name} class=${name === "delete" ? "small danger-text" : "small"} onClick=${() => begin(name, asks)}>${text(`action.${name}`)}</button>`,
              )}
              <button type="button" class="small quiet" onClick=${selection.clear}>${text("actions.clear")}</button>
            `
      }
    </div>
    ${dialog === "priority" && html`<${PriorityDialog} onClose=${() => setDialog(null)} onDo=${(priority) => run("priority", { priority })} />`}
    ${dialog === "assign" && html`<${AssignDialog} members=${members} onClose=${() => setDialog(null)} onDo=${(userIds) => run("assign", { userIds })} />`}
    ${dialog === "skip" && html`<${SkipDialog} onClose=${() => setDialog(null)} onDo=${(reason) => run("skip", { reason })} />`}
    ${
      outcome &&
      html`<${OutcomeDialog}
        ...${outcome}
        onClose=${() => {
          setOutcome(null);
          onDone();
        }}
      />`
    }
  `;
}

function PriorityDialog({ onClose, onDo }) {
  const [value, setValue] = useState("1");
  const priority = Number(value);
  const isGood = value.trim() !== "" && Number.isInteger(priority) && Math.abs(priority) <= 1_000_000;
  return html`<${FormDialog} title=${text("action.priority")} action=${text("action.priority.do")} isReady=${isGood} onClose=${onClose} onDo=${() => onDo(priority)}>
    <${TextField} label=${text("assets.column.priority")} type="number" min="-1000000" max="1000000" step="1" autofocus value=${value} onInput=${setValue} hint=${text("action.priority.hint")} problem=${isGood ? "" : text("action.priority.problem")} />
  <//>`;
}

function AssignDialog({ members, onClose, onDo }) {
  const [chosen, setChosen] = useState(/** @type {string[]} */ ([]));
  const toggle = (id, isOn) => setChosen(isOn ? [...chosen, id] : chosen.filter((one) => one !== id));
  const people = members.filter((member) => member.user);
  return html`<${FormDialog} title=${text("action.assign")} action=${chosen.length ? text("action.assign.do") : text("action.assign.none")} isReady onClose=${onClose} onDo=${() => onDo(chosen)}>
    <p class="hint">${text("action.assign.hint")}</p>
    <div class="people-list">
      ${people.map((member) => html`<${CheckField} key=${member.id} label=${`${memberName(member)} · ${text(`role.${member.role}`)}`} isChecked=${chosen.includes(member.user.id)} onChange=${(isOn) => toggle(member.user.id, isOn)} />`)}
    </div>
  <//>`;
}

function SkipDialog({ onClose, onDo }) {
  const [reason, setReason] = useState("");
  return html`<${FormDialog} title=${text("action.skip")} action=${text("action.skip")} isReady=${reason.trim() !== ""} onClose=${onClose} onDo=${() => onDo(reason.trim())}>
    <${TextField} label=${text("action.skip.reason")} autofocus isRequired maxlength="500" value=${reason} onInput=${setReason} />
  <//>`;
}

function FormDialog({ title, action, isReady, onClose, onDo, children }) {
  const submit = (event) => {
    event.preventDefault();
    if (isReady) onDo();
  };
  const actions = html`
    <button type="button" onClick=${onClose}>${text("cancel")}</button>
    <button type="submit" form="action-form" class="primary" disabled=${!isReady}>${action}</button>
  `;
  return html`<${Dialog} title=${title} onClose=${onClose} actions=${actions}><form id="action-form" class="form" onSubmit=${submit}>${children}</form><//>`;
}

function OutcomeDialog({ name, sum, onClose }) {
  const more = (all) => (all.length > NAMED ? html`<li>${text("actions.more", { count: all.length - NAMED })}</li>` : null);
  return html`<${Dialog} title=${text(`action.${name}`)} onClose=${onClose} actions=${html`<button type="button" class="primary" autofocus onClick=${onClose}>${text("close")}</button>`}>
    <p>${text("actions.succeeded", { count: sum.succeeded })}</p>
    ${
      sum.declined.length > 0 &&
      html`<div>
        <p>${text("actions.declined", { count: sum.declined.length })}</p>
        <ul class="names">${sum.declined.slice(0, NAMED).map((one) => html`<li>${one.name}</li>`)}${more(sum.declined)}</ul>
      </div>`
    }
    ${
      sum.failed.length > 0 &&
      html`<div>
        <p>${text("actions.failed", { count: sum.failed.length })}</p>
        <ul class="names">${sum.failed.slice(0, NAMED).map((one) => html`<li>${one.name}: ${one.details}</li>`)}${more(sum.failed)}</ul>
      </div>`
    }
  <//>`;
}
