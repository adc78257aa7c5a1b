// What one person does with one asset: the answer, what is selected, which tool is armed. No requests, no elements.
import { batch, computed, signal } from "@preact/signals";
import { addObject, changeObject, newMid, objectsOf, reclassify, removeObject } from "../domain/answer.js";
import { childrenOf } from "../domain/interface.js";
import { geometryOf, heldInside, boxOf, moved, shapeOf } from "../domain/geometry.js";
import { History } from "../domain/history.js";

/**
 * @typedef {import("../domain/answer.js").Answer} Answer
 * @typedef {import("../domain/answer.js").Path} Path
 * @typedef {import("../domain/geometry.js").Point} Point
 * @typedef {{ job: string, category: string, tool: string }} Armed a class, and the tool that draws it
 * @typedef {{ job: string, category: string, tool: string, points: Point[] }} Growing a line or area that is being drawn
 * @typedef {{ answer: Answer, growing: Growing | null }} State
 */

export class Work {
  /**
   * @param {{ all: import("../domain/interface.js").Interface, asset: any, start: Answer, isReadOnly?: boolean, armed?: Armed | null, now?: () => number }} given
   */
  constructor({ all, asset, start, isReadOnly = false, armed = null, now = () => performance.now() }) {
    this.all = signal(all);
    this.asset = asset;
    this.isReadOnly = signal(isReadOnly);
    this.now = now;
    /** @type {History<State>} */
    this.history = new History({ answer: start, growing: null });
    this.state = signal(this.history.now);
    this.answer = computed(() => this.state.value.answer);
    this.growing = computed(() => this.state.value.growing);
    this.objects = computed(() => objectsOf(this.answer.value, this.all.value));
    /** The id of the selected object. */
    this.selected = signal(/** @type {string | null} */ (null));
    this.current = computed(() => this.objects.value.find((one) => one.id === this.selected.value) ?? null);
    this.armed = signal(/** @type {Armed | null} */ (armed));
    /** Mids and places that are not shown on the stage; `*` is everything. */
    this.hidden = signal(/** @type {ReadonlySet<string>} */ (new Set()));
    /** Says what is wrong with an answer, from when the person has asked to submit. @type {import("@preact/signals").Signal<((answer: Answer, all: any) => any[]) | null>} */
    this.check = signal(null);
    /** Mids of objects with an open issue. */
    this.pinned = signal(/** @type {ReadonlySet<string>} */ (new Set()));
    /** The answer under review, which changes are outlined against. @type {import("@preact/signals").Signal<Answer | null>} */
    this.compared = signal(null);
    this.refusals = signal(/** @type {{ path: Path, message: string, code: string }[]} */ ([]));
    this.problems = computed(() => this.check.value?.(this.answer.value, this.all.value) ?? []);
    /** Called with the answer after each change. @type {((answer: Answer) => void) | null} */
    this.onChange = null;
    /** Called with the id of an object that has just been drawn. @type {((id: string) => void) | null} */
    this.onDrawn = null;
  }

  /** @param {Answer} answer @param {string} [group] steps of a group within a second are one */
  edit(answer, group = "") {
    if (this.isReadOnly.peek()) return;
    this.step({ ...this.history.now, answer }, group);
  }

  /** @param {State} next @param {string} [group] */
  step(next, group = "") {
    const before = this.history.now.answer;
    if (next.answer === before && next.growing === this.history.now.growing) return;
    this.history.take(next, group, this.now());
    this.show(before);
  }

  /** @param {Answer} before */
  show(before) {
    batch(() => {
      this.state.value = this.history.now;
      if (this.history.now.answer === before) return;
      this.refusals.value = [];
      if (this.selected.peek() && !this.objects.value.some((one) => one.id === this.selected.peek())) this.selected.value = null;
    });
    if (this.history.now.answer !== before) this.onChange?.(this.history.now.answer);
  }

