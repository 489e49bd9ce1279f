// What a cell says as the value of a trait. Recognised cell by cell, so that half of a file says what the whole would; what is
// not surely a number, a yes or no, a date or a list is text, as it stands.
import type { TraitType, TraitValue } from "../pipeline/records.ts";
import { parseIsoTime } from "../platform/iso-time.ts";
import { type Json, parseJsonExactly } from "../platform/json.ts";

export type TypedValue = { type: TraitType; value: TraitValue };

/** Leading zeros and plus signs are those of ids and telephone numbers. */
const plainNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** What a number keeps without loss. */
const mostDigits = 15;

export function readTraitValue(text: string): TypedValue {
  if (plainNumber.test(text) && text.replace(/\D/g, "").length <= mostDigits)
    return { type: "number", value: Number(text) };
  if (/^(?:true|yes)$/i.test(text)) return { type: "yes-no", value: true };
  if (/^(?:false|no)$/i.test(text)) return { type: "yes-no", value: false };
  return readDate(text) ?? readList(text) ?? { type: "text", value: text };
}

/** A day stays a day; a time becomes UTC. */
function readDate(text: string): TypedValue | undefined {
  const at = parseIsoTime(text);
  if (at === undefined) return undefined;
  return { type: "date", value: text.length === 10 ? text : new Date(at).toISOString() };
}

/** A list is written as JSON: ["a","b"]. */
function readList(text: string): TypedValue | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const list = parseJsonExactly(text);
    return Array.isArray(list) && list.every(isTextOrNumber) ? { type: "list", value: list } : undefined;
  } catch {
    return undefined;
  }
}

function isTextOrNumber(value: Json): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
