import { describe, expect, test } from "vitest";
import { compareRows, sayNews } from "./compare-rows.ts";

const rows = (...ids: string[]) => ids.map((id) => ({ id }));

describe("what a newer page has that the shown one has not", () => {
  test.each([
    ["nothing", rows("b", "a"), rows("b", "a"), undefined],
    ["two at its top", rows("b", "a"), rows("d", "c", "b"), { count: 2, isMore: false }],
    ["all of it", rows("b", "a"), rows("d", "c"), { count: 2, isMore: true }],
    ["rows where there were none", [], rows("a"), { count: 1, isMore: false }],
    ["another order", rows("b", "a"), rows("a", "b"), { count: 0, isMore: false }],
    ["one row less", rows("b", "a"), rows("a"), { count: 0, isMore: false }],
  ])("%s", (_, shown, newest, news) => {
    expect(compareRows(shown, newest)).toEqual(news);
  });
});

test.each([
  [{ count: 12, isMore: false }, "12 new – show"],
  [{ count: 50, isMore: true }, "More than 50 new – show"],
  [{ count: 0, isMore: false }, "Changed – show"],
])("%o in words", (news, words) => {
  expect(sayNews(news)).toBe(words);
});
