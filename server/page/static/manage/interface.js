// Changing the interface of a project: what is refused stands at its line, and what labels would lose is counted first.
import { html, useEffect, useState } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { settings as words } from "../messages/en-settings.js";
import { confirm } from "../parts/dialog.js";
import { notify, notifyTrouble, troubleWords } from "../parts/notice.js";
import { style } from "../ahead.js";
import { guardLeaving, Link } from "../router.js";
import { changeProject, countLabelsWith } from "../api/project-edit.js";
import { removedCategories } from "../domain/interface-change.js";
import { ProjectPage } from "./project.js";
import { InterfaceEditor } from "./interface-editor.js";

addMessages(words);
await style(new URL("./settings.css", import.meta.url));

const COUNTED = 10; // categories whose labels are counted before saving

export default function InterfacePage({ params }) {
  return html`<${ProjectPage} id=${params.project} action="CHANGE_PROJECT">${(context) => html`<${Editor} ...${context} />`}<//>`;
}

/** The interface as people read it. @param {string | null} json */
function tidy(json) {
  try {
    return JSON.stringify(JSON.parse(json || "{}"), null, 2);
  } catch {
    return json ?? "";
  }
}

function Editor({ project }) {
  const [saved, setSaved] = useState(() => tidy(project.jsonInterface));
  const [value, setValue] = useState(saved);
  const [problems, setProblems] = useState(/** @type {any[]} */ ([]));
  const [warnings, setWarnings] = useState(/** @type {any[]} */ ([]));
  const [isBusy, setBusy] = useState(false);
  const isChanged = value !== saved;
  useEffect(() => {
    if (!isChanged) return;
    return guardLeaving(() => confirm({ title: text("settings.leave"), text: text("settings.leaveText"), action: text("settings.leaveDo"), isDangerous: true }));
  }, [isChanged]);

  const save = async () => {
    setBusy(true);
    setProblems([]);
    setWarnings([]);
    try {
      if (!(await agrees(project, saved, value))) return;
      /** @type {any[]} */
      let told = [];
      await changeProject(project.id, { jsonInterface: value }, (all) => (told = all));
      setSaved(value);
      setWarnings(told);
      notify(text("interface.saved"));
    } catch (trouble) {
      if (trouble?.problems?.length) setProblems(trouble.problems);
      else if (trouble?.kind === "refused") setProblems([{ path: "", message: troubleWords(trouble) }]);
      else notifyTrouble(trouble);
    } finally {
      setBusy(false);
    }
  };
  return html`
    <div class="settings-head">
      <h2>${text("interface.title")}</h2>
      <div class="actions">
        <${Link} class="button" to=${`/projects/${project.id}/settings`}>${text("interface.back")}<//>
        <button type="button" class="primary" disabled=${!isChanged || isBusy || project.archived} onClick=${save}>${text("settings.save")}</button>
      </div>
    </div>
    <${InterfaceEditor}
      value=${value}
      inputType=${project.inputType}
      problems=${problems}
      isReadOnly=${project.archived}
      onInput=${(next) => {
        setValue(next);
        setProblems([]);
      }}
    />
    ${
      warnings.length > 0 &&
      html`<div class="card settings-warnings" role="status">
        <h3>${text("interface.warnings")}</h3>
        <ul>${warnings.map((warning) => html`<li>${warning.message}</li>`)}</ul>
      </div>`
    }
  `;
}

/** Whether the person wants what labels would lose. */
async function agrees(project, before, after) {
  const removed = removedCategories(before, after);
  if (!removed.length) return true;
  const counted = await Promise.all(removed.slice(0, COUNTED).map(async (one) => ({ ...one, count: await countLabelsWith(project.id, one.job, one.category).catch(() => 0) })));
  const used = counted.filter((one) => one.count > 0);
  if (!used.length && removed.length <= COUNTED) return true;
  const lines = used.map((one) => text("interface.removedOne", { category: `${one.job}.${one.category}`, count: one.count }));
  if (removed.length > COUNTED) lines.push(text("interface.removedMore", { count: removed.length - COUNTED }));
  return await confirm({ title: text("interface.removed"), text: lines.join(" "), action: text("interface.removedDo"), isDangerous: true });
}
