import { expect, test } from "vitest";
import { createRandom } from "../random.ts";
import { chooseOrder } from "./choose-order.ts";

const order = (isShuffled: boolean, duplicates: number, seed = "7") => [
  ...chooseOrder(createRandom(seed), { count: 1000, isShuffled, duplicates }),
];

test("sends everything once, in order of time, unless asked otherwise", () => {
  expect(order(false, 0)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
});

test("shuffles by the seed and loses nothing", () => {
  expect(order(true, 0)).toEqual(order(true, 0));
  expect(order(true, 0)).not.toEqual(order(true, 0, "8"));
  expect(order(true, 0)).not.toEqual(order(false, 0));
  expect(order(true, 0).sort((a, b) => a - b)).toEqual(order(false, 0));
});

test("adds exactly the wanted share of duplicates, some of them of the same delivery", () => {
  for (const share of [0.05, 1, 2.5]) {
    const sent = order(true, share);
    expect(sent).toHaveLength(1000 + share * 1000);
    expect(new Set(sent).size).toBe(1000);
  }
  const times = new Map<number, number>();
  for (const index of order(false, 0.3)) times.set(index, (times.get(index) ?? 0) + 1);
  expect(Math.max(...times.values())).toBeGreaterThan(2);
});

test("a duplicate follows its original", () => {
  const sent = order(false, 0.3);
  const originals = sent.filter((index, place) => sent.indexOf(index) === place);
  expect(originals).toEqual(order(false, 0));
});
