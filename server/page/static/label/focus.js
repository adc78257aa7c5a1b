// Where the focus goes, and what keys do on the label screen.
import { chosenKeys, at, choose } from "../domain/answer.js";
import { takesSeveral } from "../domain/interface.js";
import { preference } from "../preferences.js";
import { actionOf, categoryKeys, digitOf, keyOf, takesText } from "./keys.js";
import { placeOf, pressClass } from "./panel.js";

const CONTROL = "input:not(:disabled):not([tabindex='-1']), textarea:not(:disabled), select:not(:disabled), button:not(:disabled):not([tabindex='-1'])";
/** Objects that were copied, for this and later assets of the project. @type {{ job: string, annotation: any }[]} */
let copied = [];

/** Focus the first nested job of the selected object, the required one before others. @param {import("./work.js").Work} work */
export function focusJob(work) {
  const current = work.current.peek();
  if (!current) return;
  const panel = document.querySelector(".selected");
  if (!panel || !work.opensJobs) return;
  const jobs = [...panel.querySelectorAll("[data-job]")];
  const required = jobs.find((one) => work.all.peek().jobs.get(/** @type {HTMLElement} */ (one).dataset.job ?? "")?.isRequired);
  focusIn(required ?? jobs[0]);
}

/** @param {Element | null | undefined} element */
function focusIn(element) {
  const control = element?.querySelector(CONTROL) ?? null;
  if (!(control instanceof HTMLElement)) return;
  const checked = element?.querySelector("input:checked");
  const target = checked instanceof HTMLElement ? checked : control;
  target.focus();
  element?.scrollIntoView({ block: "nearest" });
}

/** Go to a problem: its object is selected, its job gets the focus. @param {import("./work.js").Work} work @param {{ path: (string | number)[], object: string | null }} problem */
export function focusProblem(work, problem) {
  if (problem.object) work.selected.value = problem.object;
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const elements = [...document.querySelectorAll("[data-place]")];
      for (let length = problem.path.length; length > 0; length--) {
        const place = placeOf(problem.path.slice(0, length));
        const found = elements.find((one) => /** @type {HTMLElement} */ (one).dataset.place === place);
        if (found) return focusIn(found);
      }
    }),
  );
}

/**
 * Listen to keys until the answered function is called.
 * @param {import("./work.js").Work} work @param {() => any} stageOf the stage of a picture, null for others
 * @param {Record<string, any>} actions
 */
export function listenToKeys(work, stageOf, actions) {
  let skipTimer = 0;
  const onKeyDown = (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const key = keyOf(event);
    const stage = stageOf();
    const isText = takesText(event.target);
    const action = actionOf(key);
    if (action === "submit" || (key === "Enter" && preference("enterSubmits", false) && !isText && !isPressed(event.target))) {
      event.preventDefault();
      if (!event.repeat) actions.submit();
      return;
    }
    if (isText) {
      // Undo of the answer knows the steps of texts, too.
      if (action === "undo" || action === "redo") {
        event.preventDefault();
        work[action]();
      } else if (key === "Escape") /** @type {HTMLElement} */ (event.target).blur();
      return;
    }
    if (pressCategory(work, event) || moveByArrows(work, stage, event)) {
      event.preventDefault();
      return;
    }
    if (key === "Enter" && stage && !isPressed(event.target) && stage.tools.enter()) {
      event.preventDefault();
      return;
    }
    if (event.key === " " && stage && !isPressed(event.target)) {
      stage.tools.isPanKeyHeld = true;
      event.preventDefault();
      return;
    }
    if (!action) return;
    if (run(action, event, stage) !== false) event.preventDefault();
  };

  /** @returns {boolean | void} false when the browser should do what it does */
  const run = (action, event, stage) => {
    switch (action) {
      case "undo":
      case "redo":
        return work[action]();
      case "escape":
        if (stage?.tools.cancel()) return;
        if (work.selected.peek()) work.selected.value = null;
        else work.disarm();
        return void stageElement()?.focus({ preventScroll: true });
      case "remove":
        if (work.growing.peek()) return work.shrink();
        if (stage?.tools.removePoint()) return;
        return work.remove();
      case "next":
        work.selectNext(1);
        return reveal(stage);
      case "previous":
        work.selectNext(-1);
        return reveal(stage);
      case "hide":
        if (work.selected.peek()) work.toggleHidden(work.selected.peek());
        return;
      case "hideAll":
        return work.toggleHidden("*");
      case "fit":
        return stage?.fit();
      case "turn":
        return stage && work.turn();
      case "copy": {
        if (String(getSelection() ?? "")) return false;
        const current = work.current.peek();
        if (current) copied = [{ job: current.job.name, annotation: current.annotation }];
        return;
      }
      case "paste":
        if (copied.length) work.paste(copied);
        return;
      case "skip":
        if (!event.repeat) skipTimer = setTimeout(() => actions.skip(), 500);
        return;
      case "select":
        return work.disarm();
      case "rectangle":
      case "polygon":
      case "marker":
      case "polyline":
      case "vector":
        return armTool(work, action);
      default:
        return actions[action]?.();
    }
  };

  const onKeyUp = (event) => {
    if (event.key === " " && stageOf()) stageOf().tools.isPanKeyHeld = false;
    if (actionOf(keyOf(event)) === "skip") clearTimeout(skipTimer);
  };
  document.addEventListener("keydown", onKeyDown);
  document.addEventListener("keyup", onKeyUp);
  return () => {
    clearTimeout(skipTimer);
    document.removeEventListener("keydown", onKeyDown);
    document.removeEventListener("keyup", onKeyUp);
  };
}

