// S1 in short; `npm run faults:tenants` does it with thousands of operations.
import { expect, test } from "vitest";
import { silent } from "./support/run-program.ts";
import { runTenants } from "./tenants-run.ts";

test("nothing of one workspace turns up in the other's answers, exports or logs", async () => {
  const result = await runTenants({ operations: 500, seed: "short" }, silent);
  expect(result.problems).toEqual([]);
  expect(result.answers).toBeGreaterThan(500);
});
