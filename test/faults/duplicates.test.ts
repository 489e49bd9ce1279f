// R4 in short; `npm run faults:duplicates` does it with thousands of deliveries and more permutations.
import { expect, test } from "vitest";
import { runDuplicateStorm } from "./duplicate-storm.ts";
import { runOrderProperty } from "./order-property.ts";
import { silent } from "./support/run-program.ts";

test("deliveries that come one to five times, in no order, through two doors have exactly one effect each", async () => {
  const result = await runDuplicateStorm({ count: 300, mostCopies: 5, seed: "short" }, silent);
  expect(result.problems).toEqual([]);
  expect(result.requests).toBeGreaterThan(600);
});

test("the state does not depend on the order of arrival", async () => {
  const result = await runOrderProperty({ permutations: 4, count: 60, seed: "short" }, silent);
  expect(result.problems).toEqual([]);
  expect(result.lines).toBeGreaterThan(100);
});