  undo() {
    const before = this.history.now.answer;
    if (!this.isReadOnly.peek() && this.history.undo()) this.show(before);
  }

  redo() {
    const before = this.history.now.answer;
    if (!this.isReadOnly.peek() && this.history.redo()) this.show(before);
  }

  // Drawing.

  /** Choose a class to draw with; the tool stays when the job has it. @param {string} job @param {string} category @param {string} [tool] */
  arm(job, category, tool) {
    const found = this.all.peek().jobs.get(job);
    if (!found) return;
    const before = this.armed.peek();
    const wanted = tool ?? (before && found.tools.includes(before.tool) ? before.tool : found.tools[0] ?? "");
    this.cancelGrowing();
    this.armed.value = { job, category, tool: wanted };
  }

  /** The select tool. */
  disarm() {
    this.cancelGrowing();
    this.armed.value = null;
  }

  cancelGrowing() {
    if (!this.history.now.growing) return;
    // Taken back point by point it stays in the steps, so that it can be had again.
    this.step({ ...this.history.now, growing: null });
  }

  /** Add a point to what is being drawn. @param {Point} point */
  grow(point) {
    const armed = this.armed.peek();
    if (!armed || this.isReadOnly.peek()) return;
    const growing = this.history.now.growing ?? { ...armed, points: [] };
    this.step({ ...this.history.now, growing: { ...growing, points: [...growing.points, point] } });
  }

  /** Take the last point back. */
  shrink() {
    const growing = this.history.now.growing;
    if (!growing) return;
    const points = growing.points.slice(0, -1);
    this.step({ ...this.history.now, growing: points.length ? { ...growing, points } : null });
  }

  /** End what is being drawn, when it has points enough. @returns {boolean} */
  close() {
    const growing = this.history.now.growing;
    if (!growing) return false;
    if (growing.points.length < (growing.tool === "polygon" ? 3 : 2)) return false;
    const before = this.history.now.answer;
    // In place of the step of the last point: taking it back leaves what was there before that point.
    this.history.now = { answer: this.withObject(growing.job, growing.category, growing.tool, growing.points), growing: null };
    this.history.after = [];
    this.show(before);
    this.selectLast(growing.job);
    return true;
  }

  /** Add an object of the armed class. @param {Point[]} points */
  draw(points) {
    const armed = this.armed.peek();
    if (!armed || this.isReadOnly.peek()) return;
    this.step({ answer: this.withObject(armed.job, armed.category, armed.tool, points), growing: null });
    this.selectLast(armed.job);
  }

  /** @param {string} job @param {string} category @param {string} tool @param {Point[]} points */
  withObject(job, category, tool, points) {
    return addObject(this.history.now.answer, job, { children: {}, ...geometryOf(tool, points), categories: [{ name: category }], mid: this.mid(), type: tool });
  }

  /** Add an entity. @param {string} job @param {string} category @param {{ beginOffset: number, endOffset: number, content: string }[]} spans */
  addEntities(job, category, spans) {
    let answer = this.history.now.answer;
    for (const { beginOffset, endOffset, content } of spans) {
      answer = addObject(answer, job, { children: {}, beginId: "main/[0]", beginOffset, categories: [{ name: category }], content, endId: "main/[0]", endOffset, mid: this.mid() });
    }
    this.edit(answer);
    this.selectLast(job);
  }

  /** @param {string} job */
  selectLast(job) {
    const last = this.objects.value.filter((one) => one.job.name === job).at(-1);
    if (!last) return;
    this.selected.value = last.id;
    this.onDrawn?.(last.id);
  }

  mid() {
    return newMid(new Date(), Math.random());
  }

  // Changing what is there.

  /** @param {string} category */
  reclassify(category) {
    const current = this.current.peek();
    if (current) this.edit(reclassify(this.history.now.answer, current.path, current.job, category));
  }

  remove() {
    const current = this.current.peek();
    if (!current || this.isReadOnly.peek()) return;
    this.selected.value = null;
    this.edit(removeObject(this.history.now.answer, current.path));
  }

