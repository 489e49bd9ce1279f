// Dates in the subscription's time zone, which is UTC here. Times are in epoch milliseconds.

const hour = 3_600_000;
const day = 24 * hour;

type Starter = (date: Date) => number;
const starts: Readonly<Record<string, Starter>> = {
  hourly: (date) => Math.floor(date.getTime() / hour) * hour,
  daily: (date) => Math.floor(date.getTime() / day) * day,
  // Weeks begin on Sunday.
  weekly: (date) => (Math.floor(date.getTime() / day) - date.getUTCDay()) * day,
  monthly: (date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth()),
  quarterly: (date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (date.getUTCMonth() % 3)),
  yearly: (date) => Date.UTC(date.getUTCFullYear(), 0),
};
const months: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
const lengths: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour,
  day,
  week: 7 * day,
};
const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Null for a period nobody knows. */
export function startOfPeriod(period: string, time: number): number | null {
  const start = Object.hasOwn(starts, period) ? starts[period] : undefined;
  return start && Number.isFinite(time) ? start(new Date(time)) : null;
}

export function addToDate(time: number, count: number, unit: string): number | null {
  const one = unit.replace(/s$/, "");
  if (Object.hasOwn(lengths, one)) return time + count * lengths[one]!;
  if (!Object.hasOwn(months, one)) return null;
  const date = new Date(time);
  const wanted = date.getUTCMonth() + count * months[one]!;
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), wanted + 1, 0)).getUTCDate();
  const midnight = Date.UTC(date.getUTCFullYear(), wanted, Math.min(date.getUTCDate(), lastDay));
  return midnight + (((time % day) + day) % day);
}

/** Year, month from 1, day, hour, minute, second. */
export function createDate([year = 1970, month = 1, dayOfMonth = 1, hours = 0, minutes = 0, seconds = 0]: number[]) {
  return Date.UTC(year, month - 1, dayOfMonth, hours, minutes, seconds);
}

export function parseDate(text: string): number | null {
  const time = /^\d{4}-\d{2}(-\d{2})?$/.test(text)
    ? Date.parse(text)
    : Date.parse(/Z|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(time) ? null : time;
}

/** Go's layouts: the parts of the moment 2006-01-02 15:04:05 stand for those of the time. */
export function formatTime(layout: string, time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const parts: Readonly<Record<string, string>> = {
    "2006": String(date.getUTCFullYear()).padStart(4, "0"),
    "01": two(date.getUTCMonth() + 1),
    "02": two(date.getUTCDate()),
    "15": two(date.getUTCHours()),
    "04": two(date.getUTCMinutes()),
    "05": two(date.getUTCSeconds()),
    Jan: monthNames[date.getUTCMonth()]!,
    Mon: dayNames[date.getUTCDay()]!,
  };
  return layout.replace(/2006|01|02|15|04|05|Jan|Mon/g, (part) => parts[part]!);
}
