import fc from "fast-check";
import { expect, test } from "vitest";
import { findNextTime } from "./next-time.ts";

test.each([
  ["* * * * *", "2026-11-02T10:00:00Z", "2026-11-02T10:01:00Z"],
  ["* * * * *", "2026-11-02T10:00:59.999Z", "2026-11-02T10:01:00Z"],
  ["7 * * * *", "2026-11-02T10:07:00Z", "2026-11-02T11:07:00Z"],
  ["23 4 * * *", "2026-12-31T04:23:00Z", "2027-01-01T04:23:00Z"],
  ["*/15 6 * * 0", "2026-11-02T10:00:00Z", "2026-11-08T06:00:00Z"],
  ["0 0 29 2 *", "2097-01-01T00:00:00Z", "2104-02-29T00:00:00Z"],
])("%s after %s is %s", (when, now, expected) => {
  expect(findNextTime(when, new Date(now))).toEqual(new Date(expected));
});

test("a day that is in no calendar, and what is no timetable, are refused", () => {
  expect(() => findNextTime("0 0 30 2 *", new Date())).toThrow("means no time at all");
  expect(() => findNextTime("sometimes", new Date())).toThrow();
});

test("it is never now nor before, and never later than a day for what happens every day", () => {
  const times = fc.date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
  const parts = fc.record({ minute: fc.integer({ min: 0, max: 59 }), hour: fc.integer({ min: 0, max: 23 }) });
  fc.assert(
    fc.property(times, parts, (now, { minute, hour }) => {
      const next = findNextTime(`${minute} ${hour} * * *`, now);
      expect(next.getTime()).toBeGreaterThan(now.getTime());
      expect(next.getTime() - now.getTime()).toBeLessThanOrEqual(24 * 60 * 60_000);
      expect([next.getUTCHours(), next.getUTCMinutes(), next.getUTCSeconds()]).toEqual([hour, minute, 0]);
    }),
  );
});
