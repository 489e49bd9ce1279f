// Reads one field of Pendo's metadata as an external ID. A value becomes a text exactly, or there is no value: never a
// guess, for two people with the same text would become one user.
import { isJsonObject, isStorableText, type Json, type JsonObject } from "../platform/json.ts";
import { isNobody } from "./read-id.ts";

/** Where a field is looked for: one group, or (null) agent, custom, then every other group by its name. */
export type FieldName = { group: string | null; field: string };

export type FieldValue = {
  text: string;
  /** The field in full, with its group: agent.email. */
  foundIn: string;
};

/** Longest external ID, in bytes of UTF-8: what an index of PostgreSQL takes. */
const longestValue = 1_000;
const firstGroups = ["agent", "custom"];

/** `agent.email` is a field of a group, `email` a bare name; undefined where it is neither. What follows the first dot is the field. */
export function parseFieldName(text: string): FieldName | undefined {
  if (!isStorableText(text)) return undefined;
  const dot = text.indexOf(".");
  const group = dot === -1 ? null : text.slice(0, dot);
  const field = text.slice(dot + 1);
  return group === "" || field === "" ? undefined : { group, field };
}

/**
 * The value of a field, or null where there is none: missing, empty, `null`, an id that identifies nobody, or nothing that
 * can be kept exactly. A bare name is looked for until a group has a value of that name.
 */
export function readFieldValue(metadata: JsonObject, { group, field }: FieldName): FieldValue | null {
  const groups = group === null ? orderGroups(Object.keys(metadata)) : [group];
  for (const name of groups) {
    const text = toExactText(readOwn(readOwn(metadata, name), field));
    if (text !== null) return { text, foundIn: `${name}.${field}` };
  }
  return null;
}

function orderGroups(groups: readonly string[]): string[] {
  const others = groups.filter((group) => !firstGroups.includes(group));
  return [...firstGroups, ...others.sort((one, other) => (one < other ? -1 : 1))];
}

/** Never what an object inherits: a field may be called `constructor`. */
function readOwn(from: Json | undefined, name: string): Json | undefined {
  return isJsonObject(from) && Object.hasOwn(from, name) ? from[name] : undefined;
}

/** A list with one value is that value; a list of several is its JSON, for nothing says which of them is meant. */
function toExactText(value: Json | undefined): string | null {
  if (Array.isArray(value)) {
    const texts = new Set(value.map(toExactText).filter((text) => text !== null));
    return texts.size > 1 ? keepUsable(JSON.stringify(value)) : ([...texts][0] ?? null);
  }
  if (typeof value === "string") return keepUsable(value);
  if (typeof value === "number" || typeof value === "boolean") return keepUsable(String(value));
  return null;
}

function keepUsable(text: string): string | null {
  return isNobody(text) || !isStorableText(text) || Buffer.byteLength(text) > longestValue ? null : text;
}
