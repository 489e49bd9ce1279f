import { expect, test } from "vitest";
import { parseTime, parseWholeNumber } from "./arguments.ts";

test.each([
  ["2026-03-31", "2026-03-31T00:00:00.000Z"],
  ["2026-03-31T14:00:00Z", "2026-03-31T14:00:00.000Z"],
  ["2026-03-31T14:00", "2026-03-31T14:00:00.000Z"],
  ["2026-03-31 14:00:30", "2026-03-31T14:00:30.000Z"],
  ["2026-03-31T14:00:00+02:00", "2026-03-31T12:00:00.000Z"],
  [" 2026-03-31 ", "2026-03-31T00:00:00.000Z"],
  ["1774965600", "2026-03-31T14:00:00.000Z"],
  ["1774965600000", "2026-03-31T14:00:00.000Z"],
])("the time %j is %s", (text, at) => {
  expect(parseTime(text)).toBe(at);
});

test.each([
  "",
  "2026",
  "2026-13-01",
  "2026-02-30",
  "yesterday",
  "1 day",
  "7d",
  "day 1",
  "31.3.2026",
  "123456789012345",
  "-1",
])("%j is no time, and the message shows how one looks", (text) => {
  expect(() => parseTime(text)).toThrow(`${JSON.stringify(text)} is not a time; it looks like 2026-03-31`);
});

test.each([
  ["0", 0],
  ["1440", 1440],
  ["007", 7],
  ["999999999", 999_999_999],
])("the whole number %j is %i", (text, value) => {
  expect(parseWholeNumber(text)).toBe(value);
});

test.each(["", " 1", "-1", "+1", "1.5", "1e3", "0x10", "1000000000", "１", "one"])("%j is no whole number", (text) => {
  expect(() => parseWholeNumber(text)).toThrow(JSON.stringify(text));
});
