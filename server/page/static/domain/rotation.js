// Pictures that a person has turned: `ROTATION_JOB` says by how much, and all coordinates are fractions of the picture as turned.
import { ROTATION, rotationOf } from "./geometry.js";
import { isObject } from "./interface.js";

/** The answer with the picture and everything on it turned by a quarter, clockwise. @param {Record<string, any>} answer */
export function turned(answer) {
  const rotation = (rotationOf(answer) + 90) % 360;
  const { [ROTATION]: before, ...jobs } = answer;
  const next = Object.fromEntries(Object.entries(jobs).map(([name, given]) => [name, quarter(given)]));
  return rotation ? { ...next, [ROTATION]: { ...(isObject(before) ? before : {}), rotation } } : next;
}

/** Every point in a value, of whichever shape and however deep. @param {any} value @returns {any} */
function quarter(value) {
  if (Array.isArray(value)) return value.map(quarter);
  if (!isObject(value)) return value;
  if (typeof value.x === "number" && typeof value.y === "number") return { ...value, x: 1 - value.y, y: value.x };
  const next = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, quarter(one)]));
  return next.type === "rectangle" && Array.isArray(next.boundingPoly) ? { ...next, boundingPoly: next.boundingPoly.map(fromBottomLeft) } : next;
}

/** A rectangle begins at its bottom left: the corner that was at the bottom right is there now. @param {any} part */
function fromBottomLeft(part) {
  const ring = part?.normalizedVertices;
  return Array.isArray(ring) && ring.length === 4 ? { ...part, normalizedVertices: [ring[3], ring[0], ring[1], ring[2]] } : part;
}
