import { expect, test } from "vitest";
import { reasons } from "../../pipeline/outcome.ts";
import { namedReasons } from "./reasons.ts";

test("every reason that there is can be chosen, each by words of its own", () => {
  expect(namedReasons.map(({ value }) => value)).toEqual(Object.keys(reasons));
  expect(new Set(namedReasons.map(({ label }) => label)).size).toBe(namedReasons.length);
});
