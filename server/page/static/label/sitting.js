// One asset while it is open: work, draft, time, lock; and what is done with it in the end.
import { signal } from "@preact/signals";
import { chance } from "../api/ask.js";
import { letGo, lockAsset, readLabels } from "../api/label.js";
import { person } from "../session.js";
import { ActiveTime, Draft } from "./draft.js";
import { nextTry, outbox, send, unhear } from "./outbox.js";
import { answerOf, startsOf } from "./start.js";
import { readDraft } from "./store.js";
import { holdInTab } from "./tabs.js";
import { Work } from "./work.js";

const RENEWED_MS = 10 * 60_000;

/**
 * @typedef {object} Sitting
 * @property {any} asset
 * @property {Work} work
 * @property {Draft} draft
 * @property {import("./start.js").Start[]} starts
 * @property {import("@preact/signals").Signal<import("./start.js").Start>} start
 * @property {import("@preact/signals").Signal<any[]>} issues
 * @property {import("@preact/signals").Signal<string>} closedReason why nothing can be changed, empty when it can
 * @property {boolean} inReview
 * @property {boolean} isSentBack
 * @property {any[]} labels
 * @property {ActiveTime} time
 * @property {() => Promise<void>} reloadIssues
 * @property {() => void} end
 * @property {{ isElsewhere: import("@preact/signals").Signal<boolean>, end: () => void }} tab
 */

/**
 * Open an asset.
 * @param {{ project: any, all: any, asset: any, inReview: boolean, armed: any, signal: AbortSignal, reason?: string }} given
 * @returns {Promise<Sitting>}
 */
export async function sit({ project, all, asset, inReview, armed, signal: abort, reason = "" }) {
  const who = /** @type {import("../session.js").Person} */ (person.peek());
  const [{ labels, issues }, draft] = await Promise.all([readLabels(project.id, asset.id, abort), readDraft(who.id, asset.id).catch(() => undefined)]);
  const starts = startsOf({ labels, draft, person: who.id, inReview });
  const [first] = starts;
  const work = new Work({ all, asset, start: answerOf(first), armed });
  const time = new ActiveTime(draft?.seconds ?? 0);
  const keeper = new Draft({ person: who.id, project: project.id, asset: asset.id, seconds: () => time.seconds, isAutosaved: !inReview });
  work.onChange = (answer) => keeper.changed(answer);
  if (draft) {
    // What was kept here goes to the server again, unless it is there already.
    keeper.answer = work.answer.peek();
    keeper.saved.value = { kind: "kept" };
  }
  const sitting = {
    asset,
    work,
    draft: keeper,
    time,
    starts,
    start: signal(first),
    issues: signal(issues),
    closedReason: signal(outbox.peek().some((one) => one.asset === asset.id && !one.refusal) ? "waitsToBeSent" : reason),
    inReview,
    isSentBack: labels.some((label) => label.author.id === who.id && label.isSentBackToQueue),
    labels,
    renewing: setInterval(() => sitting.closedReason.peek() || lockAsset(asset.id).catch(() => {}), RENEWED_MS),
    pins: () => {},
    tab: holdInTab(`${who.id}/${asset.id}`),
    async reloadIssues() {
      sitting.issues.value = (await readLabels(project.id, asset.id, undefined)).issues;
    },
    end() {
      clearInterval(sitting.renewing);
      sitting.pins();
      time.end();
      sitting.tab.end();
      const isUntouched = keeper.answer === null;
      void keeper.keep();
      if (!keeper.isEnded && !keeper.isOnServer && keeper.answer) void keeper.save({ keepalive: true });
      void keeper.end();
      if (isUntouched && !sitting.closedReason.peek()) void letGo(asset.id);
    },
  };
  work.isReadOnly.value = Boolean(sitting.closedReason.peek());
  if (inReview) work.compared.value = answerOf(first);
  sitting.pins = sitting.issues.subscribe((all) => {
    work.pinned.value = new Set(all.filter((one) => one.status === "OPEN" && one.objectMid).map((one) => one.objectMid));
  });
  return sitting;
}

/** Open the sitting's asset with another start. @param {Sitting} sitting @param {import("./start.js").Start} start */
export function restart(sitting, start) {
  sitting.start.value = start;
  sitting.work.selected.value = null;
  sitting.work.edit(answerOf(start));
  if (sitting.inReview) sitting.work.compared.value = answerOf(start);
}

/** Whether the answer is the one it was opened with. @param {Sitting} sitting */
export const isUnchanged = (sitting) => sitting.work.history.before.length === 0 || JSON.stringify(sitting.work.answer.peek()) === JSON.stringify(answerOf(sitting.start.peek()));

/**
 * Hand the answer in. Answers "sent", "waiting" when the server cannot be asked now, or throws the refusal.
 * @param {Sitting} sitting @param {any} project @param {{ warnings?: (all: any[]) => void }} [options]
 * @returns {Promise<"sent" | "waiting">}
 */
export async function submit(sitting, project, options = {}) {
  const who = /** @type {import("../session.js").Person} */ (person.peek());
  const { work, draft, asset } = sitting;
  work.cancelGrowing();
  // An answer that nobody has changed goes back letter by letter.
  const text = isUnchanged(sitting) ? sitting.start.peek().text : JSON.stringify(work.answer.peek());
  work.isReadOnly.value = true;
  draft.suspend();
  draft.answer ??= work.answer.peek();
  draft.isKept = false;
  await draft.keep();
  await draft.saving?.catch(() => {});
  const type = sitting.inReview ? "REVIEW" : "DEFAULT";
  const known = sitting.labels.filter((label) => label.author.id === who.id && label.labelType === type).map((label) => label.id);
  const sending = {
    id: chance(),
    person: who.id,
    project: project.id,
    asset: asset.id,
    externalId: asset.externalId ?? asset.id,
    type: /** @type {"DEFAULT" | "REVIEW"} */ (type),
    text,
    seconds: sitting.time.seconds,
    known,
    madeAt: Date.now(),
    mayBeThere: false,
  };
  const sent = send(sending, options).then(() => /** @type {const} */ ("sent"));
  try {
    const outcome = await Promise.race([sent, firstFailure(sending.id)]);
    if (outcome === "waiting") {
      unhear(sending.id);
      sent.catch(() => {});
    }
    await draft.end({ isDropped: outcome === "sent" });
    sitting.draft.answer = sitting.work.answer.peek();
    return outcome;
  } catch (trouble) {
    work.isReadOnly.value = false;
    draft.resume();
    const { parsedPath } = await import("../domain/problems.js");
    work.refusals.value = trouble.problems.map((problem) => ({ path: parsedPath(problem.path ?? ""), message: problem.message, code: problem.code }));
    throw trouble;
  }
}

/** Resolves when an attempt at a sending has failed and another one is waited for. @param {string} id @returns {Promise<"waiting">} */
function firstFailure(id) {
  return new Promise((resolve) => {
    const end = nextTry.subscribe((at) => {
      if (!at || !outbox.peek().some((one) => one.id === id)) return;
      queueMicrotask(() => end());
      resolve("waiting");
    });
  });
}
