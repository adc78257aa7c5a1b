// Shapes of objects. Coordinates are fractions of the picture from 0 to 1; distances for people are in pixels of the screen.

/**
 * @typedef {{ x: number, y: number }} Point
 * @typedef {object} Shape
 * @property {string} type rectangle, polygon, semantic, marker, polyline, vector, pose, or another one that is not drawn
 * @property {Point[][]} rings closed ones of areas, open ones of lines, single points
 * @property {boolean} isClosed
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Box
 */

/** @param {any} point @returns {point is Point} */
const isPoint = (point) => typeof point?.x === "number" && typeof point?.y === "number" && Number.isFinite(point.x) && Number.isFinite(point.y);

/** @param {any} list @returns {Point[]} */
const points = (list) => (Array.isArray(list) ? list.filter(isPoint) : []);

/**
 * The shape of an annotation.
 * @param {any} annotation @param {string[]} tools of its job
 * @returns {Shape}
 */
export function shapeOf(annotation, tools = []) {
  const type = typeof annotation?.type === "string" ? annotation.type : guessed(annotation, tools);
  if (Array.isArray(annotation?.points) && (type === "pose" || annotation.kind === "POSE_ESTIMATION")) {
    return { type: "pose", rings: points(annotation.points.map((/** @type {any} */ one) => one?.point)).map((point) => [point]), isClosed: false };
  }
  if (type === "marker") return { type, rings: isPoint(annotation?.point) ? [[annotation.point]] : [], isClosed: false };
  if (type === "polyline" || type === "vector") return { type, rings: [points(annotation?.polyline)].filter((ring) => ring.length), isClosed: false };
  /** @type {Point[][]} */
  const rings = [];
  /** @param {any} part */
  const collect = (part) => {
    if (Array.isArray(part)) part.forEach(collect);
    else if (part && typeof part === "object") {
      const ring = points(part.normalizedVertices);
      if (ring.length) rings.push(ring);
    }
  };
  collect(annotation?.boundingPoly);
  return { type, rings, isClosed: true };
}

/** @param {any} annotation @param {string[]} tools */
function guessed(annotation, tools) {
  if (annotation?.point) return "marker";
  if (Array.isArray(annotation?.polyline) && annotation.polyline.length) return tools.includes("vector") && !tools.includes("polyline") ? "vector" : "polyline";
  if (tools.includes("rectangle")) return "rectangle";
  return tools.find((tool) => ["polygon", "semantic"].includes(tool)) ?? "rectangle";
}

/** The geometry of an annotation of a type, as it is stored. @param {string} type @param {Point[]} ring */
export function geometryOf(type, ring) {
  if (type === "marker") return { point: ring[0] };
  if (type === "polyline" || type === "vector") return { polyline: ring };
  return { boundingPoly: [{ normalizedVertices: ring }] };
}

/** The annotation with the points of its shape in other places; what else it holds stays. @param {any} annotation @param {Shape} shape @param {(point: Point) => Point} move */
export function moved(annotation, shape, move) {
  if (shape.type === "marker") return { ...annotation, point: move(annotation.point) };
  if (shape.type === "pose") {
    return { ...annotation, points: annotation.points.map((/** @type {any} */ one) => (isPoint(one?.point) ? { ...one, point: move(one.point) } : one)) };
  }
  if (shape.type === "polyline" || shape.type === "vector") return { ...annotation, polyline: annotation.polyline.map((/** @type {any} */ one) => (isPoint(one) ? move(one) : one)) };
  /** @param {any} part_ @returns {any} */
  const part = (part_) => {
    if (Array.isArray(part_)) return part_.map(part);
    if (Array.isArray(part_?.normalizedVertices)) return { ...part_, normalizedVertices: part_.normalizedVertices.map((/** @type {any} */ one) => (isPoint(one) ? move(one) : one)) };
    return part_;
  };
  return { ...annotation, boundingPoly: part(annotation.boundingPoly) };
}

/** @param {number} value */
export const clamp = (value) => Math.min(1, Math.max(0, value));

/** @param {Point} point @returns {Point} */
export const inside = ({ x, y }) => ({ x: clamp(x), y: clamp(y) });