  /** @param {(annotation: any) => any} change @param {string} [group] */
  change(change, group = "") {
    const current = this.current.peek();
    if (current) this.edit(changeObject(this.history.now.answer, current.path, change), group);
  }

  /** Move the selected object, as far as it stays on the picture. @param {number} dx @param {number} dy */
  nudge(dx, dy) {
    const current = this.current.peek();
    if (!current || current.job.kind !== "objects") return;
    const shape = shapeOf(current.annotation, current.job.tools);
    const by = heldInside(boxOf(shape.rings), dx, dy);
    if (!by.dx && !by.dy) return;
    this.change((annotation) => moved(annotation, shape, ({ x, y }) => ({ x: x + by.dx, y: y + by.dy })), `nudge ${current.id}`);
  }

  /** Make the selected object larger or smaller from its upper left corner. @param {number} dx @param {number} dy */
  resize(dx, dy) {
    const current = this.current.peek();
    if (!current || current.job.kind !== "objects") return;
    const shape = shapeOf(current.annotation, current.job.tools);
    const box = boxOf(shape.rings);
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    if (!width && !height) return;
    const x = width ? Math.max(0.001, Math.min(1 - box.left, width + dx)) / width : 1;
    const y = height ? Math.max(0.001, Math.min(1 - box.top, height + dy)) / height : 1;
    this.change(
      (annotation) => moved(annotation, shape, (point) => ({ x: box.left + (point.x - box.left) * x, y: box.top + (point.y - box.top) * y })),
      `resize ${current.id}`,
    );
  }

  /** Turn the picture, with all that is on it. */
  async turn() {
    const { turned } = await import("../domain/rotation.js");
    this.cancelGrowing();
    this.edit(turned(this.history.now.answer));
  }

  /** Select the next object, or the one before. @param {number} by */
  selectNext(by) {
    const objects = this.objects.peek();
    if (!objects.length) return;
    const place = objects.findIndex((one) => one.id === this.selected.peek());
    this.selected.value = objects[place < 0 ? (by > 0 ? 0 : objects.length - 1) : (place + by + objects.length) % objects.length].id;
  }

  /** Hide or show objects. @param {string} id an id, `*` for all, or `class:JOB:CATEGORY` */
  toggleHidden(id) {
    const next = new Set(this.hidden.peek());
    next.has(id) ? next.delete(id) : next.add(id);
    this.hidden.value = next;
  }

  /** @param {{ id: string, job: { name: string }, category: string }} object */
  isShown(object) {
    const hidden = this.hidden.value;
    return !(hidden.has("*") || hidden.has(object.id) || hidden.has(`class:${object.job.name}:${object.category}`));
  }

  /** Take everything away that a model has predicted. */
  clear() {
    this.selected.value = null;
    const kept = Object.fromEntries(Object.entries(this.history.now.answer).filter(([name]) => !this.all.peek().jobs.has(name)));
    this.edit(kept);
  }

  /** Paste annotations under new ids. @param {{ job: string, annotation: any }[]} copied */
  paste(copied) {
    let answer = this.history.now.answer;
    let last = "";
    for (const { job, annotation } of copied) {
      if (!this.all.peek().jobs.has(job)) continue;
      answer = addObject(answer, job, { ...annotation, mid: this.mid() });
      last = job;
    }
    if (!last) return;
    this.edit(answer);
    this.selectLast(last);
  }

  /** Names of the jobs of a path and where they stand, for those who look for a problem. @param {Path} path @returns {string | null} the id of the object that the path is in */
  objectAt(path) {
    return this.objects.peek().find((one) => one.path.every((part, i) => part === path[i]))?.id ?? null;
  }

  /** Whether the category of the selected object opens jobs. */
  get opensJobs() {
    const current = this.current.peek();
    return current ? childrenOf(this.all.peek(), current.job.byKey.get(current.category)).length > 0 : false;
  }
}
