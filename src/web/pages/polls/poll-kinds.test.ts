import { expect, test } from "vitest";
import { hasAverage, nameKind } from "./poll-kinds.ts";

test.each([
  ["PositiveNegative", "Positive or negative", false],
  ["PickList", "Choice", false],
  ["NumberScale", "Scale", true],
  ["StarRating", "StarRating", true],
  [null, "–", true],
])("%s is %s", (pollType, name, isAveraged) => {
  expect([nameKind(pollType), hasAverage(pollType)]).toEqual([name, isAveraged]);
});
