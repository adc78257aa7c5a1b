// What a pointer and keys do on the stage: draw, select, move, change corners, pan and zoom.
import { clamp, heldInside, inside, moved, rectangle, squared } from "../domain/geometry.js";
import { preference } from "../preferences.js";
import { stroke } from "./stage.js";

const STARTS_AT = 3; // pixels that a press has to move before it is a drag
const GRABS_AT = 9;
const GROWN = new Set(["polygon", "polyline", "vector"]);

/** @typedef {{ x: number, y: number }} Point */

export class Tools {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.work = stage.work;
    /** What is going on. @type {any} */
    this.action = null;
    /** Where the pointer is, or what keys move in its place. @type {Point | null} */
    this.cursor = null;
    this.isCursorByKeys = false;
    /** The first corner of a rectangle that is drawn with two clicks. @type {Point | null} */
    this.corner = null;
    /** @type {Map<number, { x: number, y: number }>} */
    this.touches = new Map();
    this.isPanKeyHeld = false;
    /** How a selected shape is taken hold of; null until something was selected. @type {typeof import("../domain/handles.js") | null} */
    this.holding = null;
  }

  /** Something is selected. */
  async hold() {
    if (this.holding) return;
    this.holding = await import("../domain/handles.js");
    this.stage.paint("active");
  }

  /** Where a shape can be taken hold of. @param {import("./stage.js").Drawn} drawn @returns {import("../domain/handles.js").Handle[]} */
  handles(drawn) {
    return this.holding?.handlesOf(drawn) ?? [];
  }

  listen() {
    const { element } = this.stage;
    const on = {
      pointerdown: (event) => this.down(event),
      pointermove: (event) => this.move(event),
      pointerup: (event) => this.up(event),
      pointercancel: (event) => this.cancelPointer(event),
      pointerleave: () => this.leave(),
      wheel: (event) => this.wheel(event),
      dblclick: () => this.doubled(),
      contextmenu: (event) => event.preventDefault(),
    };
    for (const [name, listener] of Object.entries(on)) element.addEventListener(name, /** @type {any} */ (listener), { passive: false });
    return () => {
      for (const [name, listener] of Object.entries(on)) element.removeEventListener(name, /** @type {any} */ (listener));
    };
  }

  /** @param {PointerEvent} event @returns {[number, number]} */
  place(event) {
    const box = this.stage.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  get armed() {
    return this.work.isReadOnly.peek() ? null : this.work.armed.peek();
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (!this.stage.isReady || /** @type {HTMLElement} */ (event.target).closest("button, input, .stage-bar")) return;
    this.stage.element.focus({ preventScroll: true });
    const [x, y] = this.place(event);
    this.stage.element.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch") {
      this.touches.set(event.pointerId, { x, y });
      if (this.touches.size === 2) return this.pinch();
    }
    this.isCursorByKeys = false;
    const point = this.stage.toPicture(x, y);
    if (event.button === 1 || this.isPanKeyHeld || event.button === 2) {
      this.action = { kind: "pan", x, y };
    } else if (this.armed && (event.pointerType !== "touch" || this.touches.size === 1)) {
      this.action = { kind: "press", x, y, start: inside(point), isMoved: false, isBelow: event.altKey };
    } else {
      this.grab(x, y, point, event.altKey);
    }
    event.preventDefault();
  }

  /** With the select tool: a handle, a shape, or the picture. */
  grab(x, y, point, isBelow) {
    const chosen = this.stage.chosen;
    if (chosen && !this.work.isReadOnly.peek()) {
      const handle = this.handles(chosen).find(({ point: at }) => {
        const [left, top] = this.stage.toScreen(at);
        return Math.abs(left - x) <= GRABS_AT && Math.abs(top - y) <= GRABS_AT;
      });
      if (handle) {
        this.action = { kind: "handle", handle, x, y, isMoved: false, before: chosen.object };
        return;
      }
    }
    const hit = this.select(point, isBelow);
    this.action = hit && !this.work.isReadOnly.peek() ? { kind: "shape", x, y, start: point, isMoved: false, before: hit.object } : { kind: "pan", x, y };
  }

  /** Select what is at a place: the smallest, or with Alt the next below the selected one. @param {Point} point @param {boolean} isBelow */
  select(point, isBelow) {
    const hits = this.stage.hits(point);
    const place = hits.findIndex((one) => one.object.id === this.work.selected.peek());
    const hit = isBelow && place >= 0 ? hits[(place + 1) % hits.length] : place >= 0 && !this.armed ? hits[place] : hits[0];
    this.work.selected.value = hit?.object.id ?? null;
    return hit;
  }

  /** @param {PointerEvent} event */
  move(event) {
    const [x, y] = this.place(event);
    if (this.touches.has(event.pointerId)) {
      this.touches.set(event.pointerId, { x, y });
      if (this.action?.kind === "pinch") return this.pinched();
    }
    const point = this.stage.toPicture(x, y);
    this.cursor = inside(point);
    this.isCursorByKeys = false;
    const action = this.action;
    if (!action) {
      if (this.armed) this.stage.paint("active");
      else this.hover(point);
      return;
    }
    if (action.kind === "pan") {
      this.stage.pan(x - action.x, y - action.y);
      action.x = x;
      action.y = y;
      return;
    }
    if (!action.isMoved && Math.hypot(x - action.x, y - action.y) < STARTS_AT) return;
    if (!action.isMoved && action.kind !== "press") {
      action.isMoved = true;
      this.stage.paint("rest");
    }
    action.isMoved = true;
    if (action.kind === "shape") this.drag(action, point);
    else if (action.kind === "handle") this.pull(action, this.cursor, event.shiftKey);
    else if (action.kind === "press") {
      action.end = this.cursor;
      action.isSquare = event.shiftKey;
      action.isCentered = event.altKey;
    }
    this.stage.paint("active");
  }

  /** @param {PointerEvent} event */
  up(event) {
    this.touches.delete(event.pointerId);
    const action = this.action;
    this.action = null;
    if (!action) return;
    if (action.kind === "press") this.pressed(action);
    else if (this.stage.dragged) {
      const { annotation } = this.stage.dragged;
      this.stage.dragged = null;
      this.work.change(() => annotation);
      this.stage.paint("rest");
    }
    this.stage.paint("active");
  }

  /** @param {PointerEvent} event */
  cancelPointer(event) {
    this.touches.delete(event.pointerId);
    this.action = null;
    this.stage.dragged = null;
    this.stage.paint("rest", "active");
  }

  leave() {
    if (this.action) return;
    if (!this.isCursorByKeys) this.cursor = null;
    this.stage.hovered = null;
    this.stage.paint("active");
  }

  /** A press with a drawing tool has ended. */
  pressed(action) {
    const armed = this.armed;
    if (!armed) return;
    if (GROWN.has(armed.tool)) {
      if (this.closesAt(action.start)) this.work.close();
      else if (action.isBelow && !this.work.growing.peek()) this.select(action.start, true);
      else this.work.grow(action.start);
      return;
    }
    if (armed.tool === "marker") {
      this.work.draw([action.isMoved && action.end ? action.end : action.start]);
      return;
    }
    if (action.isMoved && action.end) {
      this.corner = null;
      const ring = this.ringOf(action);
      this.work.draw(ring);
      return;
    }
    if (this.corner) {
      this.work.draw(rectangle(this.corner, action.start));
      this.corner = null;
    } else if (preference("twoClick", false)) this.corner = action.start;
    else this.select(action.start, action.isBelow);
  }

  /** The rectangle of a drag. @returns {Point[]} */
  ringOf({ start, end, isSquare, isCentered }) {
    const aspect = this.stage.natural.width / this.stage.natural.height;
    const to = isSquare ? squared(start, end, aspect) : end;
    const from = isCentered ? { x: 2 * start.x - to.x, y: 2 * start.y - to.y } : start;
    return rectangle(inside(from), inside(to));
  }

  /** Whether a place is the first point of the area that grows. @param {Point} point */
  closesAt(point) {
    const growing = this.work.growing.peek();
    if (!growing || growing.tool !== "polygon" || growing.points.length < 3) return false;
    const [x, y] = this.stage.toScreen(growing.points[0]);
    const [left, top] = this.stage.toScreen(point);
    return Math.hypot(x - left, y - top) <= GRABS_AT;
  }

  /** A double click ends a line. Its two clicks have added a point each: the second is one too many. */
  doubled() {
    const growing = this.work.growing.peek();
    if (!growing) return;
    const [last, before] = [growing.points.at(-1), growing.points.at(-2)];
    if (last && before) {
      const [x, y] = this.stage.toScreen(last);
      const [left, top] = this.stage.toScreen(before);
      if (Math.hypot(x - left, y - top) <= STARTS_AT + 2) this.work.undo();
    }
    this.work.close();
  }

  /** Move the selected shape with the pointer. */
  drag(action, point) {
    const { before } = action;
    const { shape, box } = this.stage.drawnOf(before);
    const by = heldInside(box, point.x - action.start.x, point.y - action.start.y);
    this.stage.dragged = { id: before.id, annotation: moved(before.annotation, shape, ({ x, y }) => ({ x: x + by.dx, y: y + by.dy })) };
  }

  /** Move a corner, an edge or a point with the pointer. */
  pull({ before, handle }, point, isSquare) {
    const aspect = isSquare ? this.stage.natural.width / this.stage.natural.height : null;
    const annotation = this.holding?.pulled(before.annotation, this.stage.drawnOf(before), handle, point, aspect) ?? before.annotation;
    this.stage.dragged = { id: before.id, annotation };
  }

  /** @param {Point} point */
  hover(point) {
    const [hit = null] = this.stage.hits(point);
    if (hit?.object.id === this.stage.hovered?.object.id) return;
    this.stage.hovered = hit;
    this.stage.element.style.cursor = hit ? "pointer" : "";
    this.stage.paint("active");
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const box = this.stage.element.getBoundingClientRect();
    const step = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
    this.stage.zoom(Math.exp(-Math.max(-240, Math.min(240, step)) * 0.0022), event.clientX - box.left, event.clientY - box.top);
  }

  pinch() {
    const [one, other] = [...this.touches.values()];
    this.stage.dragged = null;
    this.action = { kind: "pinch", distance: Math.hypot(one.x - other.x, one.y - other.y), x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  }

  pinched() {
    const [one, other] = [...this.touches.values()];
    if (!one || !other) return;
    const [distance, x, y] = [Math.hypot(one.x - other.x, one.y - other.y), (one.x + other.x) / 2, (one.y + other.y) / 2];
    this.stage.pan(x - this.action.x, y - this.action.y);
    this.stage.zoom(distance / Math.max(1, this.action.distance), x, y);
    Object.assign(this.action, { distance, x, y });
  }

  // Keys.

  /**
   * Move the cross that draws in place of a pointer, in pixels of the picture.
   * @param {number} dx @param {number} dy
   */
  moveCursor(dx, dy) {
    const { width, height } = this.stage.natural;
    const from = this.cursor ?? { x: 0.5, y: 0.5 };
    this.cursor = { x: clamp(from.x + dx / width), y: clamp(from.y + dy / height) };
    this.isCursorByKeys = true;
    this.stage.reveal({ left: this.cursor.x, right: this.cursor.x, top: this.cursor.y, bottom: this.cursor.y });
    this.stage.paint("active");
  }

  /** Enter: a point at the cross; the end of a line. @returns {boolean} whether it meant something */
  enter() {
    const armed = this.armed;
    if (!armed || !this.stage.isReady) return false;
    if (!this.isCursorByKeys) {
      if (this.work.growing.peek()) return this.work.close();
      this.moveCursor(0, 0);
      return true;
    }
    const point = /** @type {Point} */ (this.cursor);
    if (GROWN.has(armed.tool)) {
      const last = this.work.growing.peek()?.points.at(-1);
      if (this.closesAt(point) || (last && last.x === point.x && last.y === point.y)) this.work.close();
      else this.work.grow(point);
    } else if (armed.tool === "marker") this.work.draw([point]);
    else if (this.corner) {
      this.work.draw(rectangle(this.corner, point));
      this.corner = null;
    } else this.corner = point;
    this.stage.paint("active");
    return true;
  }

  /** Escape. @returns {boolean} whether there was something to cancel */
  cancel() {
    if (this.work.growing.peek()) this.work.cancelGrowing();
    else if (this.corner) this.corner = null;
    else if (this.action) {
      this.action = null;
      this.stage.dragged = null;
      this.stage.paint("rest");
    } else return false;
    this.stage.paint("active");
    return true;
  }

  /** Take the point under the cursor out of the selected shape. @returns {boolean} */
  removePoint() {
    const chosen = this.stage.chosen;
    if (!chosen || !this.cursor || this.armed) return false;
    const [x, y] = this.stage.toScreen(this.cursor);
    const handle = this.handles(chosen).find(({ point, isMiddle, kind }) => {
      const [left, top] = this.stage.toScreen(point);
      return kind === "point" && !isMiddle && Math.hypot(left - x, top - y) <= GRABS_AT;
    });
    const ring = handle && chosen.shape.rings[handle.ring];
    if (!ring || ring.length <= (chosen.shape.isClosed ? 3 : 2)) return false;
    this.work.change((annotation) => /** @type {any} */ (this.holding).withoutPoint(annotation, chosen.shape, handle.ring, handle.place));
    return true;
  }

  /** What is being drawn, and the cross. @param {CanvasRenderingContext2D} context */
  paint(context) {
    const armed = this.armed;
    if (!armed) return;
    const color = this.work.all.peek().jobs.get(armed.job)?.byKey.get(armed.category)?.color ?? "#1565d8";
    const [path, dots] = [new Path2D(), new Path2D()];
    const growing = this.work.growing.peek();
    if (growing) {
      const end = this.action?.kind === "press" ? this.action.start : this.cursor;
      const places = [...growing.points, ...(end ? [end] : [])].map((one) => this.stage.toScreen(one));
      places.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
      for (const point of growing.points) {
        const [x, y] = this.stage.toScreen(point);
        dots.moveTo(x + 4, y);
        dots.arc(x, y, 4, 0, 2 * Math.PI);
      }
      stroke(context, path, dots, color);
    } else if (armed.tool === "rectangle") {
      const ring = this.action?.kind === "press" && this.action.isMoved && this.action.end ? this.ringOf(this.action) : this.corner && this.cursor ? rectangle(this.corner, this.cursor) : null;
      if (ring) {
        const places = ring.map((one) => this.stage.toScreen(one));
        places.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
        path.closePath();
        context.fillStyle = color;
        context.globalAlpha = 0.15;
        context.fill(path);
        context.globalAlpha = 1;
        stroke(context, path, dots, color);
      }
    }
    if (this.cursor && (this.isCursorByKeys || !this.action)) this.cross(context, color);
  }

  /** Lines through the cursor over the whole stage. @param {CanvasRenderingContext2D} context @param {string} color */
  cross(context, color) {
    const [x, y] = this.stage.toScreen(/** @type {Point} */ (this.cursor));
    const { width, height } = this.stage.size;
    const path = new Path2D();
    path.moveTo(x, 0);
    path.lineTo(x, height);
    path.moveTo(0, y);
    path.lineTo(width, y);
    context.lineWidth = this.isCursorByKeys ? 3 : 1;
    context.strokeStyle = "rgb(255 255 255 / 70%)";
    context.stroke(path);
    context.lineWidth = 1;
    context.strokeStyle = this.isCursorByKeys ? color : "rgb(0 0 0 / 55%)";
    context.stroke(path);
  }
}
