// JSON as it really arrives: hostile depth, digits that JavaScript would round, characters that PostgreSQL refuses.
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

// A number that may not survive as a double: an integer of 16 digits from 9… or of 17 and more, an exponent, a fraction
// that begins with hundreds of zeros. It may also match inside of texts: then the slower way is taken for nothing.
const perhapsUnsafeNumber = /(?:^|[:[,])\s*-?(?:0|[1-9]\d*)?(?:9\d{15}|\d{17}|\.0{300}|\d[\d.]*[eE])/;
const smallestNormalNumber = 2 ** -1022;

/**
 * Parses JSON without losing digits: an integer that JavaScript cannot hold exactly (2^53 + 1, 1e400) becomes the text
 * of its digits. A fraction becomes the nearest number, as everywhere; everything else is as JSON.parse gives it. Throws
 * a SyntaxError on what is not JSON.
 */
export function parseJsonExactly(text: string): Json {
  const parsed: Json = JSON.parse(text);
  return perhapsUnsafeNumber.test(text) ? JSON.parse(quoteUnsafeNumbers(text)) : parsed;
}

/** Puts the numbers that would be rounded into quotes. `text` is known to be JSON: outside of texts, digits are numbers. */
function quoteUnsafeNumbers(text: string): string {
  const token = /"|-?\d[\d.eE+-]*/g;
  let quoted = "";
  let copied = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '"') token.lastIndex = findEndOfString(text, match.index);
    else if (!isSafeNumber(found)) {
      quoted += `${text.slice(copied, match.index)}"${found}"`;
      copied = token.lastIndex;
    }
  }
  return quoted + text.slice(copied);
}

/** The place behind the closing quote: the next one with an even number of backslashes before it. */
function findEndOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text[before - 1] === "\\") before -= 1;
    if ((end - before) % 2 === 0) return end + 1;
  }
}

function isSafeNumber(digits: string): boolean {
  const value = Number(digits);
  if (value === 0) return !/[1-9]/.test(digits.replace(/e.*/i, ""));
  if (Number.isInteger(value)) return Number.isSafeInteger(value);
  return Number.isFinite(value) && Math.abs(value) >= smallestNormalNumber;
}

// JSON.stringify writes a lone surrogate as an escape, and U+0000 always as one; pairs stay characters.
const refusedByPostgres = /\\u(?:0000|d[89a-f])/i;

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
  // Two keys may become one name; the second one then gets a number, so that no value is dropped. Where the numbers of a
  // name have got to is remembered: counting from 2 again for each of 50,000 such keys took five minutes.
  const seen = new Set<string>();
  const copies = new Map<string, number>();
  return Object.fromEntries(
    entries.map(([key, content]) => {
      const plain = toStorableText(key);
      let name = plain;
      while (seen.has(name)) {
        const copy = (copies.get(plain) ?? 1) + 1;
        copies.set(plain, copy);
        name = `${plain} (${copy})`;
      }
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