/** Whether Enter and Space mean something to an element by themselves. */
const isPressed = (target) => target instanceof Element && target.closest("button, a, summary, input, [role='option'], .text-content") !== null;
const stageElement = () => /** @type {HTMLElement | null} */ (document.querySelector(".stage, .text-content"));

/** Arm a tool: of the armed job if it has it, else of the first job that does. */
function armTool(work, tool) {
  const armed = work.armed.peek();
  const all = [...work.all.peek().jobs.values()].filter((job) => job.kind === "objects" && !job.isHidden && job.tools.includes(tool));
  const job = all.find((one) => one.name === armed?.job) ?? all[0];
  if (job) work.arm(job.name, armed?.job === job.name ? armed.category : job.categories[0].key, tool);
}

/** The job of the focus: the one that the focused element is in, else the armed one, else the first. @returns {{ job: any, path: (string | number)[] } | null} */
function focusedJob(work) {
  const section = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-job]"));
  const name = section?.dataset.job ?? work.armed.peek()?.job ?? work.all.peek().roots.find((job) => ["objects", "entities", "choice"].includes(job.kind))?.name;
  const job = work.all.peek().jobs.get(name);
  if (!job) return null;
  const path = section?.dataset.place?.split("\u0001").map((part) => (/^\d+$/.test(part) ? Number(part) : part)) ?? [job.name];
  return { job, path };
}

/** Press the class or choice of a key. @returns {boolean} */
function pressCategory(work, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || work.isReadOnly.peek()) return false;
  const digit = digitOf(event);
  const key = digit ?? (event.key.length === 1 ? event.key.toLowerCase() : null);
  if (!key) return false;
  const focused = focusedJob(work);
  if (!focused) return false;
  const { job, path } = focused;
  const category = job.categories.find((one) => categoryKeys(job).get(one.key) === key && (digit !== null || !event.shiftKey));
  if (!category) return false;
  if (job.kind === "objects" || job.kind === "entities") pressClass(work, job, category.key);
  else if (job.kind === "choice") {
    const isChosen = chosenKeys(at(work.answer.peek(), path)).includes(category.key);
    if (isChosen && !takesSeveral(job) && job.isRequired) return true;
    work.edit(choose(work.history.now.answer, path, job, category.key, !isChosen));
    // The focus goes along, so that Tab leads to what the choice opens.
    const section = [...document.querySelectorAll("[data-place]")].find((one) => /** @type {HTMLElement} */ (one).dataset.place === placeOf(path));
    /** @type {HTMLElement | undefined} */ ([...(section?.querySelectorAll("input[data-category]") ?? [])].find((one) => one.dataset.category === category.key))?.focus();
  } else return false;
  return true;
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Arrows move the selected object, or the cross of the armed tool. @returns {boolean} */
function moveByArrows(work, stage, event) {
  const by = ARROWS[event.key];
  if (!by || !stage?.isReady || (event.target instanceof Element && event.target.closest("input, [role='option'], .classes, .object-list, .choices"))) return false;
  const step = event.ctrlKey || event.metaKey ? 100 : event.shiftKey ? 10 : 1;
  const [dx, dy] = [by[0] * step, by[1] * step];
  const { width, height } = stage.natural;
  const isDrawing = work.growing.peek() || stage.tools.corner;
  if (work.current.peek() && !isDrawing) {
    if (event.altKey) work.resize(dx / width, dy / height);
    else work.nudge(dx / width, dy / height);
    return true;
  }
  if (!work.armed.peek()) {
    stage.pan(-dx * 4, -dy * 4);
    return true;
  }
  stage.tools.moveCursor(dx, dy);
  return true;
}

/** Bring the selected object into view. */
function reveal(stage) {
  const chosen = stage?.chosen;
  if (chosen) stage.reveal(chosen.box);
}
