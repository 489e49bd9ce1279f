// Numbers, sizes and times as people read them, in the viewer's language and zone.
const whole = new Intl.NumberFormat();
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const shortDay = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export const formatNumber = (value: number) => whole.format(value);
export const formatTime = (at: string | Date) => exact.format(new Date(at));
export const formatDay = (at: string | Date) => day.format(new Date(at));
/** Along an axis, where the year is told by the range. */
export const formatShortDay = (at: string | Date) => shortDay.format(new Date(at));
export const formatClock = (at: string | Date) => clock.format(new Date(at));

/** The viewer's time zone, such as Europe/Berlin: what days are counted in. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 30],
  ["month", 12],
  ["year", Number.POSITIVE_INFINITY],
];

/** "3 minutes ago", "in 2 hours". */
export function formatAgo(at: string | Date, now = Date.now()): string {
  let amount = (new Date(at).getTime() - now) / 1000;
  for (const [unit, length] of steps) {
    if (Math.abs(amount) < length)
      return unit === "second" && Math.abs(amount) < 10 ? "just now" : relative.format(Math.round(amount), unit);
    amount /= length;
  }
  return formatDay(at);
}

/** Bytes, as "599 B", "1.2 kB". */
export function formatSize(bytes: number): string {
  const power = Math.min(3, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1000)));
  const amount = bytes / 1000 ** power;
  return `${power === 0 ? amount : amount.toFixed(1)} ${["B", "kB", "MB", "GB"][power]}`;
}

/** Milliseconds, as "420 ms", "3.2 s", "2 min 5 s". */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes < 60
    ? `${minutes} min ${Math.round((milliseconds % 60_000) / 1_000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
