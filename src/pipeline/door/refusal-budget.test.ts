import { expect, test } from "vitest";
import { createRefusalBudget } from "./refusal-budget.ts";

/** How many of `tries` refusals are kept. */
function count(take: (connectionId: string) => boolean, connectionId: string, tries: number): number {
  return Array.from({ length: tries }, () => take(connectionId)).filter(Boolean).length;
}

test("a hundred at once are kept, then one every ten seconds, for each connection", () => {
  let now = 1_000;
  const take = createRefusalBudget(() => now);
  expect(count(take, "c-1", 10_000)).toBe(100);
  expect(count(take, "c-2", 50)).toBe(50);
  now += 9_999;
  expect(count(take, "c-1", 1_000)).toBe(0);
  now += 1;
  expect(count(take, "c-1", 1_000)).toBe(1);
  now += 60_000;
  expect(count(take, "c-1", 1_000)).toBe(6);
  expect(count(take, "c-2", 1_000)).toBe(57);
});

test("a flood that never stops gets no more than its share", () => {
  let now = 0;
  const take = createRefusalBudget(() => now);
  let kept = 0;
  for (let second = 0; second < 3_600; second += 1) {
    now = second * 1_000;
    kept += count(take, "c-1", 100);
  }
  expect(kept).toBeGreaterThanOrEqual(100 + 358);
  expect(kept).toBeLessThanOrEqual(100 + 360);
});

test("after a rest it holds a hundred again, and not more", () => {
  let now = 0;
  const take = createRefusalBudget(() => now);
  count(take, "c-1", 500);
  now += 24 * 60 * 60 * 1_000;
  expect(count(take, "c-1", 500)).toBe(100);
});
