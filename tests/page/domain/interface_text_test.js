// The text of an interface: lines of its paths, and what a change takes away.
import { jsonLines, lineOf } from "../../../server/page/static/domain/json-lines.js";
import { removedCategories } from "../../../server/page/static/domain/interface-change.js";
import { TEMPLATES, templatesFor, templateText } from "../../../server/page/static/domain/templates.js";
import { equal } from "./equal.js";

const TEXT = `{
  "jobs": {
    "A": {
      "mlTask": "CLASSIFY",
      "content": {"categories": {"X": {}, "Y \\" z": {}}}
    },
    "B": [1,
      {"c": null}]
  }
}`;

Deno.test("a path has the line of its key", () => {
  const { lines, mistake } = jsonLines(TEXT);
  equal(mistake, null);
  equal(lineOf(lines, "jobs.A.mlTask"), 3);
  equal(lineOf(lines, 'jobs.A.content.categories.Y " z'), 4);
  equal(lineOf(lines, "jobs.B[1].c"), 7);
  equal(lineOf(lines, ""), 0);
});

Deno.test("what is missing has the line of what should hold it", () => {
  const { lines } = jsonLines(TEXT);
  equal(lineOf(lines, "jobs.A.tools"), 2);
  equal(lineOf(lines, "jobs.C.mlTask"), 1);
});

Deno.test("a mistake has its line", () => {
  for (const [text, line] of [
    ["{", 0],
    ['{\n"a": 1,\n}', 2],
    ['{"a": 1}\n2', 1],
    ['{"a"\n 1}', 1],
    ["[1\n2]", 1],
    ['{"a": tru}', 0],
    ["", 0],
  ]) {
    equal(jsonLines(text).mistake?.line, line);
  }
  equal(jsonLines("[".repeat(1000)).mistake?.line, 0);
});

Deno.test("whatever JSON accepts has no mistake", () => {
  for (const value of [0, -1.5e-7, "", 'a"\\\n\u0007', [], {}, [[{}]], { "": { a: [null, true, false] } }]) {
    for (const space of [0, 2]) equal(jsonLines(JSON.stringify(value, null, space)).mistake, null);
  }
});

Deno.test("categories that are gone are named", () => {
  const before = '{"jobs": {"A": {"content": {"categories": {"X": {}, "Y": {}}}}, "B": {"content": {"categories": {"Z": {}}}}, "C": {}}}';
  const after = '{"jobs": {"A": {"content": {"categories": {"Y": {}, "NEW": {}}}}, "C": {}}}';
  equal(removedCategories(before, after), [{ job: "A", category: "X" }, { job: "B", category: "Z" }]);
  equal(removedCategories(before, before), []);
  equal(removedCategories(null, after), []);
});

Deno.test("every kind of project has templates, and they are whole", () => {
  for (const kind of ["IMAGE", "TEXT", "VIDEO", "PDF", "GEOSPATIAL", "LLM_STATIC"]) equal(templatesFor(kind).includes("oneClass"), true);
  for (const name of Object.keys(TEMPLATES)) equal(jsonLines(templateText(name)).mistake, null);
});
