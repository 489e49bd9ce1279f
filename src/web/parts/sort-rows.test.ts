import { expect, test } from "vitest";
import { sortRows } from "./sort-rows.ts";

const same = <T>(value: T) => value;

test.each([
  ["numbers by their size", [10, 9, -1], [-1, 9, 10], [10, 9, -1]],
  ["texts whatever the case, and numbers in them by size", ["b10", "a", "B9"], ["a", "B9", "b10"], ["b10", "B9", "a"]],
  ["nothing at the end, whichever way", [null, 2, undefined, 1], [1, 2, null, undefined], [2, 1, null, undefined]],
])("%s", (_, rows, up, down) => {
  expect(sortRows<string | number | null | undefined>(rows, same, false)).toEqual(up);
  expect(sortRows<string | number | null | undefined>(rows, same, true)).toEqual(down);
});

test("what is the same stays in its order", () => {
  const rows = [
    { id: "x", at: 1 },
    { id: "y", at: 1 },
  ];
  expect(sortRows(rows, ({ at }) => at, true)).toEqual(rows);
});
