import { Blocks } from "../../../server/page/static/domain/blocks.js";
import { equal } from "./equal.js";

const turn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("two blocks are asked for at once, and five are kept", async () => {
  const asked = [];
  const blocks = new Blocks((skip, first) => {
    asked.push(skip);
    return Promise.resolve(Array.from({ length: first }, (_, i) => skip + i));
  }, () => {});
  blocks.want(0, 1000);
  equal(asked, [0, 200]);
  for (let i = 0; i < 5; i++) await turn();
  equal(asked, [0, 200, 400, 600, 800]);
  equal(blocks.at(999), 999);
  blocks.want(1000, 1100);
  await turn();
  equal([blocks.at(0), blocks.at(1000)], [undefined, 1000]);
  equal(blocks.rows.size, 5);
});

Deno.test("answers for rows that have left the view are dropped", async () => {
  const answers = new Map();
  const blocks = new Blocks((skip, _first, signal) => {
    const { promise, resolve } = Promise.withResolvers();
    answers.set(skip, { resolve, signal });
    return promise;
  }, () => {});
  blocks.want(0, 100);
  blocks.want(4000, 4100);
  equal(answers.get(0).signal.aborted, true);
  answers.get(0).resolve(["late"]);
  answers.get(4000).resolve(["row"]);
  await turn();
  equal([blocks.at(0), blocks.at(4000)], [undefined, "row"]);
});
