// Where a shape can be taken hold of, and what becomes of it when it is pulled there.
import { boxOf, inside, isUpright, moved, squared } from "./geometry.js";

/**
 * @typedef {import("./geometry.js").Point} Point
 * @typedef {import("./geometry.js").Shape} Shape
 * @typedef {import("./geometry.js").Box} Box
 * @typedef {{ shape: Shape, box: Box }} Drawn
 * @typedef {{ kind: string, dx: number, dy: number, point: Point, isMiddle: boolean, ring: number, place: number }} Handle a side or corner
 *   of a box, a point, or the middle between two points
 */

/** More points than these are not taken hold of in between. */
const MOST_POINTS = 400;

/** Where the selected shape can be taken hold of. @param {Drawn} drawn @returns {Handle[]} */
export function handlesOf({ shape, box }) {
  if (shape.type === "marker" || shape.type === "pose") return [];
  if (shape.type === "rectangle" && shape.rings.length === 1 && isUpright(shape.rings[0])) {
    const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
    return [-1, 0, 1].flatMap((dx) =>
      [-1, 0, 1].flatMap((dy) => {
        if (!dx && !dy) return [];
        const point = { x: dx < 0 ? box.left : dx > 0 ? box.right : middle.x, y: dy < 0 ? box.top : dy > 0 ? box.bottom : middle.y };
        return [{ kind: "box", dx, dy, point, isMiddle: !dx || !dy, ring: 0, place: 0 }];
      }),
    );
  }
  const isFixed = shape.type === "rectangle" || shape.rings.reduce((sum, ring) => sum + ring.length, 0) > MOST_POINTS;
  return shape.rings.flatMap((ring, at) =>
    ring.flatMap((point, place) => {
      const handle = { kind: "point", dx: 0, dy: 0, point, isMiddle: false, ring: at, place };
      const next = place + 1 < ring.length ? ring[place + 1] : shape.isClosed ? ring[0] : null;
      if (!next || isFixed) return [handle];
      const half = { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
      return [handle, { ...handle, point: half, isMiddle: true }];
    }),
  );
}

/**
 * The annotation with a handle pulled to a point.
 * @param {any} annotation @param {Drawn} drawn @param {Handle} handle @param {Point} point
 * @param {number | null} aspect of the picture, where the sides of a box stay equal
 */
export function pulled(annotation, { shape, box }, handle, point, aspect) {
  if (handle.kind === "box") {
    const { left, top, right, bottom } = box;
    const opposite = { x: handle.dx < 0 ? right : left, y: handle.dy < 0 ? bottom : top };
    let to = { x: handle.dx === 0 ? right : point.x, y: handle.dy === 0 ? bottom : point.y };
    if (aspect && handle.dx && handle.dy) to = inside(squared(opposite, to, aspect));
    return resized(annotation, shape, box, boxOf([[opposite, to]]));
  }
  const { ring, place, isMiddle } = handle;
  const next = isMiddle ? withPoint(annotation, shape, ring, place, point) : annotation;
  const wanted = numberOf(shape, ring, place) + (isMiddle ? 1 : 0);
  let at = 0;
  return moved(next, shape, (one) => (at++ === wanted ? point : one));
}

/** The number of a point among all points of a shape. @param {Shape} shape @param {number} ring @param {number} place */
function numberOf(shape, ring, place) {
  let number = place;
  for (let i = 0; i < ring; i++) number += shape.rings[i].length;
  return number;
}

/** A rectangle with other sides; the order of its corners stays. @param {any} annotation @param {Shape} shape @param {Box} from @param {Box} to */
function resized(annotation, shape, from, to) {
  const x = (/** @type {number} */ value) => (value === from.left ? to.left : to.right);
  const y = (/** @type {number} */ value) => (value === from.top ? to.top : to.bottom);
  return moved(annotation, shape, (point) => ({ x: x(point.x), y: y(point.y) }));
}

/** The lists of points of an annotation, changed. @param {any} annotation @param {Shape} shape @param {number} ring @param {(points: any[]) => any[]} change */
function withRings(annotation, shape, ring, change) {
  if (shape.type === "polyline" || shape.type === "vector") return { ...annotation, polyline: change(annotation.polyline) };
  let at = 0;
  /** @param {any} value @returns {any} */
  const part = (value) => {
    if (Array.isArray(value)) return value.map(part);
    if (!Array.isArray(value?.normalizedVertices)) return value;
    return at++ === ring ? { ...value, normalizedVertices: change(value.normalizedVertices) } : value;
  };
  return { ...annotation, boundingPoly: part(annotation.boundingPoly) };
}

/** @param {any} annotation @param {Shape} shape @param {number} ring @param {number} place @param {Point} point */
const withPoint = (annotation, shape, ring, place, point) => withRings(annotation, shape, ring, (points) => points.toSpliced(place + 1, 0, point));
/** The annotation without a point. @param {any} annotation @param {Shape} shape @param {number} ring @param {number} place */
export const withoutPoint = (annotation, shape, ring, place) => withRings(annotation, shape, ring, (points) => points.toSpliced(place, 1));
