// The label screen: one asset of the queue after the other, or one by its address.
import { batch, html, useEffect, useMemo, useRef, useState } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { label } from "../messages/en-label.js";
import { Empty, Late, loadLate, Loading, Missing, TroubleBox } from "../parts/asked.js";
import { announce, notify, notifyTrouble } from "../parts/notice.js";
import { style } from "../ahead.js";
import { go, guardLeaving } from "../router.js";
import { person } from "../session.js";
import { readProject, readProjectFor } from "../api/project.js";
import { lockAsset, nextAsset, readAsset } from "../api/label.js";
import { interfaceOf } from "../domain/interface.js";
import { ImageStage } from "./image.js";
import { Jobs } from "./panel.js";
import { Bar } from "./bar.js";
import { focusJob, focusProblem, listenToKeys } from "./focus.js";
import { isUnchanged, sit, submit } from "./sitting.js";

addMessages(label);
await style(new URL("./screen.css", import.meta.url));

const SELECTED = () => import("./selected.js");
/** Not needed for the first picture: loaded when it is there, or as soon as they are shown. */
const LATER = {
  closed: () => import("./closed.js"),
  dialogs: () => import("./dialogs.js"),
  dropdown: () => import("./dropdown.js"),
  handles: () => import("../domain/handles.js"),
  issues: () => import("./issues.js"),
  looks: () => import("./looks.js"),
  objects: () => import("./objects.js"),
  problems: () => import("../domain/problems.js"),
  problemList: () => import("./problems.js"),
  rotation: () => import("../domain/rotation.js"),
  selected: SELECTED,
  starts: () => import("./starts.js"),
};
const LATER_MS = 300;
const LOOK_AGAIN_MS = 30_000;
const REVIEWERS = new Set(["ADMIN", "TEAM_MANAGER", "REVIEWER"]);

/** What stays from one asset to the next: the armed class, the assets that were open. */
const lasting = { armed: /** @type {any} */ (null), project: "", visited: /** @type {string[]} */ ([]) };

