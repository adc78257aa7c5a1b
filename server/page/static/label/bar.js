// The bar over the label screen: where one is, whether the answer is kept, and what can be done with it.
import { html, useState } from "../parts/html.js";
import { text } from "../messages/text.js";
import { Link } from "../router.js";
import { Late } from "../parts/asked.js";
import { outbox } from "./outbox.js";
import { keyFor, shown } from "./keys.js";

const DIALOGS = () => import("./dialogs.js");

/** @param {{ sitting: import("./sitting.js").Sitting, project: any, actions: any, isBusy: boolean, isChanged: boolean, maySkip: boolean, mayTake: boolean, issueType: string }} props */
export function Bar({ sitting, project, actions, isBusy, isChanged, maySkip, mayTake, issueType }) {
  const { asset, work, inReview } = sitting;
  const reason = sitting.closedReason.value;
  const submitWords = inReview ? (isChanged ? "review.submit" : "review.approve") : "label.submit";
  return html`
    <header class="label-bar">
      <${Link} to=${`/projects/${project.id}`} class="label-back" title=${project.title} aria-label=${text("label.backTo", { title: project.title })}>
        <svg class="line-icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d="M15 5l-7 7 7 7" /></svg>
      <//>
      <div class="label-where">
        <h1 title=${asset.externalId}>${asset.externalId}</h1>
        <p>${project.title}${inReview ? ` · ${text("review.title")}` : ""}</p>
      </div>
      <${Saved} draft=${sitting.draft} />
      <${Waiting} />
      <div class="label-actions">
        <button type="button" class="quiet icon" title=${`${text("label.undo")} (${shown(keyFor("undo"))})`} aria-label=${text("label.undo")} disabled=${work.isReadOnly.value || (void work.state.value, !work.history.before.length)} onClick=${() => work.undo()}>
          <svg class="line-icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d="M8 5L4 9l4 4M4 9h10a6 6 0 010 12h-3" /></svg>
        </button>
        <button type="button" class="quiet icon" title=${`${text("label.redo")} (${shown(keyFor("redo"))})`} aria-label=${text("label.redo")} disabled=${work.isReadOnly.value || !work.history.after.length} onClick=${() => work.redo()}>
          <svg class="line-icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d="M16 5l4 4-4 4M20 9H10a6 6 0 000 12h3" /></svg>
        </button>
        <button type="button" class="quiet wide-only" title=${shown(keyFor("question"))} onClick=${actions.question}>${text(`issue.do.${issueType}`)} <kbd>${shown(keyFor("question"))}</kbd></button>
        ${mayTake && html`<button type="button" class="quiet wide-only" onClick=${actions.takeForReview}>${text("label.takeForReview")}</button>`}
        ${!inReview && maySkip && html`<button type="button" class="quiet wide-only" disabled=${Boolean(reason)} onClick=${actions.skip}>${text("label.skip")} <kbd>${shown(keyFor("skip"))}</kbd></button>`}
        ${(project.instructions || asset.instructions) && html`<button type="button" class="quiet wide-only" onClick=${actions.instructions}>${text("label.instructions")}</button>`}
        ${inReview && html`<button type="button" disabled=${isBusy || Boolean(reason)} onClick=${actions.sendBack}>${text("review.sendBack")}</button>`}
        <button type="button" class="quiet icon wide-only" title=${`${text("help.title")} (?)`} aria-label=${text("help.title")} onClick=${actions.help}>?</button>
        <button type="button" class="primary" disabled=${isBusy || Boolean(reason)} onClick=${actions.submit}>${text(submitWords)} <kbd class="on-primary">${shown(keyFor("submit"))}</kbd></button>
      </div>
    </header>
  `;
}

/** Whether the answer is kept. */
function Saved({ draft }) {
  const { kind, words } = draft.saved.value;
  if (kind === "clean") return html`<p class="saved"></p>`;
  return html`<p class=${`saved ${kind}`} role="status" title=${words ?? ""}>${kind === "problem" ? text("saved.problem", { words: words ?? "" }) : text(`saved.${kind}`)}</p>`;
}

/** How many answers wait for the server, and a list of them. */
export function Waiting() {
  const [isOpen, setOpen] = useState(false);
  const count = outbox.value.length;
  if (!count) return null;
  return html`
    <button type="button" class="small waiting" onClick=${() => setOpen(true)}>${text("waiting.count", { count })}</button>
    ${isOpen && html`<${Late} load=${DIALOGS} part="WaitingDialog" onClose=${() => setOpen(false)} />`}
  `;
}
