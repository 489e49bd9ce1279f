// R7 in short; `npm run faults:pendo` does it for minutes.
import { expect, test } from "vitest";
import { runPendoTrouble } from "./pendo-trouble.ts";
import { silent } from "./support/run-program.ts";

test("while Pendo's API misbehaves nothing is matched wrongly, and afterwards everything as if it had not", async () => {
  const { problems, ledger } = await runPendoTrouble({ seconds: 12, count: 400, visitors: 150, seed: "short" }, silent);
  expect(problems).toEqual([]);
  expect(ledger.recorded).toBeGreaterThan(200);
});
