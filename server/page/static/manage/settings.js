// The settings of a project: what it is called, what people may do, and what becomes of it.
import { html, useState } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { settings as words } from "../messages/en-settings.js";
import { Dialog } from "../parts/dialog.js";
import { CheckField, TextArea, TextField } from "../parts/field.js";
import { notify, notifyTrouble, troubleWords } from "../parts/notice.js";
import { style } from "../ahead.js";
import { go, Link } from "../router.js";
import { changeProject, copyProject, deleteProject } from "../api/project-edit.js";
import { ProjectPage } from "./project.js";

addMessages(words);
await style(new URL("./settings.css", import.meta.url));

export default function Settings({ params }) {
  return html`<${ProjectPage} id=${params.project} action="CHANGE_PROJECT">
    ${(context) => html`
      <div class="settings">
        <${General} ...${context} />
        <${InterfaceCard} ...${context} />
        <${Fate} ...${context} />
      </div>
    `}
  <//>`;
}

function General({ project, again }) {
  const first = {
    title: project.title ?? "",
    description: project.description ?? "",
    instructions: project.instructions ?? "",
    canNavigateBetweenAssets: project.canNavigateBetweenAssets ?? true,
    canSkipAsset: project.canSkipAsset ?? true,
  };
  const [values, setValues] = useState(first);
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const set = (name) => (value) => setValues((before) => ({ ...before, [name]: value }));
  const changes = Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== first[name]));
  const isChanged = Object.keys(changes).length > 0;
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await changeProject(project.id, changes);
      notify(text("settings.saved"));
      again();
    } catch (trouble) {
      setProblem(troubleWords(trouble));
    } finally {
      setBusy(false);
    }
  };
  return html`<section class="card settings-card">
    <h2>${text("settings.general")}</h2>
    <form class="form" onSubmit=${submit}>
      <${TextField} label=${text("settings.title")} isRequired value=${values.title} onInput=${set("title")} disabled=${project.archived} problem=${problem} />
      <${TextArea} label=${text("settings.description")} rows="2" value=${values.description} onInput=${set("description")} disabled=${project.archived} />
      <${TextArea} label=${text("settings.instructions")} hint=${text("settings.instructionsHint")} rows="4" value=${values.instructions} onInput=${set("instructions")} disabled=${project.archived} />
      <${CheckField} label=${text("settings.canNavigate")} isChecked=${values.canNavigateBetweenAssets} onChange=${set("canNavigateBetweenAssets")} disabled=${project.archived} />
      <${CheckField} label=${text("settings.canSkip")} isChecked=${values.canSkipAsset} onChange=${set("canSkipAsset")} disabled=${project.archived} />
      <div class="actions"><button type="submit" class="primary" disabled=${!isChanged || isBusy || !values.title.trim()}>${text("settings.save")}</button></div>
    </form>
  </section>`;
}

function InterfaceCard({ project }) {
  return html`<section class="card settings-card">
    <h2>${text("interface.title")}</h2>
    <p class="hint">${text("interface.hint")}</p>
    <div class="actions"><${Link} class="button" to=${`/projects/${project.id}/settings/interface`}>${text("interface.edit")}<//></div>
  </section>`;
}

function Fate({ project, again }) {
  const [dialog, setDialog] = useState(/** @type {string | null} */ (null));
  const archive = async () => {
    try {
      await changeProject(project.id, { archived: !project.archived });
      notify(text(project.archived ? "settings.unarchived" : "settings.archived"));
      again();
    } catch (trouble) {
      notifyTrouble(trouble);
    }
  };
  return html`<section class="card settings-card">
    <h2>${text("settings.fate")}</h2>
    <div class="settings-line">
      <p>${text(project.archived ? "settings.unarchiveText" : "settings.archiveText")}</p>
      <button type="button" onClick=${archive}>${text(project.archived ? "settings.unarchive" : "settings.archive")}</button>
    </div>
    <div class="settings-line">
      <p>${text("settings.copyText")}</p>
      <button type="button" onClick=${() => setDialog("copy")}>${text("settings.copy")}</button>
    </div>
    <div class="settings-line">
      <p>${text("settings.deleteText")}</p>
      <button type="button" class="danger-text" onClick=${() => setDialog("delete")}>${text("settings.delete")}</button>
    </div>
    ${dialog === "copy" && html`<${CopyDialog} project=${project} onClose=${() => setDialog(null)} />`}
    ${dialog === "delete" && html`<${DeleteDialog} project=${project} onClose=${() => setDialog(null)} />`}
  </section>`;
}

function CopyDialog({ project, onClose }) {
  const [what, setWhat] = useState({ assets: false, users: true });
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const id = await copyProject(project.id, what);
      notify(text("settings.copied"));
      await go(`/projects/${id}`);
    } catch (trouble) {
      notifyTrouble(trouble);
      setBusy(false);
    }
  };
  const actions = html`<button type="button" onClick=${onClose}>${text("cancel")}</button><button type="button" class="primary" disabled=${isBusy} onClick=${run}>${text("settings.copy")}</button>`;
  return html`<${Dialog} title=${text("settings.copy")} onClose=${onClose} actions=${actions}>
    <${CheckField} label=${text("settings.copyUsers")} isChecked=${what.users} onChange=${(users) => setWhat({ ...what, users })} />
    <${CheckField} label=${text("settings.copyAssets")} isChecked=${what.assets} onChange=${(assets) => setWhat({ ...what, assets })} />
  <//>`;
}

/** Deleting asks for the title: it takes everything. */
function DeleteDialog({ project, onClose }) {
  const [typed, setTyped] = useState("");
  const [isBusy, setBusy] = useState(false);
  const run = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await deleteProject(project.id);
      notify(text("settings.deleted", { title: project.title }));
      await go("/");
    } catch (trouble) {
      notifyTrouble(trouble);
      setBusy(false);
    }
  };
  const actions = html`<button type="button" onClick=${onClose}>${text("cancel")}</button><button type="submit" form="delete" class="danger" disabled=${isBusy || typed.trim() !== project.title.trim()}>${text("settings.delete")}</button>`;
  return html`<${Dialog} title=${text("settings.delete")} onClose=${onClose} actions=${actions}>
    <p>${text("settings.deleteWarning")}</p>
    <form id="delete" onSubmit=${run}><${TextField} label=${text("settings.deleteType", { title: project.title })} autofocus autocomplete="off" value=${typed} onInput=${setTyped} /></form>
  <//>`;
}
