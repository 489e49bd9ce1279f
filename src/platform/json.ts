// JSON as it really arrives: hostile depth, digits that JavaScript would round, characters that PostgreSQL refuses.
import { isSafeNumber, parse as parseLosslessly } from "lossless-json";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

const quote = 0x22;
const backslash = 0x5c;

/** Whether brackets nest at most `limit` deep. Reads the bytes once, before anything recursive sees them. */
export function isWithinDepth(bytes: Uint8Array, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > limit) return false;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return true;
}

// A number that may not survive as a double: 16 digits from 9…, 17 digits and more, or an exponent.
const perhapsUnsafeNumber = /[:[,]\s*-?(?:0|[1-9]\d*)?(?:9\d{15}|\d{17}|\.\d{15}|[\d.]*[eE])/;

/**
 * Parses JSON without losing digits: a number that JavaScript cannot hold exactly (2^53 + 1, 1e400) becomes the text
 * of its digits. Everything else is as JSON.parse gives it. Throws a SyntaxError on what is not JSON.
 */
export function parseJsonExactly(text: string): Json {
  if (!perhapsUnsafeNumber.test(text)) return JSON.parse(text);
  const plain = JSON.parse(text);
  try {
    return parseLosslessly(text, undefined, {
      parseNumber: (digits) => (isSafeNumber(digits, { approx: true }) ? Number(digits) : digits),
      onDuplicateKey: ({ newValue }) => newValue,
    }) as Json;
  } catch {
    return plain;
  }
}

// JSON.stringify writes a lone surrogate as an escape, and U+0000 always as one; pairs stay characters.
const refusedByPostgres = /\\u(?:0000|d[89ab])/i;

/**
 * JSON text that `json` and `jsonb` accept. U+0000 and lone surrogates are replaced by U+FFFD; the raw body keeps
 * what they were.
 */
export function toStorableJson(value: unknown): string {
  const text = JSON.stringify(value);
  return refusedByPostgres.test(text) ? JSON.stringify(value, replaceUnstorable) : text;
}

function replaceUnstorable(_key: string, value: unknown): unknown {
  if (typeof value === "string") return toStorableText(value);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (entries.every(([key]) => isStorableText(key))) return value;
  // Two keys may become one name; the second one then gets a number, so that no value is dropped.
  const seen = new Set<string>();
  return Object.fromEntries(
    entries.map(([key, content]) => {
      let name = toStorableText(key);
      for (let copy = 2; seen.has(name); copy += 1) name = `${toStorableText(key)} (${copy})`;
      seen.add(name);
      return [name, content];
    }),
  );
}

/** Whether PostgreSQL can keep this text exactly as it is. */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

export function toStorableText(text: string): string {
  return isStorableText(text) ? text : text.toWellFormed().replaceAll("\0", "\uFFFD");
}

export function isJsonObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