/** The corners between two opposite ones: bottom left, top left, top right, bottom right. @param {Point} one @param {Point} other @returns {Point[]} */
export function rectangle(one, other) {
  const [left, right] = [Math.min(one.x, other.x), Math.max(one.x, other.x)];
  const [top, bottom] = [Math.min(one.y, other.y), Math.max(one.y, other.y)];
  return [
    { x: left, y: bottom },
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
  ];
}

/**
 * The end of a rectangle that is square on the picture. @param {Point} start @param {Point} end @param {number} aspect width by height of the picture
 * @returns {Point}
 */
export function squared(start, end, aspect) {
  const side = Math.max(Math.abs(end.x - start.x) * aspect, Math.abs(end.y - start.y));
  return { x: start.x + (Math.sign(end.x - start.x) || 1) * (side / aspect), y: start.y + (Math.sign(end.y - start.y) || 1) * side };
}

/** @param {Point[][]} rings @returns {Box} */
export function boxOf(rings) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const ring of rings) {
    for (const { x, y } of ring) {
      if (x < box.left) box.left = x;
      if (x > box.right) box.right = x;
      if (y < box.top) box.top = y;
      if (y > box.bottom) box.bottom = y;
    }
  }
  return box;
}

/** How far a shape can move before it leaves the picture; one that is outside already may come back. @param {Box} box @param {number} dx @param {number} dy */
export function heldInside(box, dx, dy) {
  const hold = (/** @type {number} */ delta, /** @type {number} */ low, /** @type {number} */ high) => Math.min(Math.max(delta, Math.min(0, -low)), Math.max(0, 1 - high));
  return { dx: hold(dx, box.left, box.right), dy: hold(dy, box.top, box.bottom) };
}

/** Whether four points are a rectangle along the axes, whatever their order. @param {Point[]} ring */
export function isUpright(ring) {
  if (ring.length !== 4) return false;
  const { left, right, top, bottom } = boxOf([ring]);
  return ring.every(({ x, y }) => (x === left || x === right) && (y === top || y === bottom));
}

/** Squared distance of a point to a segment, in the units of the points. @param {Point} p @param {Point} a @param {Point} b */
function distance2(p, a, b) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const t = length ? Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length)) : 0;
  const x = p.x - a.x - t * dx;
  const y = p.y - a.y - t * dy;
  return x * x + y * y;
}

/** Even-odd rule over all rings, so that holes are outside. @param {Point} p @param {Point[][]} rings */
function isWithin(p, rings) {
  let within = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const a = ring[i];
      const b = ring[j];
      if (a.y > p.y !== b.y > p.y && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) within = !within;
    }
  }
  return within;
}

/**
 * Whether a pointer hits a shape: inside of an area, or within some pixels of its lines.
 * @param {Shape} shape @param {Point} p @param {{ x: number, y: number }} pixel size of a pixel of the screen, in fractions
 * @param {number} [reach] in pixels
 */
export function isHit(shape, p, pixel, reach = 3) {
  const scaled = (/** @type {Point} */ one) => ({ x: one.x / pixel.x, y: one.y / pixel.y });
  if (shape.isClosed && isWithin(p, shape.rings)) return true;
  const here = scaled(p);
  const near = shape.rings.some((ring) => {
    if (ring.length === 1) return distance2(here, scaled(ring[0]), scaled(ring[0])) <= (reach + 5) ** 2;
    const last = shape.isClosed ? ring.length : ring.length - 1;
    for (let i = 0; i < last; i++) if (distance2(here, scaled(ring[i]), scaled(ring[(i + 1) % ring.length])) <= reach ** 2) return true;
    return false;
  });
  return near;
}

/** Area of the box of a shape; lines and points are the smallest. @param {Box} box */
export const areaOf = (box) => Math.max(0, box.right - box.left) * Math.max(0, box.bottom - box.top);

/** The entry of an answer that says by how much a person has turned the picture; all coordinates are those of the picture as turned. */
export const ROTATION = "ROTATION_JOB";

/** Degrees clockwise. What is no quarter counts as none. @param {Record<string, any>} answer @returns {0 | 90 | 180 | 270} */
export function rotationOf(answer) {
  const degrees = answer[ROTATION]?.rotation;
  return degrees === 90 || degrees === 180 || degrees === 270 ? degrees : 0;
}
