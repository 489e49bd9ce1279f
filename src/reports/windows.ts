// When reports are due. The windows of a report are a grid of its hours through all time, moved by an offset that follows
// from its connection's id: fixed, so that everybody says the same, and spread, so that not all connections ask at once.
import type { EveryHours } from "./report.ts";

const minute = 60_000;

type Grid = { connectionId: string; everyHours: EveryHours };

/** The beginning of the first window after `now`. */
export function nextWindow(report: Grid, now: Date): Date {
  return new Date(lastWindow(report, now).getTime() + report.everyHours * 60 * minute);
}

/** The beginning of the window that `now` is in. */
export function lastWindow({ connectionId, everyHours }: Grid, now: Date): Date {
  const length = everyHours * 60 * minute;
  // The end of a uuid v7 is random.
  const offset = (Number.parseInt(connectionId.slice(-6), 16) * minute) % length;
  return new Date(Math.floor((now.getTime() - offset) / length) * length + offset);
}
