// The label screen: one asset of the queue after the other, or one by its address.
import { batch, html, useEffect, useMemo, useRef, useState } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { label } from "../messages/en-label.js";
import { Empty, Loading, Missing, TroubleBox } from "../parts/asked.js";
import { announce, notify, notifyTrouble } from "../parts/notice.js";
import { confirm } from "../parts/dialog.js";
import { style } from "../parts/style.js";
import { go, guardLeaving, Link } from "../router.js";
import { person } from "../session.js";
import { readProject, readProjectFor } from "../api/project.js";
import { fetchText, lockAsset, nextAsset, readAsset, sendBack, skipAsset } from "../api/label.js";
import { changesOf } from "../domain/answer.js";
import { interfaceOf } from "../domain/interface.js";
import { contentSource, ImageStage } from "./image.js";
import { Jobs, Selected } from "./panel.js";
import { ObjectList } from "./objects.js";
import { IssueDialog, Issues } from "./issues.js";
import { Bar, Problems } from "./bar.js";
import { HelpDialog, InstructionsDialog, SkipDialog } from "./dialogs.js";
import { focusJob, focusProblem, listenToKeys } from "./focus.js";
import { isUnchanged, restart, sit, submit } from "./sitting.js";

addMessages(label);
await style(new URL("./screen.css", import.meta.url));

const LOOK_AGAIN_MS = 30_000;
const REVIEWERS = new Set(["ADMIN", "TEAM_MANAGER", "REVIEWER"]);

/** What stays from one asset to the next: the armed class, the assets that were open. */
const lasting = { armed: /** @type {any} */ (null), project: "", visited: /** @type {string[]} */ ([]) };

