// Why there is nothing to label, or nothing to change on an asset, and what can be done about it.
import { html, useState } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { queue as words } from "../messages/en-label-queue.js";
import { Empty, useAsked } from "../parts/asked.js";
import { notifyTrouble } from "../parts/notice.js";
import { Link } from "../router.js";
import { person } from "../session.js";
import { readStanding } from "../api/asset.js";
import { addMyself, readWaiting } from "../api/queue.js";
import { mayDo } from "../manage/rights.js";

addMessages(words);

/** Reasons against a label that stand in nobody's way who may review. */
const REVIEWABLE = new Set(["AlreadyHaveLabelOnCurrentStep", "AssetInDoneStepStatus", "AssetInDoneStepStatusWithReviewAction", "AssetInNextStepWithCorrectAction"]);

/** The page of an asset of which no more is said than why it is closed. */
export function Closed({ reason, next }) {
  return html`<div class="label-around">
    <${Empty} title=${text(`reason.${reason}`)} action=${html`<button type="button" class="primary" onClick=${next}>${text("label.next")}</button>`} />
  </div>`;
}

/** The line over an asset that can be looked at, not changed. */
export function ClosedBar({ reason, sitting, project, actions }) {
  const [isBusy, setBusy] = useState(false);
  const add = async () => {
    setBusy(true);
    try {
      await addMyself(project.id, sitting.asset.id, person.peek()?.id ?? "");
      await actions.reopen();
    } catch (trouble) {
      notifyTrouble(trouble);
      setBusy(false);
    }
  };
  return html`
    <div class="problems closed" role="alert">
      <p>${text(`reason.${reason}`)}</p>
      ${reason === "NotAssignedWithAssignAction" && html`<button type="button" class="small" disabled=${isBusy} onClick=${add}>${text("closed.addMyself")}</button>`}
      ${
        REVIEWABLE.has(reason) &&
        !sitting.inReview &&
        mayDo(project.role, "REVIEW_LABELS") &&
        html`<button type="button" class="small" onClick=${actions.takeForReview}>${text("label.takeForReview")}</button>`
      }
      <button type="button" class="small" onClick=${actions.nextAsset}>${text("label.next")}</button>
    </div>
  `;
}

/** The queue is empty. */
export function Nothing({ project, inReview, again }) {
  return html`
    <div class="label-around">
      <h1 class="unseen">${project.title}</h1>
      <${Empty}
        title=${text(inReview ? "queue.nothingToReview" : "queue.nothing")}
        action=${html`
          ${mayDo(project.role, "DISTRIBUTE_ASSETS") && html`<${Why} project=${project} inReview=${inReview} />`}
          <div class="actions">
            <button type="button" class="primary" onClick=${again}>${text("queue.again")}</button>
            <${Link} class="button" to=${`/projects/${project.id}`}>${text("queue.back")}<//>
          </div>
        `}
      >${text("queue.nothingText")}<//>
    </div>
  `;
}

/** For those who distribute assets: where they are. */
function Why({ project, inReview }) {
  const who = person.value?.id ?? "";
  const asked = useAsked((signal) => Promise.all([readWaiting(project.id, who, inReview, signal), readStanding(project.id, signal)]), [project.id, who, inReview]);
  if (!asked.data) return null;
  const [waiting, { counts }] = asked.data;
  const done = inReview ? counts.REVIEWED : counts.LABELED + counts.TO_REVIEW + counts.REVIEWED;
  /** @type {[string, number, string][]} */
  const lines = [
    ["assigned", waiting.assigned, `status=${inReview ? "TO_REVIEW" : "TODO,ONGOING"}`],
    ["open", waiting.open, `status=${inReview ? "TO_REVIEW" : "TODO,ONGOING"}`],
    ["own", waiting.own, `status=ONGOING&author=${encodeURIComponent(who)}`],
    ["labeled", inReview ? counts.LABELED : 0, "status=LABELED"],
    ["done", done, `status=${inReview ? "REVIEWED" : "LABELED,TO_REVIEW,REVIEWED"}`],
    ["skipped", counts.SKIPPED, "status=SKIPPED"],
  ];
  const shown = lines.filter(([, count]) => count > 0);
  return html`
    <ul class="why">
      ${shown.map(([reason, count, query]) => html`<li key=${reason}><${Link} to=${`/projects/${project.id}/assets?${query}`}>${text(`why.${reason}`, { count })}<//></li>`)}
      ${!shown.length && html`<li>${text("why.none")}</li>`}
      ${waiting.count > waiting.lookedAt && html`<li class="hint">${text("why.first", { count: waiting.lookedAt, all: waiting.count })}</li>`}
    </ul>
  `;
}
