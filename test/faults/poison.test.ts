// R5 in short: every nasty value in every field, some of the naughty strings, a few of the large values. `npm run
// faults:poison` sends all of them, and measures how long the answers take.
import { expect, test } from "vitest";
import { runPoison, shuffle } from "./poison-run.ts";
import { listDoorPoisons, listFieldPoisons, listUnforeseenPoisons } from "./support/poisons.ts";
import { silent } from "./support/run-program.ts";

test("hostile input is kept byte for byte, never folded, never fatal, and its neighbours are recorded", async () => {
  const poisons = [
    ...listDoorPoisons(),
    ...listFieldPoisons({ everyCorpus: 60, everyLarge: 60 }),
    ...listUnforeseenPoisons(10),
  ];
  const result = await runPoison({ poisons: shuffle("short", poisons), seed: "short" }, silent);
  expect(result.problems).toEqual([]);
  expect(result.sent).toBe(poisons.filter(({ name }) => !tooLarge.includes(name)).length);
});

/** Answered 413, and not kept. */
const tooLarge = ["one byte too many", "an id of 2 MB"];
