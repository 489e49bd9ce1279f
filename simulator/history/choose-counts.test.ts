import { expect, test } from "vitest";
import { chooseCounts } from "./choose-counts.ts";
import { defaultMix } from "./kinds.ts";

const plenty = { visitorCreated: 1e9, accountCreated: 1e9, npsDisplayed: 1e9, npsSubmitted: 1e9 };
const add = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);

test("divides to the last delivery", () => {
  for (const count of [0, 1, 2, 3, 7, 99, 100, 101, 12_345])
    expect(add(chooseCounts(count, defaultMix, plenty))).toBe(count);
  expect(chooseCounts(90, { trackEventReceived: 1, guideDisplayed: 2 }, plenty)).toMatchObject({
    trackEventReceived: 30,
    guideDisplayed: 60,
    ping: 0,
  });
});

test("gives what a world has not got to the other kinds", () => {
  const counts = chooseCounts(1000, { npsSubmitted: 1, ping: 1 }, { ...plenty, npsSubmitted: 20 });
  expect(counts).toMatchObject({ npsSubmitted: 20, ping: 980 });
});

test("says so where there is no other kind", () => {
  expect(() => chooseCounts(1000, { npsSubmitted: 1 }, { ...plenty, npsSubmitted: 20 })).toThrow(
    "can give 20 deliveries",
  );
});
