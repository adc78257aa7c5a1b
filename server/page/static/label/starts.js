// What an answer begins with, where there is a choice; how a review differs from it; sending back.
import { html } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { starts as words } from "../messages/en-label-starts.js";
import { changesOf } from "../domain/changes.js";
import { confirm } from "../parts/dialog.js";
import { sendBack as sendBackAsset } from "../api/queue.js";
import { restart } from "./sitting.js";

addMessages(words);

function nameOf({ kind, name, label }) {
  if (kind === "prediction") return name || text("label.prediction");
  const type = text(`type.${label.labelType}`);
  return `${name} · ${type}`;
}

/** Which answer the screen has opened with, where there is a choice. */
export function Starts({ sitting }) {
  const { starts, start, work } = sitting;
  const offered = starts.filter((one) => one.kind === "review" || one.kind === "prediction");
  const current = start.value;
  const isPrediction = current.kind === "prediction";
  return html`
    <section class="job starts">
      <div class="job-head">
        <span class="job-title">${text(sitting.inReview ? "review.labels" : "label.predictions")}</span>
        ${isPrediction && !sitting.inReview && html`<button type="button" class="small quiet" disabled=${work.isReadOnly.value} onClick=${() => work.clear()}>${text("label.clearPredictions")}</button>`}
      </div>
      <div class="start-list" role="group">
        ${offered.map(
          (one) => html`<button type="button" key=${one.id} class="small" aria-pressed=${String(one.id === current.id)} disabled=${work.isReadOnly.value} onClick=${() => restart(sitting, one)}>
            ${nameOf(one)}
          </button>`,
        )}
      </div>
    </section>
  `;
}

/** What a reviewer has changed. */
export function Changes({ work }) {
  const changes = work.compared.value ? changesOf(work.compared.value, work.answer.value) : [];
  if (!changes.length) return null;
  return html`
    <section class="job" aria-label=${text("review.changes")}>
      <div class="job-head"><span class="job-title">${text("review.changes")}</span></div>
      <ul class="changes">
        ${changes.map(({ job, kind, count }) => html`<li key=${job + kind}><span>${work.all.value.jobs.get(job)?.title ?? job}</span> <span class="tag warning">${text(`review.${kind}`)}${count > 1 ? ` ${count}` : ""}</span></li>`)}
      </ul>
    </section>
  `;
}

/** Give an asset back to its labeler. Answers whether the person wants that, where no issue says what to change. @param {import("./sitting.js").Sitting} sitting @param {string} project */
export async function sendBack(sitting, project) {
  const hasOpen = sitting.issues.peek().some((one) => one.status === "OPEN" && one.type === "ISSUE");
  if (!hasOpen && !(await confirm({ title: text("review.withoutIssue"), text: text("review.withoutIssueText"), action: text("review.sendBack") }))) return false;
  await sendBackAsset(project, sitting.asset.id);
  await sitting.draft.end({ isDropped: true });
  return true;
}
