// What a text surely says as a number, a yes or no, a date or a list. Whoever reads it as one of them reads it like this,
// wherever it comes from; undefined: it says something else.
import { parseIsoTime } from "./iso-time.ts";
import { type Json, parseJsonExactly, toStorableText } from "./json.ts";

/** Leading zeros and plus signs are those of ids and telephone numbers. */
const plainNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** What a number keeps without loss. */
const mostDigits = 15;

/** A number in plain notation, of at most 15 digits. A zero below zero is zero. */
export function readNumberText(text: string): number | undefined {
  return plainNumber.test(text) && text.replace(/\D/g, "").length <= mostDigits ? Number(text) + 0 : undefined;
}

export function readYesNoText(text: string): boolean | undefined {
  if (/^(?:true|yes)$/i.test(text)) return true;
  return /^(?:false|no)$/i.test(text) ? false : undefined;
}

/** A day stays a day, a time becomes UTC: 2026-03-31, or 2026-03-31T14:00:00.000Z. Only years that both here and PostgreSQL know. */
export function readDateText(text: string): string | undefined {
  const at = parseIsoTime(text);
  if (at === undefined) return undefined;
  const time = new Date(at).toISOString();
  if (!/^(?!0000)\d{4}-/.test(time)) return undefined;
  return text.length === 10 ? text : time;
}

/** A list is written as JSON: ["a","b"]. */
export function readListText(text: string): (number | string)[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    return toList(parseJsonExactly(text));
  } catch {
    return undefined;
  }
}

/** A list has texts and numbers, and nothing else. */
export function toList(value: Json): (number | string)[] | undefined {
  if (!Array.isArray(value) || !value.every(isTextOrNumber)) return undefined;
  return value.map((one) => (typeof one === "string" ? toStorableText(one) : one));
}

function isTextOrNumber(value: Json): value is string | number {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}