export default function Screen({ name, params }) {
  const [state, setState] = useState(/** @type {any} */ ({ kind: "loading" }));
  const [dialog, setDialog] = useState(/** @type {string | null} */ (null));
  const [isBusy, setBusy] = useState(false);
  const stage = useRef(/** @type {any} */ (null));
  const project = useRef(/** @type {any} */ (null));
  const abort = useRef(new AbortController());
  const sitting = state.sitting ?? null;
  const inQueue = name !== "asset";

  /** Open an asset that is given, or the next of the queue. */
  const open = async ({ left = [], given = params.asset ?? null } = {}) => {
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    setState({ kind: "loading", sitting: null });
    try {
      if (project.current?.id !== params.project) {
        const who = /** @type {import("../session.js").Person} */ (person.peek());
        const found = await readProjectFor(params.project, who, signal);
        if (!found) return setState({ kind: "missing" });
        project.current = { ...found.project, role: found.role, all: interfaceOf(found.project.jsonInterface, found.project.inputType) };
        if (lasting.project !== params.project) Object.assign(lasting, { project: params.project, armed: null, visited: [] });
      }
      document.title = `${project.current.title} · labelyard`;
      const reason = given ? await taken(given, signal) : "";
      const asset = given ? await readAsset(params.project, given, signal) : await nextAsset(params.project, name === "review", left, signal);
      if (signal.aborted) return;
      // Of an asset that one may not see, no more is said than that somebody has it open.
      if (!asset && reason === "AssetAlreadyLocked") return setState({ kind: "closed", reason });
      if (!asset) return setState({ kind: given ? "missing" : "none" });
      const inReview = name === "review" || (given !== null && REVIEWERS.has(project.current.role) && ["TO_REVIEW", "REVIEWED", "LABELED"].includes(asset.status));
      const isText = project.current.inputType === "TEXT";
      const [content, viewer] = isText ? await Promise.all([textOf(asset, signal), import("./text.js")]) : [asset.content, null];
      const next = await sit({ project: project.current, all: project.current.all, asset, inReview, armed: lasting.armed, reason, signal });
      if (signal.aborted) return next.end();
      if (lasting.visited.at(-1) !== asset.id) lasting.visited.push(asset.id);
      setState({ kind: "open", sitting: next, content, Viewer: viewer?.TextStage ?? null });
      announce(text("label.opened", { name: asset.externalId ?? "" }));
    } catch (trouble) {
      if (signal.aborted || trouble?.name === "AbortError") return;
      if (trouble.code === "NOT_FOUND") setState({ kind: "missing" });
      else setState({ kind: "trouble", trouble });
    }
  };

  useEffect(() => {
    open();
    return () => abort.current.abort();
  }, [name, params.project, params.asset]);

  // The end of a sitting, however the screen is left.
  useEffect(() => {
    if (!sitting) return;
    const unguard = guardLeaving(async () => {
      await sitting.draft.keep();
      return true;
    });
    const closed = (reason) =>
      batch(() => {
        sitting.closedReason.value = reason;
        sitting.work.isReadOnly.value = Boolean(reason);
      });
    const hold = sitting.tab.isElsewhere.subscribe((isElsewhere) => {
      if (isElsewhere) closed("otherTab");
      else if (sitting.closedReason.peek() === "otherTab") closed("");
    });
    sitting.work.onDrawn = () => requestAnimationFrame(() => focusJob(sitting.work));
    const remember = sitting.work.armed.subscribe((armed) => (lasting.armed = armed));
    requestAnimationFrame(() => document.querySelector(".stage, .text-content")?.focus?.({ preventScroll: true }));
    return () => {
      unguard();
      hold();
      remember();
      sitting.end();
    };
  }, [sitting]);

  // An interface that somebody changes meanwhile.
  useEffect(() => {
    if (!sitting) return;
    const look = async () => {
      if (document.visibilityState !== "visible") return;
      const found = await readProject(params.project).catch(() => null);
      if (!found || found.jsonInterface === project.current.jsonInterface) return;
      takeUp(found);
    };
    const timer = setInterval(look, LOOK_AGAIN_MS);
    addEventListener("focus", look);
    return () => {
      clearInterval(timer);
      removeEventListener("focus", look);
    };
  }, [sitting]);
  const takeUp = (found) => {
    project.current = { ...project.current, ...found, all: interfaceOf(found.jsonInterface, found.inputType) };
    sitting.work.all.value = project.current.all;
    notify(text("label.interfaceChanged"));
  };

  // An empty queue is looked at again.
  useEffect(() => {
    if (state.kind !== "none") return;
    const timer = setInterval(() => document.visibilityState === "visible" && open(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [state.kind]);

  const next = (left) => (inQueue ? open({ left, given: null }) : go(`/projects/${params.project}/${sitting?.inReview ? "review" : "label"}`, { isGuarded: false }));

  const actions = useMemo(() => ({}), []);
  Object.assign(actions, {
    async submit() {
      if (!sitting || isBusy || sitting.closedReason.peek()) return;
      const { work } = sitting;
      work.isChecked.value = true;
      const [problem] = work.problems.value;
      if (problem) {
        announce(text("problem.count", { count: work.problems.value.length }));
        focusProblem(work, problem);
        return;
      }
      setBusy(true);
      try {
        const outcome = await submit(sitting, project.current, { warnings: (all) => all.length && notify(text("label.warnings", { words: all.map((one) => one.message).join(" ") })) });
        announce(text(outcome === "sent" ? "label.sent" : "label.waits"));
        if (outcome === "waiting") notify(text("label.waits"));
        await next([sitting.asset.id]);
      } catch (trouble) {
        if (trouble.problems.some(({ code }) => /^(UNKNOWN|CHILD)_/.test(code))) {
          const found = await readProject(params.project).catch(() => null);
          if (found) takeUp(found);
        }
        if (trouble.context?.reason) sitting.closedReason.value = trouble.context.reason;
        notifyTrouble(trouble);
        const [refusal] = work.refusals.value;
        if (refusal) focusProblem(work, { path: refusal.path, object: work.objectAt(refusal.path) });
      } finally {
        setBusy(false);
      }
    },
    skip() {
      if (sitting && !sitting.closedReason.peek() && maySkip()) setDialog("skip");
    },
    question() {
      if (sitting) setDialog("issue");
    },
    help: () => setDialog("help"),
    instructions: () => setDialog("instructions"),
    async sendBack() {
      const hasOpen = sitting.issues.peek().some((one) => one.status === "OPEN" && one.type === "ISSUE");
      if (!hasOpen && !(await confirm({ title: text("review.withoutIssue"), text: text("review.withoutIssueText"), action: text("review.sendBack") }))) return;
      setBusy(true);
      try {
        await sendBack(params.project, sitting.asset.id);
        await sitting.draft.end({ isDropped: true });
        notify(text("review.sentBack"));
        await next([sitting.asset.id]);
      } catch (trouble) {
        notifyTrouble(trouble);
      } finally {
        setBusy(false);
      }
    },
    nextAsset() {
      if (inQueue && sitting) open({ left: [sitting.asset.id], given: null });
      else go(`/projects/${params.project}/label`);
    },
    previousAsset() {
      const place = lasting.visited.lastIndexOf(sitting?.asset.id ?? "");
      const before = lasting.visited[(place < 0 ? lasting.visited.length : place) - 1];
      if (before) go(`/projects/${params.project}/assets/${before}`);
    },
  });
  const maySkip = () => project.current?.canSkipAsset !== false || REVIEWERS.has(project.current?.role);

  useEffect(() => (sitting ? listenToKeys(sitting.work, () => stage.current, actions) : undefined), [sitting]);

  if (state.kind === "missing") return html`<div class="label-around"><${Missing} /></div>`;
  if (state.kind === "trouble") return html`<div class="label-around"><${TroubleBox} trouble=${state.trouble} again=${() => open()} /></div>`;
  if (state.kind === "closed") {
    return html`<div class="label-around">
      <${Empty} title=${text(`reason.${state.reason}`)} action=${html`<div class="actions"><button type="button" class="primary" onClick=${actions.nextAsset}>${text("label.next")}</button></div>`} />
    </div>`;
  }
  if (state.kind === "none") return html`<${Nothing} project=${project.current} inReview=${name === "review"} again=${() => open()} />`;
  if (!sitting) return html`<div class="label-around"><${Loading} /></div>`;

  const { work } = sitting;
  const isChanged = work.answer.value !== work.history.before[0]?.answer && !isUnchanged(sitting);
  const openIssues = new Set(sitting.issues.value.filter((one) => one.status === "OPEN" && one.objectMid).map((one) => one.objectMid));
  const issueType = REVIEWERS.has(project.current.role) && sitting.inReview ? "ISSUE" : "QUESTION";
  return html`
    <div class="label-screen" style=${{ "--panel": `${Math.round(project.current.all.width * 100)}vw` }}>
      <${Bar} sitting=${sitting} project=${project.current} actions=${actions} isBusy=${isBusy} isChanged=${isChanged} maySkip=${maySkip()} issueType=${issueType} />
      <${Problems} sitting=${sitting} actions=${actions} />
      <div class="label-stage">
        ${
          project.current.inputType === "IMAGE" || project.current.inputType === "GEOSPATIAL"
            ? html`<${ImageStage} key=${sitting.asset.id} work=${work} content=${state.content} onStage=${(one) => (stage.current = one)} />`
            : state.Viewer
              ? html`<${state.Viewer} key=${sitting.asset.id} work=${work} content=${state.content} />`
              : html`<${Empty} title=${text("label.noViewer", { type: project.current.inputType })}>${text("label.noViewerText")}<//>`
        }
      </div>
      <aside class="label-panel" aria-label=${text("label.panel")}>
        <${Starts} sitting=${sitting} />
        ${sitting.inReview && html`<${Changes} work=${work} />`}
        ${sitting.isSentBack && html`<p class="banner">${text("label.sentBack")}</p>`}
        <${Issues} issues=${sitting.issues.value} work=${work} inReview=${sitting.inReview} mayAct=${true} reload=${sitting.reloadIssues} />
        <${Selected} work=${work} />
        <${Jobs} work=${work} />
        <${ObjectList} work=${work} openIssues=${openIssues} />
        <div class="actions narrow-only">
          <button type="button" onClick=${actions.question}>${text(`issue.do.${issueType}`)}</button>
          ${!sitting.inReview && maySkip() && html`<button type="button" disabled=${Boolean(sitting.closedReason.value)} onClick=${actions.skip}>${text("label.skip")}</button>`}
        </div>
      </aside>
      ${
        dialog === "skip" &&
        html`<${SkipDialog}
          onClose=${() => setDialog(null)}
          onSkip=${async (reason) => {
            await skipAsset(params.project, sitting.asset.id, reason);
            await sitting.draft.end({ isDropped: true });
            setDialog(null);
            notify(text("label.skipped"));
            await next([sitting.asset.id]);
          }}
        />`
      }
      ${dialog === "instructions" && html`<${InstructionsDialog} words=${[project.current.instructions, sitting.asset.instructions].filter(Boolean)} onClose=${() => setDialog(null)} />`}
      ${dialog === "help" && html`<${HelpDialog} onClose=${() => setDialog(null)} />`}
      ${
        dialog === "issue" &&
        html`<${IssueDialog}
          type=${issueType}
          project=${params.project}
          asset=${sitting.asset.id}
          label=${issueType === "ISSUE" ? sitting.start.value.label?.id ?? null : null}
          object=${work.current.value}
          onClose=${() => setDialog(null)}
          onDone=${sitting.reloadIssues}
        />`
      }
    </div>
  `;
}

/** Take an asset that was opened by its address. Answers why it cannot be changed, empty when it can. */
async function taken(asset, signal) {
  try {
    await lockAsset(asset, signal);
    return "";
  } catch (trouble) {
    if (trouble.context?.reason) return trouble.context.reason;
    if (trouble.kind === "refused" && trouble.code !== "NOT_FOUND") return "AssetLockedNoReason";
    if (trouble.code === "NOT_FOUND") return "";
    throw trouble;
  }
}

/** The text of an asset of a text project: given inline, or kept as a file. */
async function textOf(asset, signal) {
  const source = contentSource(asset.content);
  if (!/^https?:\/\//.test(asset.content) || asset.content.includes("\n")) return asset.content;
  if (!source.url) return text("label.otherHost", { host: source.refusedHost });
  return (await fetchText(source.url, signal)).replace(/\r\n?/g, (one) => one);
}

/** Which answer the screen has opened with, where there is a choice. */
function Starts({ sitting }) {
  const { starts, start, work } = sitting;
  const offered = starts.filter((one) => one.kind === "review" || one.kind === "prediction");
  if (sitting.inReview ? offered.length < 2 : !offered.some((one) => one.kind === "prediction")) return null;
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
            ${one.kind === "prediction" ? one.name || text("label.prediction") : `${one.name} · ${text(`type.${one.label.labelType}`)}`}
          </button>`,
        )}
      </div>
    </section>
  `;
}

/** What a reviewer has changed. */
function Changes({ work }) {
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

/** The queue is empty. */
function Nothing({ project, inReview, again }) {
  return html`
    <div class="label-around">
      <h1 class="unseen">${project?.title ?? ""}</h1>
      <${Empty}
        title=${text(inReview ? "queue.nothingToReview" : "queue.nothing")}
        action=${html`<div class="actions">
          <button type="button" class="primary" onClick=${again}>${text("queue.again")}</button>
          <${Link} class="button" to=${`/projects/${project?.id ?? ""}`}>${text("queue.back")}<//>
        </div>`}
      >${text("queue.nothingText")}<//>
    </div>
  `;
}

