// A new project: what is labeled, what it is called, and the interface to begin with.
import { html, useState } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { manage } from "../messages/en-manage.js";
import { settings as words } from "../messages/en-settings.js";
import { TextField } from "../parts/field.js";
import { notifyTrouble, troubleWords } from "../parts/notice.js";
import { style } from "../ahead.js";
import { go, Link } from "../router.js";
import { createProject } from "../api/project-edit.js";
import { templatesFor, templateText } from "../domain/templates.js";
import { InterfaceEditor } from "./interface-editor.js";

addMessages(manage);
addMessages(words);
await style(new URL("./settings.css", import.meta.url));

const KINDS = ["IMAGE", "TEXT", "VIDEO", "PDF", "GEOSPATIAL", "LLM_STATIC"];

export default function New() {
  const [title, setTitle] = useState("");
  const [inputType, setInputType] = useState("IMAGE");
  const [template, setTemplate] = useState("boxes");
  const [value, setValue] = useState(() => templateText("boxes"));
  const [problems, setProblems] = useState(/** @type {any[]} */ ([]));
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);

  const take = (name) => {
    setTemplate(name);
    setValue(templateText(name));
    setProblems([]);
  };
  const choose = (kind) => {
    setInputType(kind);
    if (!templatesFor(kind).includes(template)) take(templatesFor(kind)[0]);
  };
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblems([]);
    setProblem("");
    try {
      const id = await createProject({ title: title.trim(), inputType, jsonInterface: value });
      await go(`/projects/${id}/assets?import=1`, { replace: true });
    } catch (trouble) {
      if (trouble?.problems?.length) setProblems(trouble.problems);
      else if (trouble?.kind === "refused") setProblem(troubleWords(trouble));
      else notifyTrouble(trouble);
      setBusy(false);
    }
  };
  return html`
    <form onSubmit=${submit}>
      <header class="page-head">
        <h1>${text("new.heading")}</h1>
        <div class="actions">
          <${Link} class="button" to="/">${text("cancel")}<//>
          <button type="submit" class="primary" disabled=${isBusy || !title.trim()}>${text("new.do")}</button>
        </div>
      </header>
      <div class="settings-card card">
        <${TextField} label=${text("settings.title")} isRequired autofocus value=${title} onInput=${setTitle} problem=${problem} />
        <fieldset>
          <legend>${text("new.kind")}</legend>
          <div class="new-kinds">
            ${KINDS.map((kind) => html`<label key=${kind}><input type="radio" name="kind" value=${kind} checked=${kind === inputType} onChange=${() => choose(kind)} />${text(`inputType.${kind}`)}</label>`)}
          </div>
        </fieldset>
        <fieldset>
          <legend>${text("new.template")}</legend>
          <div class="new-kinds">
            ${templatesFor(inputType).map((name) => html`<label key=${name}><input type="radio" name="template" value=${name} checked=${name === template} onChange=${() => take(name)} />${text(`template.${name}`)}</label>`)}
          </div>
          <p class="hint">${text("new.templateHint")}</p>
        </fieldset>
        <${InterfaceEditor} value=${value} inputType=${inputType} problems=${problems} onInput=${(next) => {
          setValue(next);
          setProblems([]);
        }} />
      </div>
    </form>
  `;
}
