// Issues and questions of a project: what is open first, with its thread, and the way to the object.
import { html, useState } from "../parts/html.js";
import { addMessages, moment, text } from "../messages/text.js";
import { issues as words } from "../messages/en-issues.js";
import { Asked, Empty, useAsked } from "../parts/asked.js";
import { TextArea } from "../parts/field.js";
import { notify, notifyTrouble } from "../parts/notice.js";
import { style } from "../ahead.js";
import { Link, setQuery } from "../router.js";
import { comment, setIssueStatus } from "../api/issue.js";
import { listIssues } from "../api/issue-list.js";
import { personName } from "../api/member.js";
import { ProjectPage } from "./project.js";
import { mayDo } from "./rights.js";

addMessages(words);
await style(new URL("./issues.css", import.meta.url));

const PAGE = 50;
const TYPES = ["ISSUE", "QUESTION"];
const STATUSES = ["OPEN", "SOLVED", "CANCELLED"];

export default function Issues({ params, query }) {
  return html`<${ProjectPage} id=${params.project} action="ASK_QUESTIONS">${(context) => html`<${List} ...${context} query=${query} />`}<//>`;
}

/** What stands in the address, if it is one of the values. */
const chosen = (query, name, values) => (values.includes(query.get(name)) ? query.get(name) : null);

function List({ project, role, query }) {
  const type = chosen(query, "type", TYPES);
  const status = query.get("status") === "ALL" ? null : (chosen(query, "status", STATUSES) ?? "OPEN");
  const skip = Math.max(0, Number.parseInt(query.get("skip") ?? "0", 10) || 0);
  const asked = useAsked((signal) => listIssues(project.id, { type, status, first: PAGE, skip, signal }), [project.id, type, status, skip]);
  const choose = (changes) => setQuery({ skip: null, ...changes });
  return html`
    <div class="issues-filters">
      <div class="switch" role="group" aria-label=${text("issues.type")}>
        ${[null, ...TYPES].map((one) => html`<button type="button" key=${one} class="small" aria-pressed=${String(type === one)} onClick=${() => choose({ type: one })}>${text(`issues.type.${one ?? "ALL"}`)}</button>`)}
      </div>
      <div class="switch" role="group" aria-label=${text("issues.status")}>
        ${[...STATUSES, null].map((one) => html`<button type="button" key=${one} class="small" aria-pressed=${String(status === one)} onClick=${() => choose({ status: one === "OPEN" ? null : (one ?? "ALL") })}>${text(one ? `issueStatus.${one}` : "issues.status.ALL")}</button>`)}
      </div>
    </div>
    <${Asked} asked=${asked}>
      ${({ issues, count }) =>
        issues.length
          ? html`
              <ul class="issues">${issues.map((issue) => html`<${Issue} key=${issue.id} issue=${issue} project=${project} role=${role} again=${asked.again} />`)}</ul>
              ${
                count > PAGE &&
                html`<nav class="issues-pages" aria-label=${text("issues.pages")}>
                  <button type="button" class="small" disabled=${skip === 0} onClick=${() => setQuery({ skip: skip - PAGE > 0 ? String(skip - PAGE) : null })}>${text("issues.before")}</button>
                  <span>${text("issues.range", { from: skip + 1, to: skip + issues.length, all: count })}</span>
                  <button type="button" class="small" disabled=${skip + PAGE >= count} onClick=${() => setQuery({ skip: String(skip + PAGE) })}>${text("issues.after")}</button>
                </nav>`
              }
            `
          : html`<div class="card"><${Empty} title=${text(status === "OPEN" ? "issues.noneOpen" : "issues.none")} /></div>`}
    <//>
  `;
}

function Issue({ issue, project, role, again }) {
  const [reply, setReply] = useState("");
  const [isBusy, setBusy] = useState(false);
  const mayHandle = mayDo(role, "HANDLE_ISSUES") && !project.archived && issue.status !== "CANCELLED";
  const mayReply = !project.archived && issue.status !== "CANCELLED";
  const run = async (call, done) => {
    setBusy(true);
    try {
      await call();
      notify(done);
      setReply("");
      again();
    } catch (trouble) {
      notifyTrouble(trouble);
    } finally {
      setBusy(false);
    }
  };
  const send = (event) => {
    event.preventDefault();
    if (reply.trim()) run(() => comment(issue.id, reply.trim(), mayDo(role, "REVIEW_LABELS")), text("issues.replied"));
  };
  const object = issue.objectMid ? `?object=${encodeURIComponent(issue.objectMid)}` : "";
  const kind = issue.status === "OPEN" ? "warning" : issue.status === "SOLVED" ? "done" : "";
  return html`<li class="card issue">
    <header class="issue-head">
      <span class=${`tag ${kind}`}>${text(`issues.type.${issue.type}`)} · ${text(`issueStatus.${issue.status}`)}</span>
      <${Link} to=${`/projects/${project.id}/assets/${issue.asset?.id}${object}`} class="issue-asset">${issue.asset?.externalId || issue.asset?.id}<//>
      ${issue.objectMid && html`<span class="faint">${text("issues.onObject")}</span>`}
      ${issue.assignee && html`<span class="faint">${text("issues.for", { name: personName(issue.assignee.user) })}</span>`}
    </header>
    <ol class="issue-thread">
      ${(issue.comments ?? []).map(
        (one) => html`<li key=${one.id}>
          <p class="issue-who">${personName(one.author?.user) || text("issues.somebody")} <span class="faint">${moment(one.createdAt)}</span></p>
          <p class="issue-text">${one.text}</p>
        </li>`,
      )}
    </ol>
    <footer class="issue-foot">
      ${
        mayReply &&
        html`<form class="issue-reply" onSubmit=${send}>
          <${TextArea} label=${text("issues.reply")} rows="1" value=${reply} onInput=${setReply} />
          <button type="submit" class="small" disabled=${isBusy || !reply.trim()}>${text("issues.send")}</button>
        </form>`
      }
      ${
        mayHandle &&
        html`<div class="actions">
          ${
            issue.status === "OPEN"
              ? html`<button type="button" class="small" disabled=${isBusy} onClick=${() => run(() => setIssueStatus(issue.id, "SOLVED"), text("issues.solved"))}>${text("issues.solve")}</button>`
              : html`<button type="button" class="small" disabled=${isBusy} onClick=${() => run(() => setIssueStatus(issue.id, "OPEN"), text("issues.reopened"))}>${text("issues.reopen")}</button>`
          }
          <button type="button" class="small quiet" disabled=${isBusy} onClick=${() => run(() => setIssueStatus(issue.id, "CANCELLED"), text("issues.cancelled"))}>${text("issues.cancel")}</button>
        </div>`
      }
    </footer>
  </li>`;
}
