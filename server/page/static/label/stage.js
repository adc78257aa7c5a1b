// The picture and the shapes on it. Three layers: the picture, moved by the browser; a canvas of all shapes, painted when one of
// them or the view changes; a canvas of what is selected or being drawn, with handles.
import { effect } from "@preact/signals";
import { areaOf, boxOf, isHit, rotationOf, shapeOf } from "../domain/geometry.js";
import { Tools } from "./tools.js";

const HALO = "rgb(255 255 255 / 85%)";
const NAMED_AT_MOST = 150;
const MOST_ZOOM = 64;
/** With more shapes than these, the painted ones are moved by the browser until the view rests. */
const PAINTED_AT_ONCE = 1500;
const RESTS_AFTER_MS = 90;

/** @typedef {{ object: any, shape: import("../domain/geometry.js").Shape, box: import("../domain/geometry.js").Box, color: string, name: string }} Drawn */

export class Stage {
  /**
   * @param {HTMLElement} element
   * @param {import("./work.js").Work} work
   * @param {{ onCursor?: (words: string) => void }} [options]
   */
  constructor(element, work) {
    this.element = element;
    this.work = work;
    this.picture = /** @type {HTMLImageElement} */ (element.querySelector(".stage-picture"));
    this.rest = /** @type {HTMLCanvasElement} */ (element.querySelector(".stage-rest"));
    this.active = /** @type {HTMLCanvasElement} */ (element.querySelector(".stage-active"));
    this.view = { scale: 1, x: 0, y: 0 };
    /** The size of the picture as it is, and as it is turned. */
    this.unturned = { width: 1, height: 1 };
    this.natural = { width: 1, height: 1 };
    this.rotation = 0;
    this.size = { width: 1, height: 1 };
    this.isReady = false;
    /** @type {WeakMap<object, Drawn>} */
    this.known = new WeakMap();
    /** @type {Drawn[]} */
    this.drawn = [];
    /** The shape that is dragged, in place of the stored one. @type {{ id: string, annotation: any } | null} */
    this.dragged = null;
    this.hovered = null;
    this.frame = 0;
    this.restTimer = 0;
    /** The view that the shapes at rest were painted in. @type {{ scale: number, x: number, y: number } | null} */
    this.painted = null;
    this.dirty = new Set();
    /** What reviewers and their issues add; null until there is something of it. @type {typeof import("./marks.js") | null} */
    this.review = null;
    this.tools = new Tools(this);
    this.ends = [
      effect(() => {
        this.turn(rotationOf(work.answer.value));
        this.read(work.objects.value, work.hidden.value);
        if (this.drawn.length <= PAINTED_AT_ONCE || !this.painted) return this.paint("rest", "active");
        this.paint("active");
        this.paintRestSoon();
      }),
      effect(() => {
        void [work.pinned.value, work.compared.value, work.selected.value, work.growing.value, work.armed.value, work.isReadOnly.value];
        if (work.selected.value) void this.tools.hold();
        if (work.pinned.value.size || work.compared.value) void this.mark();
        this.element.dataset.tool = work.armed.value && !work.isReadOnly.value ? "draw" : "select";
        this.paint("active");
      }),
    ];
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(element);
    this.ends.push(() => observer.disconnect(), this.tools.listen());
  }

