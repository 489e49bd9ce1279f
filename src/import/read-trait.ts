// What a cell says as the value of a trait. Recognised cell by cell, so that half of a file says what the whole would; what is
// not surely a number, a yes or no, a date or a list is text, as it stands.
import type { TraitType, TraitValue } from "../pipeline/records.ts";
import { readDateText, readListText, readNumberText, readYesNoText } from "../platform/text-values.ts";

export type TypedValue = { type: TraitType; value: TraitValue };

export function readTraitValue(text: string): TypedValue {
  const number = readNumberText(text);
  if (number !== undefined) return { type: "number", value: number };
  const yesNo = readYesNoText(text);
  if (yesNo !== undefined) return { type: "yes-no", value: yesNo };
  const date = readDateText(text);
  if (date !== undefined) return { type: "date", value: date };
  const list = readListText(text);
  return list === undefined ? { type: "text", value: text } : { type: "list", value: list };
}
