import { after, before, byWord, occurrences, Offsets, snapped, wordAt } from "../../../server/page/static/domain/offsets.js";
import { areaOf, boxOf, geometryOf, heldInside, isHit, isUpright, moved, rectangle, shapeOf, squared } from "../../../server/page/static/domain/geometry.js";
import { equal } from "./equal.js";

const TEXT = "Ada 🚒 wrote the first program.";

Deno.test("offsets are code points, there and back, for every place of any text", () => {
  const offsets = new Offsets(TEXT);
  const begin = TEXT.indexOf("wrote");
  equal([offsets.toPoints(begin), offsets.toPoints(begin + 5), offsets.length], [6, 11, [...TEXT].length]);
  for (const text of [TEXT, "", "🚒🚒", "a🚒b🚒c", "\ud83d alone", "é🇳🇱ü"]) {
    const counted = new Offsets(text);
    let units = 0;
    [...text].forEach((character, points) => {
      equal([counted.toPoints(units), counted.toUnits(points)], [points, units], text);
      units += character.length;
    });
    equal([counted.toPoints(text.length), counted.toUnits(counted.length)], [counted.length, text.length], text);
  }
});

Deno.test("a selection takes whole words and no space around them", () => {
  const at = (words) => [TEXT.indexOf(words), TEXT.indexOf(words) + words.length];
  equal(snapped(TEXT, ...at("rot")), at("wrote"));
  equal(snapped(TEXT, ...at(" wrote th")), at("wrote the"));
  equal(snapped(TEXT, ...at(" ")), null);
  equal(snapped(TEXT, ...at("🚒")), at("🚒"));
  equal(wordAt(TEXT, TEXT.indexOf("wrote") + 5), at("wrote"));
  equal(wordAt(TEXT, TEXT.indexOf("🚒")), null);
  equal([0, 3, 12].map((place) => byWord(TEXT, place, 1)), [3, at("wrote")[1], 16]);
  equal([byWord(TEXT, 12, -1), byWord(TEXT, 4, -1), byWord(TEXT, TEXT.length, 1)], [at("wrote")[0], 0, TEXT.length]);
  equal([after(TEXT, 4), before(TEXT, 6)], [6, 4]);
  equal(occurrences("the other the, the", "the"), [[0, 3], [10, 13], [15, 18]]);
});

Deno.test("a rectangle is its corners from the bottom left on", () => {
  equal(rectangle({ x: 0.5, y: 0.3 }, { x: 0.25, y: 0.55 }), [{ x: 0.25, y: 0.55 }, { x: 0.25, y: 0.3 }, { x: 0.5, y: 0.3 }, { x: 0.5, y: 0.55 }]);
  equal(squared({ x: 0, y: 0 }, { x: 0.5, y: 0.1 }, 1.6), { x: 0.5, y: 0.8 });
});

Deno.test("shapes are read in all their forms, and moved without losing anything", () => {
  const ring = [{ x: 0.1, y: 0.1 }, { x: 0.2, y: 0.1 }, { x: 0.2, y: 0.2 }];
  const groups = { type: "semantic", boundingPoly: [[{ normalizedVertices: ring }, { normalizedVertices: ring }], { normalizedVertices: ring, extra: 1 }] };
  equal(shapeOf(groups).rings.length, 3);
  equal(moved(groups, shapeOf(groups), (p) => p), groups);
  equal([shapeOf({ point: ring[0] }).type, shapeOf({ boundingPoly: [] }, ["polygon"]).type, shapeOf({ polyline: ring }, ["vector"]).type], ["marker", "polygon", "vector"]);
  for (const type of ["rectangle", "polygon", "marker", "polyline", "vector"]) {
    const annotation = { type, ...geometryOf(type, ring) };
    equal(shapeOf(annotation).rings[0].length, type === "marker" ? 1 : 3, type);
    equal(boxOf(shapeOf(moved(annotation, shapeOf(annotation), ({ x, y }) => ({ x: x + 0.5, y }))).rings).left, 0.6, type);
  }
});

Deno.test("moving stops at the border, and what is outside may come back", () => {
  equal(heldInside({ left: 0.2, top: 0.2, right: 0.4, bottom: 0.4 }, 5, -5), { dx: 0.6, dy: -0.2 });
  equal(heldInside({ left: -0.2, top: 0, right: 0.4, bottom: 0.4 }, -5, 0), { dx: 0, dy: 0 });
});

Deno.test("a hit is inside of an area, or near a line", () => {
  const box = shapeOf({ type: "rectangle", ...geometryOf("rectangle", rectangle({ x: 0.2, y: 0.2 }, { x: 0.4, y: 0.4 })) });
  const pixel = { x: 0.001, y: 0.001 };
  equal([isHit(box, { x: 0.3, y: 0.3 }, pixel), isHit(box, { x: 0.4025, y: 0.3 }, pixel), isHit(box, { x: 0.41, y: 0.3 }, pixel)], [true, true, false]);
  const line = shapeOf({ type: "polyline", polyline: [{ x: 0, y: 0 }, { x: 1, y: 1 }, { x: 1, y: 0 }] });
  equal([isHit(line, { x: 0.5, y: 0.501 }, pixel), isHit(line, { x: 0.8, y: 0.3 }, pixel)], [true, false]);
  equal([isUpright(box.rings[0]), Math.abs(areaOf(boxOf(box.rings)) - 0.04) < 1e-9], [true, true]);
});
