// Which hours, days, weeks or months a source is asked for.
import type { Json } from "../../world/types.ts";
import { addToDate, startOfPeriod } from "./expressions/dates.ts";
import type { Context } from "./expressions/functions.ts";
import { readExpression, readObject, readText, refuse } from "./read-shape.ts";

export type TimeSeries = {
  /** The field of aggregated rows that says when. */
  field: "hour" | "day" | "week" | "month";
  /** The start of the period a time belongs to. */
  floor: (time: number) => number;
  /** Epoch milliseconds; `to` is excluded. */
  from: number;
  to: number;
};

const periods: Readonly<Record<string, { field: TimeSeries["field"]; name: string }>> = {
  hourRange: { field: "hour", name: "hourly" },
  dayRange: { field: "day", name: "daily" },
  weekRange: { field: "week", name: "weekly" },
  monthRange: { field: "month", name: "monthly" },
};

/** The last millisecond of JavaScript's dates. */
const latest = 8.64e15;

/** Throws a Refusal. */
export function readTimeSeries(settings: Json | undefined, context: Context): TimeSeries {
  const { period, first, last, count } = readObject(settings, "timeSeries");
  const name = readText(period, "timeSeries.period");
  const known = Object.hasOwn(periods, name) ? periods[name] : undefined;
  if (!known) throw refuse(`timeSeries.period must be one of ${Object.keys(periods).join(", ")}, not ${name}`);
  const floor = (time: number) => startOfPeriod(known.name, time)!;
  const move = (time: number, steps: number) => addToDate(time, steps, known.field)!;
  const start = floor(readTime(first, "timeSeries.first", context));
  if (last !== undefined) {
    const end = floor(readTime(last, "timeSeries.last", context));
    if (end < start) throw refuse("timeSeries.last is before timeSeries.first");
    return { field: known.field, floor, from: start, to: move(end, 1) };
  }
  const steps = Number(count);
  if (!Number.isInteger(steps) || steps === 0 || count === null)
    throw refuse("timeSeries needs last, or a count that is not 0");
  // A negative count ends before the period of `first`: now() and -1 are yesterday.
  return steps > 0
    ? { field: known.field, floor, from: start, to: move(start, steps) }
    : { field: known.field, floor, from: move(start, steps), to: start };
}

/** A number, a number in a string, or an expression. */
function readTime(value: Json | undefined, what: string, context: Context): number {
  const time = readExpression(value, what, context)({});
  if (typeof time !== "number" || Math.abs(time) > latest) throw refuse(`${what} is no time`);
  return time;
}
