// Issues of reviewers and questions of labelers beside the asset.
import { html, useState } from "../parts/html.js";
import { addMessages, moment, text } from "../messages/text.js";
import { issues as words } from "../messages/en-label-issues.js";
import { Dialog } from "../parts/dialog.js";
import { TextArea } from "../parts/field.js";
import { notify, notifyTrouble, troubleWords } from "../parts/notice.js";
import { comment, createIssue, setIssueStatus } from "../api/issue.js";
import { chance } from "../api/ask.js";
import { style } from "../ahead.js";

addMessages(words);
await style(new URL("./issues.css", import.meta.url));

/**
 * @param {{ issues: any[], work: import("./work.js").Work, inReview: boolean, reload: () => Promise<void> }} props
 */
export function Issues({ issues, work, inReview, reload }) {
  const [isAll, setAll] = useState(false);
  const open = issues.filter((one) => one.status === "OPEN");
  const shown = isAll ? issues : open;
  return html`
    <section class="job issues" aria-label=${text("issue.title")}>
      <div class="job-head">
        <span class="job-title">${text("issue.title")}<span class="job-count">${open.length}</span></span>
        ${issues.length > open.length && html`<button type="button" class="small quiet" aria-pressed=${String(isAll)} onClick=${() => setAll(!isAll)}>${text("issue.withClosed")}</button>`}
      </div>
      ${shown.map((issue) => html`<${Thread} key=${issue.id} issue=${issue} work=${work} inReview=${inReview} reload=${reload} />`)}
    </section>
  `;
}

function Thread({ issue, work, inReview, reload }) {
  const [written, setWritten] = useState("");
  const [isBusy, setBusy] = useState(false);
  const object = issue.objectMid ? work.objects.value.find((one) => one.annotation.mid === issue.objectMid) : null;
  const act = async (action) => {
    setBusy(true);
    try {
      await action();
      await reload();
      setWritten("");
    } catch (trouble) {
      notifyTrouble(trouble);
    } finally {
      setBusy(false);
    }
  };
  const isOpen = issue.status === "OPEN";
  return html`
    <article class="thread">
      <header>
        <span class=${`tag ${isOpen ? "warning" : "done"}`}>${text(`issue.${issue.type}`)} ${issue.issueNumber ?? ""}</span>
        ${!isOpen && html`<span class="hint">${text(`issue.${issue.status}`)}</span>`}
        ${object && html`<button type="button" class="small quiet" onClick=${() => (work.selected.value = object.id)}>${text("issue.showObject")}</button>`}
      </header>
      ${(issue.comments ?? []).map(
        (one) => html`<div class="comment" key=${one.id}>
          <p>${one.text}</p>
          <p class="hint">${one.author?.user?.name || one.author?.user?.email || ""} · ${moment(one.createdAt)}</p>
        </div>`,
      )}
      ${
        isOpen &&
        html`
          <form
            class="thread-reply"
            onSubmit=${(event) => {
              event.preventDefault();
              if (written.trim()) act(() => comment(issue.id, written.trim(), inReview));
            }}
          >
            <input type="text" aria-label=${text("issue.reply")} placeholder=${text("issue.reply")} value=${written} onInput=${(event) => setWritten(event.target.value)} />
            ${written.trim() && html`<button type="submit" class="small" disabled=${isBusy}>${text("issue.send")}</button>`}
            <button type="button" class="small" disabled=${isBusy} onClick=${() => act(() => setIssueStatus(issue.id, "SOLVED"))}>${text("issue.solve")}</button>
          </form>
        `
      }
      ${!isOpen && html`<button type="button" class="small quiet" disabled=${isBusy} onClick=${() => act(() => setIssueStatus(issue.id, "OPEN"))}>${text("issue.reopen")}</button>`}
    </article>
  `;
}

/**
 * Ask a question, or raise an issue about the selected object or the whole asset.
 * @param {{ type: "ISSUE" | "QUESTION", project: string, asset: string, label: string | null, object: any, onClose: () => void, onDone: () => Promise<void> }} props
 */
export function IssueDialog({ type, project, asset, label, object, onClose, onDone }) {
  const [written, setWritten] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [key] = useState(chance);
  const submit = async (event) => {
    event.preventDefault();
    if (!written.trim() || isBusy) return;
    setBusy(true);
    try {
      await createIssue({ project, asset, type, text: written.trim(), label, mid: object?.annotation.mid ?? null, key });
      notify(text(`issue.made.${type}`));
      await onDone();
      onClose();
    } catch (trouble) {
      setProblem(troubleWords(trouble));
      setBusy(false);
    }
  };
  const about = object ? text("issue.aboutObject", { name: object.job.byKey.get(object.category)?.name ?? object.category }) : text("issue.aboutAsset");
  return html`
    <${Dialog} title=${text(`issue.new.${type}`)} onClose=${onClose}>
      <form onSubmit=${submit} class="form">
        <${TextArea} label=${text(`issue.words.${type}`)} hint=${about} problem=${problem} value=${written} onInput=${setWritten} rows="4" required autofocus />
        <div class="actions">
          <button type="submit" class="primary" disabled=${isBusy || !written.trim()}>${text("issue.send")}</button>
          <button type="button" onClick=${onClose}>${text("cancel")}</button>
        </div>
      </form>
    <//>
  `;
}
