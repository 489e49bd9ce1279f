// When things happen: on working days and in the daytime, more at the end of the period than at its beginning.
import type { Random } from "../random.ts";
import type { Period } from "./types.ts";

const hour = 3600;
const day = 24 * hour;
/** Shorter periods have no weekdays: everything is spread evenly. */
const shortestRhythm = 2 * day;

export type Rhythm = {
  /** An epoch second in the part of the period, likelier where more happens. */
  sample: (random: Random, part: Period) => number;
};

export function createRhythm(period: Period): Rhythm {
  if (period.to - period.from < shortestRhythm) {
    return { sample: (random, part) => random.int(part.from, part.to) };
  }
  const hours = Math.ceil((period.to - period.from) / hour);
  const sums = new Float64Array(hours + 1);
  for (let at = 0; at < hours; at += 1) {
    sums[at + 1] = sums[at]! + busyness(period.from + at * hour) * (1 + at / hours);
  }
  const sumAt = (second: number) => {
    const exact = Math.min(hours, Math.max(0, (second - period.from) / hour));
    const whole = Math.min(hours - 1, Math.floor(exact));
    return sums[whole]! + (sums[whole + 1]! - sums[whole]!) * (exact - whole);
  };
  return {
    sample: (random, part) => {
      const low = sumAt(part.from);
      const wanted = low + random.next() * (sumAt(part.to) - low);
      const whole = findHour(sums, wanted);
      const share = (wanted - sums[whole]!) / (sums[whole + 1]! - sums[whole]!);
      return Math.min(part.to, Math.max(part.from, Math.floor(period.from + (whole + share) * hour)));
    },
  };
}

/** Relative number of events in the hour of this epoch second (UTC): never 0, somebody is always awake. */
function busyness(second: number): number {
  const date = new Date(second * 1000);
  const isWeekend = date.getUTCDay() === 0 || date.getUTCDay() === 6;
  const hourOfDay = date.getUTCHours();
  const daytime = hourOfDay >= 7 && hourOfDay < 19 ? 1 + Math.sin(((hourOfDay - 7) / 12) * Math.PI) : 0.15;
  return daytime * (isWeekend ? 0.12 : 1);
}

function findHour(sums: Float64Array, wanted: number): number {
  let [low, high] = [0, sums.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sums[middle]! <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
