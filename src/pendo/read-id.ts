// Ids that identify nobody. They come from snippets that ran before sign-in, and from templates that printed their
// own emptiness; a user or account made of them would collect strangers.
import { isStorableText, type Json } from "../platform/json.ts";

const nobody = new Set(["", "null", "undefined", "0", "anonymous", "[object object]"]);
/** Pendo's own ids of visitors who have not been identified. */
const anonymousPrefix = "_PENDO_T_";
/** Characters of an id that identifies nobody that are kept for people to see. */
const mostShown = 200;
/** Longest id of a visitor or account that is kept, in bytes of UTF-8: what an index of PostgreSQL takes. */
const longestId = 1_000;

export type ReadId = {
  /** As it came, for people to see; null where there was none. */
  text: string | null;
  /** Exactly as it came, or null where it identifies nobody. */
  identifies: string | null;
  /** Exactly as it came, also where Pendo made it for somebody not identified yet; null where many may share it. */
  distinguishes: string | null;
};

export function readId(value: Json | undefined): ReadId {
  if (value === undefined || value === null) return { text: null, identifies: null, distinguishes: null };
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || isNobody(text)) {
    const shown = (typeof text === "string" ? text : JSON.stringify(text)).slice(0, mostShown);
    const isDistinct = typeof text === "string" && isAnonymous(text);
    return { text: shown, identifies: null, distinguishes: isDistinct ? shown : null };
  }
  return { text, identifies: text, distinguishes: text };
}

/** Whether an id stands for no person and no company, also in quotes, in spaces, in any case. */
export function isNobody(id: string): boolean {
  return isAnonymous(id) || nobody.has(stripWrapping(id).toLowerCase());
}

/** Whether an id can be kept exactly. */
export function isUsableId(id: string): boolean {
  return isStorableText(id) && Buffer.byteLength(id) <= longestId;
}

function isAnonymous(id: string): boolean {
  return stripWrapping(id).startsWith(anonymousPrefix);
}

/** Without quotes, escapes and spaces at both ends. No pattern: on a long id it would try every place as the end. */
function stripWrapping(id: string): string {
  let start = 0;
  let end = id.length;
  while (start < end && isWrapping(id[start]!)) start += 1;
  while (end > start && isWrapping(id[end - 1]!)) end -= 1;
  return id.slice(start, end);
}

function isWrapping(character: string): boolean {
  return /[\s"'`\\]/.test(character);
}
