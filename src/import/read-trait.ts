// What a cell says as the value of a trait. Recognised cell by cell, so that half of a file says what the whole would; what is
// not surely a number, a yes or no, a date or a list is text, as it stands.
import type { TraitType, TraitValue } from "../pipeline/records.ts";
import type { TypedValue } from "../pipeline/trait-values.ts";
import { readDateText, readListText, readNumberText, readYesNoText } from "../platform/text-values.ts";

const readers: Record<TraitType, (text: string) => TraitValue | undefined> = {
  number: readNumberText,
  "yes-no": readYesNoText,
  date: readDateText,
  list: readListText,
  text: (text) => text,
};
const recognised = ["number", "yes-no", "date", "list"] as const;

export function readTraitValue(text: string): TypedValue {
  for (const type of recognised) {
    const value = readTraitValueAs(text, type);
    if (value) return value;
  }
  return { type: "text", value: text };
}

/** As a value of a type; undefined: it is none. */
export function readTraitValueAs(text: string, type: TraitType): TypedValue | undefined {
  const value = readers[type](text);
  return value === undefined ? undefined : { type, value };
}
