// R6 in short; `npm run faults:overload` floods for longer, and waits until the slow clients have been closed.
import { expect, test } from "vitest";
import { runOverload } from "./overload-run.ts";
import { silent } from "./support/run-program.ts";

test("what is too much is refused, what is acknowledged is on disk, memory is bounded, others get through", async () => {
  const floods = { seconds: 2, sockets: 3_500, slowClients: 100, floodsAtFullSpeed: false, awaitsEndOfSlow: false };
  const result = await runOverload({ ...floods, mostMegabytes: 700, seed: "short" }, silent);
  expect(result.problems).toEqual([]);
  expect(result.refused).toBeGreaterThan(0);
});
