/** More than an hour is nobody's wish: a clock is wrong somewhere. */
const mostMs = 3_600_000;

/** Milliseconds until one may come again, from seconds or a date of HTTP; undefined where the header says neither. */
export function readRetryAfter(header: string | string[] | undefined, now: Date): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1000, mostMs);
  // Only as HTTP writes dates: Date.parse alone takes a lot for one.
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - now.getTime(), 0), mostMs);
}
