import fc from "fast-check";
import { expect, test } from "vitest";
import { everyHours } from "./report.ts";
import { lastWindow, nextWindow } from "./windows.ts";

const hour = 60 * 60_000;
const grids = fc.record({ connectionId: fc.uuid({ version: 7 }), everyHours: fc.constantFrom(...everyHours) });
const moments = fc.date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });

test("a moment is in one window: from its beginning, and until the next one begins", () => {
  fc.assert(
    fc.property(grids, moments, (grid, now) => {
      const last = lastWindow(grid, now);
      const next = nextWindow(grid, now);
      expect(last.getTime()).toBeLessThanOrEqual(now.getTime());
      expect(next.getTime()).toBeGreaterThan(now.getTime());
      expect(next.getTime() - last.getTime()).toBe(grid.everyHours * hour);
      expect(lastWindow(grid, next)).toEqual(next);
      expect(lastWindow(grid, new Date(next.getTime() - 1))).toEqual(last);
    }),
  );
});

test("windows begin at a full minute, and once a day's at the same minute of every day", () => {
  fc.assert(
    fc.property(grids, moments, (grid, now) => {
      const last = lastWindow(grid, now);
      expect(last.getTime() % 60_000).toBe(0);
      const tomorrow = new Date(now.getTime() + 24 * hour);
      expect(lastWindow(grid, tomorrow).getTime() - last.getTime()).toBe(24 * hour);
    }),
  );
});

test("connections are spread over the interval, and each stays where it is", () => {
  const now = new Date("2026-11-02T10:00:00Z");
  const begins = Array.from({ length: 240 }, (_, place) => {
    const connectionId = `0192f3b4-0000-7000-8000-${(place * 7_919).toString(16).padStart(12, "0")}`;
    return lastWindow({ connectionId, everyHours: 1 }, now).getUTCMinutes();
  });
  expect(new Set(begins).size).toBeGreaterThan(30);
  const connectionId = "0192f3b4-7c1e-7000-8000-00000000002a";
  expect(lastWindow({ connectionId, everyHours: 12 }, now)).toEqual(new Date("2026-11-02T00:42:00Z"));
  expect(lastWindow({ connectionId, everyHours: 1 }, now)).toEqual(new Date("2026-11-02T09:42:00Z"));
});