export default function Screen({ name, params, query }) {
  const [state, setState] = useState(/** @type {any} */ ({ kind: "loading" }));
  const [dialog, setDialog] = useState(/** @type {string | null} */ (null));
  const [isBusy, setBusy] = useState(false);
  const stage = useRef(/** @type {any} */ (null));
  const project = useRef(/** @type {any} */ (null));
  const abort = useRef(new AbortController());
  const sitting = state.sitting ?? null;
  const inQueue = name !== "asset";
  const isTaken = query.get("review") !== null;

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
      const mayReview = REVIEWERS.has(project.current.role);
      const inReview = name === "review" || (given !== null && mayReview && (isTaken || ["TO_REVIEW", "REVIEWED", "LABELED"].includes(asset.status)));
      const isText = project.current.inputType === "TEXT";
      const viewer = isText ? await import("./text.js") : null;
      const content = viewer ? await viewer.textOf(asset, signal) : asset.content;
      const next = await sit({ project: project.current, all: project.current.all, asset, inReview, armed: lasting.armed, reason: inReview && reason === "AlreadyHaveLabelOnCurrentStep" ? "" : reason, signal });
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
  }, [name, params.project, params.asset, isTaken]);

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
    sitting.work.onDrawn = () => loadLate(SELECTED).then(() => requestAnimationFrame(() => requestAnimationFrame(() => focusJob(sitting.work))), notifyTrouble);
    const remember = sitting.work.armed.subscribe((armed) => (lasting.armed = armed));
    requestAnimationFrame(() => document.querySelector(".stage, .text-content")?.focus?.({ preventScroll: true }));
    // Without a network they could not be had when they are needed.
    const later = setTimeout(() => Object.values(LATER).forEach((load) => loadLate(load).catch(() => {})), LATER_MS);
    return () => {
      clearTimeout(later);
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
      work.check.value = (await LATER.problems()).problemsOf;
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
    reopen: () => open(),
    takeForReview: () => go(`/projects/${params.project}/assets/${sitting.asset.id}?review=1`),
    help: () => setDialog("help"),
    instructions: () => setDialog("instructions"),
    async sendBack() {
      setBusy(true);
      try {
        const { sendBack } = await LATER.starts();
        if (!(await sendBack(sitting, params.project))) return;
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
    return html`<${Late} load=${LATER.closed} part="Closed" reason=${state.reason} next=${actions.nextAsset} />`;
  }
  if (state.kind === "none") return html`<${Late} load=${LATER.closed} part="Nothing" project=${project.current} inReview=${name === "review"} again=${() => open()} />`;
  if (!sitting) return html`<div class="label-around"><${Loading} /></div>`;

  const { work } = sitting;
  const isChanged = work.answer.value !== work.history.before[0]?.answer && !isUnchanged(sitting);
  const openIssues = new Set(sitting.issues.value.filter((one) => one.status === "OPEN" && one.objectMid).map((one) => one.objectMid));
  const mayTake = REVIEWERS.has(project.current.role) && !sitting.inReview && sitting.labels.some(({ labelType, author }) => labelType === "DEFAULT" && author.id !== person.peek()?.id);
  const issueType = REVIEWERS.has(project.current.role) && sitting.inReview ? "ISSUE" : "QUESTION";
  return html`
    <div class="label-screen" style=${{ "--panel": `${Math.round(project.current.all.width * 100)}vw` }}>
      <${Bar} sitting=${sitting} project=${project.current} actions=${actions} isBusy=${isBusy} isChanged=${isChanged} maySkip=${maySkip()} mayTake=${mayTake} issueType=${issueType} />
      ${
        sitting.closedReason.value
          ? html`<${Late} load=${LATER.closed} part="ClosedBar" reason=${sitting.closedReason.value} sitting=${sitting} project=${project.current} actions=${actions} />`
          : work.problems.value.length + work.refusals.value.length > 0 && html`<${Late} load=${LATER.problemList} part="Problems" work=${work} />`
      }
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
        ${hasChoice(sitting) && html`<${Late} load=${LATER.starts} part="Starts" sitting=${sitting} />`}
        ${sitting.inReview && html`<${Late} load=${LATER.starts} part="Changes" work=${work} />`}
        ${sitting.isSentBack && html`<p class="banner">${text("label.sentBack")}</p>`}
        ${sitting.issues.value.length > 0 && html`<${Late} load=${LATER.issues} part="Issues" issues=${sitting.issues.value} work=${work} inReview=${sitting.inReview} reload=${sitting.reloadIssues} />`}
        ${work.current.value && html`<${Late} load=${SELECTED} part="Selected" work=${work} />`}
        <${Jobs} work=${work} />
        ${work.objects.value.length > 0 && html`<${Late} load=${LATER.objects} part="ObjectList" work=${work} openIssues=${openIssues} />`}
        <div class="actions narrow-only">
          ${(project.current.instructions || sitting.asset.instructions) && html`<button type="button" onClick=${actions.instructions}>${text("label.instructions")}</button>`}
          ${mayTake && html`<button type="button" onClick=${actions.takeForReview}>${text("label.takeForReview")}</button>`}
          <button type="button" onClick=${actions.question}>${text(`issue.do.${issueType}`)}</button>
          ${!sitting.inReview && maySkip() && html`<button type="button" disabled=${Boolean(sitting.closedReason.value)} onClick=${actions.skip}>${text("label.skip")}</button>`}
        </div>
      </aside>
      ${
        dialog === "skip" &&
        html`<${Late}
          load=${LATER.dialogs}
          part="SkipDialog"
          onClose=${() => setDialog(null)}
          project=${params.project}
          asset=${sitting.asset.id}
          onSkipped=${async () => {
            await sitting.draft.end({ isDropped: true });
            setDialog(null);
            notify(text("label.skipped"));
            await next([sitting.asset.id]);
          }}
        />`
      }
      ${dialog === "instructions" && html`<${Late} load=${LATER.dialogs} part="InstructionsDialog" words=${[project.current.instructions, sitting.asset.instructions].filter(Boolean)} onClose=${() => setDialog(null)} />`}
      ${dialog === "help" && html`<${Late} load=${LATER.dialogs} part="HelpDialog" onClose=${() => setDialog(null)} />`}
      ${
        dialog === "issue" &&
        html`<${Late}
          load=${LATER.issues}
          part="IssueDialog"
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

/** Whether there is more than one answer to begin with. */
const hasChoice = ({ starts, inReview }) => starts.filter((one) => one.kind === "prediction" || (inReview && one.kind === "review")).length > (inReview ? 1 : 0);

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
