// R1 in short; `npm run faults:kill` does it with hundreds of kills.
import { expect, test } from "vitest";
import { runKillStorm } from "./kill-storm.ts";
import { silent } from "./support/run-program.ts";

test("nothing acknowledged is lost or doubled while Plumblines and PostgreSQL are killed at random moments", async () => {
  const result = await runKillStorm({ kills: 10, rate: 60, seed: "short", longestPause: 900 }, silent);
  expect(result.problems).toEqual([]);
  expect(result.acknowledged).toBeGreaterThan(100);
  expect(Object.values(result.kills).reduce((sum, count) => sum + count, 0)).toBe(10);
});
