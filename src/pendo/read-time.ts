// Pendo's envelope counts in seconds, everything inside in milliseconds; both turn up in either place.
import type { FactTime } from "../pipeline/facts.ts";
import { parseIsoTime } from "../platform/iso-time.ts";
import type { Json } from "../platform/json.ts";

/** Below this, a number is seconds (until the year 5138); from it on, milliseconds (since 1973). */
const secondsBelow = 1e11;
/** Pendo was founded in 2013: what claims to be older is a clock that was never set. */
const earliest = Date.UTC(2010, 0, 1);
const clockSkew = 24 * 60 * 60 * 1000;

/**
 * Reads a time given as seconds, milliseconds (numbers, or numbers as text) or ISO 8601 (in UTC where it names no
 * zone). What is missing or cannot be right is flagged, and the time of arrival is used.
 */
export function readTime(value: Json | undefined, receivedAt: Date): FactTime {
  if (value === undefined || value === null || (typeof value === "string" && value.trim() === ""))
    return { at: receivedAt, flag: "missing" };
  const at = toMilliseconds(value);
  if (at === undefined) return { at: receivedAt, flag: "unreadable" };
  if (at < earliest) return { at: receivedAt, flag: "too-old" };
  if (at > receivedAt.getTime() + clockSkew) return { at: receivedAt, flag: "in-future" };
  return { at: new Date(at), flag: null };
}

function toMilliseconds(value: Json): number | undefined {
  if (typeof value === "string") {
    const text = value.trim();
    return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? toMilliseconds(Number(text)) : parseIsoTime(text);
  }
  if (typeof value !== "number" || Number.isNaN(value)) return undefined;
  return Math.abs(value) < secondsBelow ? Math.round(value * 1000) : Math.round(value);
}
