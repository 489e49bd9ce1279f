import { expect, test } from "vitest";
import { readRetryAfter } from "./read-retry-after.ts";

const now = new Date("2026-11-25T00:00:00Z");

test.each([
  ["0", 0],
  ["30", 30_000],
  [" 7 ", 7_000],
  ["999999999", 3_600_000],
  ["Wed, 25 Nov 2026 00:00:10 GMT", 10_000],
  ["Wednesday, 25-Nov-26 00:00:10 GMT", 10_000],
  ["Wed Nov 25 00:00:10 2026 GMT", 10_000],
  ["Tue, 24 Nov 2026 00:00:00 GMT", 0],
  ["Wed, 25 Nov 2099 00:00:00 GMT", 3_600_000],
  [undefined, undefined],
  ["", undefined],
  ["soon", undefined],
  ["-1", undefined],
  ["1.5", undefined],
  ["1e3", undefined],
  ["2026-11-25T00:00:10Z", undefined],
])("%j is %j ms away", (header, expected) => {
  expect(readRetryAfter(header, now)).toBe(expected);
});

test("of several headers the first one counts", () => {
  expect(readRetryAfter(["3", "9"], now)).toBe(3_000);
});
