import { addObject, at, childPath, choose, newMid, objectsOf, put, reclassify, removeObject, write } from "../../../server/page/static/domain/answer.js";
import { changesOf } from "../../../server/page/static/domain/changes.js";
import { isDate, isNumber, parsedPath, problemsOf } from "../../../server/page/static/domain/problems.js";
import { rotationOf } from "../../../server/page/static/domain/geometry.js";
import { turned } from "../../../server/page/static/domain/rotation.js";
import { interfaceOf } from "../../../server/page/static/domain/interface.js";
import { History } from "../../../server/page/static/domain/history.js";
import { equal } from "./equal.js";

const JOBS = {
  THINGS: { mlTask: "OBJECT_DETECTION", tools: ["rectangle"], required: 0, isChild: false, content: { input: "radio", categories: { CAR: { name: "Car", children: ["COLOR", "PLATE"] }, PERSON: { name: "Person" } } } },
  COLOR: { mlTask: "CLASSIFICATION", required: 1, content: { input: "radio", categories: { RED: { name: "Red" }, OTHER: { name: "Other", children: ["SHADE"] } } } },
  SHADE: { mlTask: "CLASSIFICATION", required: 0, isChild: true, content: { input: "checkbox", categories: { DARK: { name: "Dark" }, PALE: { name: "Pale" } } } },
  PLATE: { mlTask: "TRANSCRIPTION", required: 0, isChild: true },
  WEATHER: { mlTask: "CLASSIFICATION", required: 1, isChild: false, content: { input: "radio", categories: { SUN: { name: "Sun" } } } },
};
const all = interfaceOf(JSON.stringify({ jobs: JOBS }), "IMAGE");

Deno.test("a job that a category lists is a child unless it says otherwise", () => {
  equal(all.roots.map((job) => job.name), ["THINGS", "WEATHER"]);
});

Deno.test("the answer of a box with nested answers is what the server counts as five", () => {
  let answer = addObject({}, "THINGS", { children: {}, categories: [{ name: "CAR" }], mid: "m", type: "rectangle" });
  const box = objectsOf(answer, all)[0];
  equal(problemsOf(answer, all).map((one) => [one.kind, one.path.join("."), one.object]), [
    ["required", "WEATHER", null],
    ["required", "THINGS.annotations.0.children.COLOR", box.id],
  ]);
  const color = childPath(answer, box.path, null, "COLOR");
  answer = choose(answer, color, all.jobs.get("COLOR"), "OTHER", true);
  const shade = childPath(answer, color, 0, "SHADE");
  answer = choose(answer, shade, all.jobs.get("SHADE"), "DARK", true);
  answer = write(answer, childPath(answer, box.path, null, "PLATE"), "AB-123");
  answer = choose(answer, ["WEATHER"], all.jobs.get("WEATHER"), "SUN", true);
  equal(answer, {
    THINGS: {
      annotations: [
        {
          children: { COLOR: { categories: [{ name: "OTHER", children: { SHADE: { categories: [{ name: "DARK" }] } } }] }, PLATE: { text: "AB-123" } },
          categories: [{ name: "CAR" }],
          mid: "m",
          type: "rectangle",
        },
      ],
    },
    WEATHER: { categories: [{ name: "SUN" }] },
  });
  equal(problemsOf(answer, all), []);
  answer = reclassify(answer, box.path, all.jobs.get("THINGS"), "PERSON");
  equal(at(answer, box.path), { children: {}, categories: [{ name: "PERSON" }], mid: "m", type: "rectangle" });
});

Deno.test("a changed object loses the confidence of the model, others keep theirs", () => {
  const predicted = { THINGS: { annotations: [{ mid: "a", score: 3, categories: [{ name: "CAR", confidence: 81 }] }, { mid: "b", categories: [{ name: "CAR", confidence: 82 }] }] } };
  equal(reclassify(predicted, ["THINGS", "annotations", 0], all.jobs.get("THINGS"), "PERSON").THINGS.annotations, [
    { mid: "a", categories: [{ name: "PERSON" }] },
    { mid: "b", categories: [{ name: "CAR", confidence: 82 }] },
  ]);
});

Deno.test("nested answers in older positions are changed where they are", () => {
  const older = { COLOR: { categories: [{ name: "OTHER" }], children: { SHADE: { categories: [{ name: "DARK" }] } } } };
  equal(childPath(older, ["COLOR"], 0, "SHADE"), ["COLOR", "children", "SHADE"]);
  equal(choose(older, ["COLOR"], all.jobs.get("COLOR"), "RED", true), { COLOR: { categories: [{ name: "RED" }] } });
});

