import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { Json } from "../platform/json.ts";
import { readTime } from "./read-time.ts";

const receivedAt = new Date("2026-03-10T12:00:00.000Z");
const day = 24 * 60 * 60 * 1000;

describe("times that are taken as they came", () => {
  test.each<[Json, string]>([
    [1626804431, "2021-07-20T18:07:11.000Z"],
    [1626804431.5, "2021-07-20T18:07:11.500Z"],
    [1626804431.0004, "2021-07-20T18:07:11.000Z"],
    [1626804431123, "2021-07-20T18:07:11.123Z"],
    [1626804431123.6, "2021-07-20T18:07:11.124Z"],
    ["1626804431", "2021-07-20T18:07:11.000Z"],
    [" 1626804431123 ", "2021-07-20T18:07:11.123Z"],
    ["1626804431.25", "2021-07-20T18:07:11.250Z"],
    ["1.626804431e9", "2021-07-20T18:07:11.000Z"],
    ["2021-07-20T18:07:11Z", "2021-07-20T18:07:11.000Z"],
    ["2021-07-20T18:07:11.123456789Z", "2021-07-20T18:07:11.123Z"],
    ["2021-07-20t18:07:11z", "2021-07-20T18:07:11.000Z"],
    ["2021-07-20T20:07:11+02:00", "2021-07-20T18:07:11.000Z"],
    ["2021-07-20T20:07:11+0200", "2021-07-20T18:07:11.000Z"],
    ["2021-07-20T20:07:11+02", "2021-07-20T18:07:11.000Z"],
    ["2021-07-20T14:37:11-03:30", "2021-07-20T18:07:11.000Z"],
    ["2021-07-20T18:07:11", "2021-07-20T18:07:11.000Z"],
    ["2021-07-20 18:07:11", "2021-07-20T18:07:11.000Z"],
    ["2021-07-20T18:07", "2021-07-20T18:07:00.000Z"],
    ["2021-07-20", "2021-07-20T00:00:00.000Z"],
    [receivedAt.getTime() + day, "2026-03-11T12:00:00.000Z"],
    [Date.UTC(2010, 0, 1), "2010-01-01T00:00:00.000Z"],
  ])("%j", (value, at) => {
    expect(readTime(value, receivedAt)).toEqual({ at: new Date(at), flag: null });
  });
});

describe("times that are flagged: the time of arrival is used", () => {
  test.each<[Json | undefined, string]>([
    [undefined, "missing"],
    [null, "missing"],
    ["", "missing"],
    ["  ", "missing"],
    ["yesterday", "unreadable"],
    ["2021", "too-old"],
    ["2021-07", "unreadable"],
    ["2021-13-01", "unreadable"],
    ["2021-02-30T00:00:00Z", "unreadable"],
    ["2021-02-29", "unreadable"],
    ["2021-07-20T25:00:00Z", "unreadable"],
    ["2021-07-20T18:60:00Z", "unreadable"],
    ["2021-07-20T18:07:11 CEST", "unreadable"],
    ["2021-07-20 or so", "unreadable"],
    ["07/20/2021", "unreadable"],
    ["Tue, 20 Jul 2021 18:07:11 GMT", "unreadable"],
    ["0x60F7", "unreadable"],
    ["Infinity", "unreadable"],
    ["NaN", "unreadable"],
    [Number.NaN, "unreadable"],
    [true, "unreadable"],
    [{}, "unreadable"],
    [[1626804431], "unreadable"],
    [0, "too-old"],
    [-0, "too-old"],
    [1, "too-old"],
    [-1626804431, "too-old"],
    [-1626804431123, "too-old"],
    ["-1", "too-old"],
    ["1970-01-01T00:00:00Z", "too-old"],
    ["0000-01-01", "too-old"],
    ["2009-12-31T23:59:59.999Z", "too-old"],
    [Date.UTC(2010, 0, 1) - 1, "too-old"],
    ["-1e400", "too-old"],
    [receivedAt.getTime() + day + 1, "in-future"],
    [1626804431123000, "in-future"],
    [1626804431123000000, "in-future"],
    [253402300799, "too-old"],
    ["9999-12-31T23:59:59Z", "in-future"],
    ["1e400", "in-future"],
    [Number.MAX_VALUE, "in-future"],
    [Number.POSITIVE_INFINITY, "in-future"],
    ["12345678901234567890", "in-future"],
  ])("%j is %s", (value, flag) => {
    expect(readTime(value, receivedAt)).toEqual({ at: receivedAt, flag });
  });
});

describe("the zone of the server does not matter", () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  test.each(["Asia/Kolkata", "America/St_Johns", "Europe/Berlin"])("%s", (name) => {
    process.env.TZ = name;
    expect(new Date(0).getTimezoneOffset()).not.toBe(0);
    for (const text of ["2021-07-20T18:07:11", "2021-07-20 18:07:11", "2021-03-28T02:30:00"])
      expect(readTime(text, receivedAt).at.toISOString()).toBe(`${text.replace(" ", "T")}.000Z`);
  });
});

test("seconds and milliseconds of the same moment are the same moment", () => {
  const moment = fc.integer({ min: Date.UTC(2010, 0, 1) / 1000, max: receivedAt.getTime() / 1000 });
  fc.assert(
    fc.property(moment, (seconds) => {
      const at = new Date(seconds * 1000);
      for (const value of [seconds, seconds * 1000, String(seconds), String(seconds * 1000), at.toISOString()])
        expect(readTime(value, receivedAt)).toEqual({ at, flag: null });
    }),
  );
});

test("whatever is given, the time lies between the first that can be right and a day from now", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.double(), fc.double().map(String)), (value) => {
      const { at, flag } = readTime(value as Json, receivedAt);
      expect(at.getTime()).toBeGreaterThanOrEqual(Date.UTC(2010, 0, 1));
      expect(at.getTime()).toBeLessThanOrEqual(receivedAt.getTime() + day);
      if (flag !== null) expect(at).toBe(receivedAt);
    }),
    { numRuns: 1_000 },
  );
});
