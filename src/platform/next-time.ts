import { type CronItem, parseCronItem } from "graphile-worker";

const minute = 60_000;
/** The rarest day there is, the 29th of February, is at most eight years away. */
const mostMinutes = 9 * 366 * 24 * 60;

/** The first minute after `now` that a timetable means: minute, hour, day, month, day of the week (UTC). Throws when it is none. */
export function findNextTime(when: string, now: Date): Date {
  const { match } = parseCronItem({ task: "any", match: when } satisfies CronItem);
  let at = Math.floor(now.getTime() / minute) * minute;
  for (let tries = 0; tries < mostMinutes; tries += 1) {
    at += minute;
    const time = new Date(at);
    const digest = {
      min: time.getUTCMinutes(),
      hour: time.getUTCHours(),
      date: time.getUTCDate(),
      month: time.getUTCMonth() + 1,
      dow: time.getUTCDay(),
    };
    if (match(digest)) return time;
  }
  throw new Error(`The timetable ${when} means no time at all.`);
}
