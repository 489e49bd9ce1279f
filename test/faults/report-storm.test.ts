// In short; `npm run faults:report` does it until twenty runs were interrupted.
import { expect, test } from "vitest";
import { runReportStorm } from "./report-storm.ts";
import { silent } from "./support/run-program.ts";

test("killed in their runs, reports end as if nobody had disturbed them, with one run for each window", {
  timeout: 600_000,
}, async () => {
  const result = await runReportStorm({ interrupted: 1, visitors: 300, seed: "short" }, silent);
  expect(result.problems).toEqual([]);
  expect(result.interrupted).toBeGreaterThan(0);
  expect(result.windows).toBeGreaterThanOrEqual(3);
  expect(result.traits).toBeGreaterThan(1_000);
});