  end() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.restTimer);
    for (const end of this.ends) end();
  }

  /** The picture has come. @param {number} width @param {number} height */
  ready(width, height) {
    this.unturned = { width: Math.max(1, width), height: Math.max(1, height) };
    this.isReady = true;
    this.lay();
  }

  /** @param {number} rotation degrees clockwise */
  turn(rotation) {
    if (rotation === this.rotation) return;
    this.rotation = rotation;
    if (this.isReady) this.lay();
  }

  /** Lay the picture down as it is turned, the whole of it. */
  lay() {
    const { width, height } = this.unturned;
    this.natural = this.rotation % 180 ? { width: height, height: width } : { width, height };
    this.measure(true);
  }

  measure(mustFit = false) {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    const wasFit = this.isFit;
    this.size = { width, height };
    const dense = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [this.rest, this.active]) {
      canvas.width = Math.round(width * dense);
      canvas.height = Math.round(height * dense);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    this.dense = dense;
    // Before the picture has come there is no view: what is laid out must be true.
    if (!this.isReady) return;
    if (mustFit || wasFit) this.fit();
    else this.moved();
  }

  /** Show the whole picture. */
  fit() {
    const room = 24;
    const scale = Math.min((this.size.width - 2 * room) / this.natural.width, (this.size.height - 2 * room) / this.natural.height);
    this.setView(Math.max(scale, 1e-4), undefined, undefined);
    this.isFit = true;
  }

  /** @param {number} scale @param {number} [x] @param {number} [y] */
  setView(scale, x, y) {
    if (!this.isReady) return;
    this.view = {
      scale,
      x: x ?? (this.size.width - this.natural.width * scale) / 2,
      y: y ?? (this.size.height - this.natural.height * scale) / 2,
    };
    this.moved();
  }

  /** Zoom, so that what is under a place of the element stays there. @param {number} factor @param {number} [x] @param {number} [y] */
  zoom(factor, x = this.size.width / 2, y = this.size.height / 2) {
    const least = Math.min(0.02, this.view.scale);
    const scale = Math.min(MOST_ZOOM, Math.max(least, this.view.scale * factor));
    const by = scale / this.view.scale;
    this.isFit = false;
    this.setView(scale, x - (x - this.view.x) * by, y - (y - this.view.y) * by);
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.isFit = false;
    this.setView(this.view.scale, this.view.x + dx, this.view.y + dy);
  }

  moved() {
    const { scale, x, y } = this.view;
    // The corner that is the upper left one of the picture as it is.
    const [right, bottom] = [x + this.natural.width * scale, y + this.natural.height * scale];
    const corner = { 0: [x, y], 90: [right, y], 180: [right, bottom], 270: [x, bottom] }[this.rotation] ?? [x, y];
    this.picture.style.transform = `translate(${corner[0]}px, ${corner[1]}px) rotate(${this.rotation}deg) scale(${scale})`;
    this.picture.style.imageRendering = scale >= 3 ? "pixelated" : "auto";
    if (this.drawn.length <= PAINTED_AT_ONCE || !this.painted) return this.paint("rest", "active");
    const by = scale / this.painted.scale;
    this.rest.style.transform = `translate(${x - this.painted.x * by}px, ${y - this.painted.y * by}px) scale(${by})`;
    this.paint("active");
    this.paintRestSoon();
  }

  /** Bring a shape into view when it is not. @param {import("../domain/geometry.js").Box} box */
  reveal(box) {
    const [left, top] = this.toScreen({ x: box.left, y: box.top });
    const [right, bottom] = this.toScreen({ x: box.right, y: box.bottom });
    if (right >= 0 && bottom >= 0 && left <= this.size.width && top <= this.size.height) return;
    this.pan(this.size.width / 2 - (left + right) / 2, this.size.height / 2 - (top + bottom) / 2);
  }

  /** There are pins or changes to show. */
  async mark() {
    if (this.review) return;
    this.review = await import("./marks.js");
    this.paint("active");
  }

  // Places. Fractions of the picture on one side, pixels of the element on the other.

  /** @param {{ x: number, y: number }} point @returns {[number, number]} */
  toScreen(point) {
    return [this.view.x + point.x * this.natural.width * this.view.scale, this.view.y + point.y * this.natural.height * this.view.scale];
  }

  /** @param {number} x @param {number} y */
  toPicture(x, y) {
    return { x: (x - this.view.x) / (this.natural.width * this.view.scale), y: (y - this.view.y) / (this.natural.height * this.view.scale) };
  }

  /** The size of a pixel of the screen. */
  get pixel() {
    return { x: 1 / (this.natural.width * this.view.scale), y: 1 / (this.natural.height * this.view.scale) };
  }

  // What is there.

  /** @param {any[]} objects @param {ReadonlySet<string>} hidden */
  read(objects, hidden) {
    this.drawn = [];
    for (const object of objects) {
      if (object.job.kind !== "objects" || (hidden.size && !this.work.isShown(object))) continue;
      this.drawn.push(this.drawnOf(object));
    }
  }

  /** @param {any} object @returns {Drawn} */
  drawnOf(object) {
    let known = this.known.get(object.annotation);
    if (!known || known.object.job !== object.job) {
      const shape = shapeOf(object.annotation, object.job.tools);
      const category = object.job.byKey.get(object.category);
      known = { object, shape, box: boxOf(shape.rings), color: category?.color ?? "#888888", name: category?.name ?? object.category };
      this.known.set(object.annotation, known);
    }
    if (known.object.id !== object.id) known = { ...known, object };
    return known;
  }

  /** The selected shape, where a drag has it. @returns {Drawn | null} */
  get chosen() {
    const current = this.work.current.peek();
    if (!current || current.job.kind !== "objects" || !this.work.isShown(current)) return null;
    return this.drawnOf(this.dragged?.id === current.id ? { ...current, annotation: this.dragged.annotation } : current);
  }

  /** All shapes under a place, the smallest first. @param {{ x: number, y: number }} point @returns {Drawn[]} */
  hits(point) {
    const pixel = this.pixel;
    const found = this.drawn.filter(({ shape, box }) => {
      const [dx, dy] = [pixel.x * 8, pixel.y * 8];
      if (point.x < box.left - dx || point.x > box.right + dx || point.y < box.top - dy || point.y > box.bottom + dy) return false;
      return isHit(shape, point, pixel);
    });
    return found.sort((one, other) => areaOf(one.box) - areaOf(other.box));
  }

  // Painting.

  /** @param {("rest" | "active")[]} layers */
  paint(...layers) {
    for (const layer of layers) this.dirty.add(layer);
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.isReady) return;
      if (this.dirty.has("rest")) this.paintRest();
      if (this.dirty.has("active")) this.paintActive();
      this.dirty.clear();
    });
  }

  paintRestSoon() {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.paint("rest"), RESTS_AFTER_MS);
  }

  paintRest() {
    clearTimeout(this.restTimer);
    this.painted = this.view;
    this.rest.style.transform = "";
    const context = this.cleared(this.rest);
    const dragged = this.dragged?.id;
    /** @type {Map<string, { path: Path2D, dots: Path2D }>} */
    const byColor = new Map();
    const visible = [];
    const from = this.toPicture(0, 0);
    const to = this.toPicture(this.size.width, this.size.height);
    for (const drawn of this.drawn) {
      const { box } = drawn;
      if (box.right < from.x || box.bottom < from.y || box.left > to.x || box.top > to.y || drawn.object.id === dragged) continue;
      visible.push(drawn);
      let paths = byColor.get(drawn.color);
      if (!paths) byColor.set(drawn.color, (paths = { path: new Path2D(), dots: new Path2D() }));
      this.trace(drawn.shape, paths.path, paths.dots);
    }
    for (const [color, { path, dots }] of byColor) stroke(context, path, dots, color);
    for (const drawn of visible) if (drawn.shape.type === "vector") this.arrow(context, drawn.shape, drawn.color);
    if (visible.length <= NAMED_AT_MOST) for (const drawn of visible) this.tag(context, drawn, false);
  }

  paintActive() {
    const context = this.cleared(this.active);
    const chosen = this.chosen;
    this.review?.paintChanges(this, context);
    if (this.hovered && this.hovered.object.id !== chosen?.object.id) this.fill(context, this.hovered, 0.12);
    if (chosen) {
      this.fill(context, chosen, 0.18);
      const [path, dots] = [new Path2D(), new Path2D()];
      this.trace(chosen.shape, path, dots);
      stroke(context, path, dots, chosen.color, 3);
      if (chosen.shape.type === "vector") this.arrow(context, chosen.shape, chosen.color);
      this.tag(context, chosen, true);
      if (!this.work.isReadOnly.peek()) for (const handle of this.tools.handles(chosen)) square(context, this.toScreen(handle.point), chosen.color, handle.isMiddle);
    }
    this.review?.paintPins(this, context);
    this.tools.paint(context);
  }

  /** @param {HTMLCanvasElement} canvas */
  cleared(canvas) {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(this.dense ?? 1, 0, 0, this.dense ?? 1, 0, 0);
    return context;
  }

  /** @param {import("../domain/geometry.js").Shape} shape @param {Path2D} path @param {Path2D} dots */
  trace(shape, path, dots) {
    const { x, y, scale } = this.view;
    const [width, height] = [this.natural.width * scale, this.natural.height * scale];
    for (const ring of shape.rings) {
      if (ring.length === 1) {
        const [left, top] = [x + ring[0].x * width, y + ring[0].y * height];
        dots.moveTo(left + 6, top);
        dots.arc(left, top, 6, 0, 2 * Math.PI);
        continue;
      }
      path.moveTo(x + ring[0].x * width, y + ring[0].y * height);
      for (let i = 1; i < ring.length; i++) path.lineTo(x + ring[i].x * width, y + ring[i].y * height);
      if (shape.isClosed) path.closePath();
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {Drawn} drawn @param {number} alpha */
  fill(context, drawn, alpha) {
    const [path, dots] = [new Path2D(), new Path2D()];
    this.trace(drawn.shape, path, dots);
    context.globalAlpha = alpha;
    context.fillStyle = drawn.color;
    if (drawn.shape.isClosed) context.fill(path, "evenodd");
    else {
      context.strokeStyle = drawn.color;
      context.lineWidth = 10;
      context.stroke(path);
    }
    context.globalAlpha = 1;
  }

  /** The head of a vector. @param {CanvasRenderingContext2D} context */
  arrow(context, shape, color) {
    const ring = shape.rings[0];
    if (!ring || ring.length < 2) return;
    const [x, y] = this.toScreen(ring[ring.length - 1]);
    const [fromX, fromY] = this.toScreen(ring[ring.length - 2]);
    const angle = Math.atan2(y - fromY, x - fromX);
    const path = new Path2D();
    for (const turn of [-2.6, 2.6]) {
      path.moveTo(x, y);
      path.lineTo(x + 14 * Math.cos(angle + turn), y + 14 * Math.sin(angle + turn));
    }
    stroke(context, path, new Path2D(), color);
  }

  /** The name of the class above a shape. @param {CanvasRenderingContext2D} context @param {Drawn} drawn @param {boolean} isChosen */
  tag(context, drawn, isChosen) {
    const begin = drawn.shape.isClosed ? { x: drawn.box.left, y: drawn.box.top } : drawn.shape.rings[0]?.[0] ?? { x: drawn.box.left, y: drawn.box.top };
    const [left, top] = this.toScreen(begin);
    const [right] = this.toScreen({ x: drawn.box.right, y: drawn.box.top });
    const isDot = drawn.box.right === drawn.box.left;
    const isLine = !drawn.shape.isClosed && drawn.shape.rings[0]?.length > 1;
    if (!isChosen && !isDot && !isLine && right - left < 28) return;
    context.font = `${isChosen ? 600 : 500} 12px system-ui, sans-serif`;
    const width = context.measureText(drawn.name).width + 10;
    const x = isDot ? left + 9 : left - 1;
    const y = Math.max(0, isDot ? top - 9 : top - 19);
    context.globalAlpha = isChosen ? 1 : 0.85;
    context.fillStyle = drawn.color;
    context.fillRect(x, y, width, 18);
    context.globalAlpha = 1;
    context.fillStyle = isDark(drawn.color) ? "#ffffff" : "#111111";
    context.fillText(drawn.name, x + 5, y + 13);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {Path2D} dots @param {string} color */
export function stroke(context, path, dots, color, width = 2) {
  context.lineJoin = "round";
  context.lineCap = "round";
  context.strokeStyle = HALO;
  context.lineWidth = width + 2;
  context.stroke(path);
  context.stroke(dots);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke(path);
  context.fillStyle = color;
  context.fill(dots);
  context.strokeStyle = "#ffffff";
  context.stroke(dots);
}

/** @param {CanvasRenderingContext2D} context @param {[number, number]} place @param {string} color @param {boolean} isSmall */
function square(context, [x, y], color, isSmall) {
  const half = isSmall ? 3 : 4.5;
  context.fillStyle = "#ffffff";
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.globalAlpha = isSmall ? 0.8 : 1;
  context.beginPath();
  context.rect(x - half, y - half, 2 * half, 2 * half);
  context.fill();
  context.stroke();
  context.globalAlpha = 1;
}

/** Whether white can be read on a colour. @param {string} color #rrggbb */
export function isDark(color) {
  const [red, green, blue] = [1, 3, 5].map((i) => {
    const part = parseInt(color.slice(i, i + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.36;
}
