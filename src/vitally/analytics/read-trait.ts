// A value of a message as a trait. Whoever sends messages gets no answer that could refuse one trait of many, so that what is no
// value of a trait (an object, a list of lists) is kept as its JSON.
import type { TraitSaid } from "../../pipeline/records.ts";
import type { Json } from "../../platform/json.ts";
import { readDateText, toList } from "../../platform/text-values.ts";

/** Null takes the trait away. */
export function readTrait(name: string, value: Json): TraitSaid {
  if (value === null) return { name, type: null, value: null };
  if (typeof value === "number") return { name, type: "number", value };
  if (typeof value === "boolean") return { name, type: "yes-no", value };
  if (typeof value === "string") {
    const date = readDateText(value);
    return date === undefined ? { name, type: "text", value } : { name, type: "date", value: date };
  }
  const list = toList(value);
  return list ? { name, type: "list", value: list } : { name, type: "text", value: JSON.stringify(value) };
}
