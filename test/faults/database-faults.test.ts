// R2 in short; `npm run faults:database` does all of it, and measures the way back.
import { expect, test } from "vitest";
import { allFaults, runExternalFaults } from "./database-faults.ts";
import { silent } from "./support/run-program.ts";

test("the process outlives a database that is stopped, frozen and cut off, and acknowledges nothing meanwhile", async () => {
  const names = ["stopped (fast shutdown)", "frozen (SIGSTOP)", "connections cut again and again"];
  const faults = allFaults.external.filter(({ name }) => names.includes(name));
  const options = { rate: 60, awayMs: 2_500, baselineMs: 1_000, seed: "short", faults };
  const result = await runExternalFaults(options, silent);
  expect(result.problems).toEqual([]);
  expect(result.recoveries.map(({ fault }) => fault).sort()).toEqual(names.sort());
});