Deno.test("what is emptied leaves no trace, and what the page does not know stays", () => {
  const job = all.jobs.get("WEATHER");
  equal(choose({ WEATHER: { categories: [{ name: "SUN" }] } }, ["WEATHER"], job, "SUN", false), {});
  equal(choose({ WEATHER: { isKeyFrame: true, categories: [{ name: "SUN" }] } }, ["WEATHER"], job, "SUN", false), { WEATHER: { isKeyFrame: true, categories: [] } });
  equal(write({ PLATE: { text: "a" }, OTHER: 1 }, ["PLATE"], ""), { OTHER: 1 });
  const related = { THINGS: { annotations: [{ mid: "a" }, { mid: "b" }] }, REL: { annotations: [{ mid: "r", startObjects: [{ mid: "a" }], endObjects: [{ mid: "b" }] }] } };
  equal(removeObject(related, ["THINGS", "annotations", 0]), { THINGS: { annotations: [{ mid: "b" }] }, REL: { annotations: [] } });
  equal(put({ a: [1, 2] }, ["a", 0], undefined), { a: [2] });
});

Deno.test("changes are told by job and by mid", () => {
  const before = { THINGS: { annotations: [{ mid: "a", x: 1 }, { mid: "b" }] }, WEATHER: { categories: [{ name: "SUN" }] }, PLATE: { text: "a" } };
  const now = { THINGS: { annotations: [{ mid: "a", x: 2 }, { mid: "c" }] }, WEATHER: { categories: [{ name: "SUN" }] }, SHADE: { categories: [{ name: "DARK" }] } };
  equal(changesOf(before, now), [
    { job: "THINGS", kind: "added", count: 1 },
    { job: "THINGS", kind: "changed", count: 1 },
    { job: "THINGS", kind: "removed", count: 1 },
    { job: "PLATE", kind: "removed", count: 1 },
    { job: "SHADE", kind: "added", count: 1 },
  ]);
});

Deno.test("numbers and dates", () => {
  equal(["1", "-1.5", "+.5", "1e-3", "1.", "", "a", "1,5", "0x1"].map(isNumber), [true, true, true, true, true, false, false, false, false]);
  equal(["2024-02-29", "2023-02-29", "2024-13-01", "24-01-01"].map(isDate), [true, false, false, false]);
});

Deno.test("paths of the server are read", () => {
  equal(parsedPath('TAGS.categories[1].name'), ["TAGS", "categories", 1, "name"]);
  equal(parsedPath('["MY \\"JOB\\""].text'), ['MY "JOB"', "text"]);
  equal(parsedPath('0.TRACK.annotations[0].mid'), ["0", "TRACK", "annotations", 0, "mid"]);
});

Deno.test("an id is the moment and a number", () => {
  equal(newMid(new Date("2022-09-25T21:55:16.236Z"), 0.29174), "20220925215516236-29174");
});

Deno.test("typing within a second is one step", () => {
  const history = new History("");
  history.take("a", "text", 1000);
  history.take("ab", "text", 1500);
  history.take("abc", "text", 3000);
  history.take("abcd", "other", 3100);
  equal([history.undo(), history.now, history.undo(), history.now, history.undo(), history.now, history.undo()], [true, "abc", true, "ab", true, "", false]);
  equal([history.redo(), history.now], [true, "ab"]);
  history.take("x");
  equal(history.redo(), false);
});

Deno.test("four quarters turn everything back to where it was, whatever its shape", () => {
  const answer = {
    THINGS: { annotations: [
      { mid: "a", type: "rectangle", boundingPoly: [{ normalizedVertices: [{ x: 0.125, y: 0.5 }, { x: 0.125, y: 0.25 }, { x: 0.75, y: 0.25 }, { x: 0.75, y: 0.5 }] }] },
      { mid: "b", type: "marker", point: { x: 0.25, y: 0.75 } },
      { mid: "c", type: "polyline", polyline: [{ x: 0, y: 0 }, { x: 1, y: 0.5 }] },
      { mid: "d", type: "semantic", boundingPoly: [[{ normalizedVertices: [{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 0.5, y: 1 }] }]] },
      { mid: "e", points: [{ code: "NOSE", point: { x: 0.5, y: 0.125 } }] },
    ] },
    WEATHER: { categories: [{ name: "SUN", confidence: 80 }] },
  };
  const once = turned(answer);
  equal(rotationOf(once), 90);
  equal(once.THINGS.annotations[0].boundingPoly[0].normalizedVertices, [{ x: 0.5, y: 0.75 }, { x: 0.5, y: 0.125 }, { x: 0.75, y: 0.125 }, { x: 0.75, y: 0.75 }]);
  equal(once.THINGS.annotations[1].point, { x: 0.25, y: 0.25 });
  equal(once.WEATHER, answer.WEATHER);
  equal(turned(turned(turned(once))), answer);
  equal([{ rotation: 45 }, [1], "x", null].map((given) => rotationOf({ ROTATION_JOB: given })), [0, 0, 0, 0]);
});
