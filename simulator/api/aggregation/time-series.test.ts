import { expect, test } from "vitest";
import type { Json } from "../../world/types.ts";
import { readTimeSeries } from "./time-series.ts";

const now = Date.UTC(2026, 10, 20, 15, 4, 5);
const context = { now, appIds: [] };
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);

test.each<[Json, string, string]>([
  // Yesterday: the period of `first` is not part of a range that looks back.
  [{ period: "dayRange", first: "now()", count: -1 }, "2026-11-19T00:00", "2026-11-20T00:00"],
  [{ period: "dayRange", first: "now()", count: -30 }, "2026-10-21T00:00", "2026-11-20T00:00"],
  [{ period: "dayRange", first: 'dateAdd(now(), -30, "days")', count: 30 }, "2026-10-21T00:00", "2026-11-20T00:00"],
  [
    { period: "dayRange", first: "date(2026, 11, 1)", last: "date(2026, 11, 3)" },
    "2026-11-01T00:00",
    "2026-11-04T00:00",
  ],
  [{ period: "dayRange", first: String(now), last: "now()" }, "2026-11-20T00:00", "2026-11-21T00:00"],
  [{ period: "dayRange", first: now, count: 1 }, "2026-11-20T00:00", "2026-11-21T00:00"],
  [{ period: "hourRange", first: now, last: now }, "2026-11-20T15:00", "2026-11-20T16:00"],
  [{ period: "hourRange", first: "now()", count: -24 }, "2026-11-19T15:00", "2026-11-20T15:00"],
  [{ period: "weekRange", first: "now()", count: 1 }, "2026-11-15T00:00", "2026-11-22T00:00"],
  [{ period: "monthRange", first: "now()", count: -2 }, "2026-09-01T00:00", "2026-11-01T00:00"],
])("%j", (settings, from, to) => {
  const series = readTimeSeries(settings, context);
  expect([iso(series.from), iso(series.to)]).toEqual([from, to]);
});

test.each<[Json, string]>([
  [null, "timeSeries must be an object"],
  [{ first: "now()", count: -1 }, "timeSeries.period must be a string"],
  [{ period: "daily", first: "now()", count: -1 }, "timeSeries.period must be one of"],
  [{ period: "dayRange", count: -1 }, "timeSeries.first must be a string"],
  [{ period: "dayRange", first: "soon()", count: -1 }, "unknown function soon"],
  [{ period: "dayRange", first: '"x"', count: -1 }, "timeSeries.first is no time"],
  [{ period: "dayRange", first: 1e300, count: -1 }, "timeSeries.first is no time"],
  [{ period: "dayRange", first: "now()" }, "needs last, or a count"],
  [{ period: "dayRange", first: "now()", count: 0 }, "needs last, or a count"],
  [{ period: "dayRange", first: "now()", count: 1.5 }, "needs last, or a count"],
  [{ period: "dayRange", first: "now()", last: 0 }, "last is before"],
])("refuses %j", (settings, message) => {
  expect(() => readTimeSeries(settings, context)).toThrow(message);
});
