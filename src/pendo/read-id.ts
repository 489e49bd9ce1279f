// Ids that identify nobody. They come from snippets that ran before sign-in, and from templates that printed their
// own emptiness; a user or account made of them would collect strangers.
import type { Json } from "../platform/json.ts";

const nobody = new Set(["", "null", "undefined", "0", "anonymous", "nan", "[object object]"]);
/** Pendo's own ids of visitors who have not been identified. */
const anonymousPrefix = "_PENDO_T_";

export type ReadId = {
  /** As it came, for people to see; null where there was none. */
  text: string | null;
  /** Exactly as it came, or null where it identifies nobody. */
  identifies: string | null;
};

export function readId(value: Json | undefined): ReadId {
  if (value === undefined || value === null) return { text: null, identifies: null };
  if (typeof value === "number") value = String(value);
  if (typeof value !== "string") return { text: JSON.stringify(value).slice(0, 200), identifies: null };
  const identifies = isNobody(value) ? null : value;
  return { text: value, identifies };
}

/** Whether an id stands for no person and no company, also in quotes, in brackets of spaces, in any case. */
function isNobody(id: string): boolean {
  if (id.startsWith(anonymousPrefix)) return true;
  const bare = id.replace(/^[\s"'`\\]+|[\s"'`\\]+$/g, "").toLowerCase();
  return nobody.has(bare);
}
