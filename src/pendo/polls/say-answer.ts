// Answers in words: what pages, lists and exports show.
import { isJsonObject, type Json } from "../../platform/json.ts";
import { isBlank } from "./answer-parts.ts";
import type { Choices } from "./poll-context.ts";

/** Structures are shown in words up to here; they are kept whole beside them. */
const longestDescription = 2_000;

/** The answer in words: a choice's label, yes or no, a number, the text itself; null for an id nobody can read here. */
export function sayAnswer(value: Json, pollType: string | null, choices: Choices): string | null {
  if (Array.isArray(value)) {
    const said = value.filter((element) => !isBlank(element)).map((one) => sayAnswer(one, pollType, choices) ?? one);
    return describeStructure(said);
  }
  if (value === null) return null;
  if (isJsonObject(value)) return describeStructure(value);
  const text = String(value);
  const type = pollType ?? "";
  const choice = choices.find((layer) => layer.has(text))?.get(text);
  if (choice !== undefined) return choice;
  const answersYesOrNo = /yes.?no|bool/i.test(type) || typeof value === "boolean";
  if (answersYesOrNo && /^(1|true|yes)$/i.test(text)) return "Yes";
  if (answersYesOrNo && /^(0|false|no)$/i.test(text)) return "No";
  if (/positive.?negative/i.test(type) && /^[01]$/.test(text)) return text === "1" ? "Positive" : "Negative";
  return isIdOfChoice(text) && !/text/i.test(type) ? null : text;
}

/** Ids of choices as seen ("001qkov3r8hsxj"): 14 characters, the place of the choice first. */
function isIdOfChoice(text: string): boolean {
  return /^\d{3}(?=[0-9a-z]*[a-z])[0-9a-z]{8,17}$/.test(text);
}

/** A structure on one line: "mood: good, why: sun". */
export function describeStructure(value: Json): string {
  const text = describe(value);
  return text.length <= longestDescription ? text : `${text.slice(0, longestDescription)}…`;
}

function describe(value: Json): string {
  if (Array.isArray(value))
    return value
      .filter((element) => !isBlank(element))
      .map(describe)
      .join(", ");
  if (!isJsonObject(value)) return String(value);
  return Object.entries(value)
    .filter(([, inner]) => !isBlank(inner))
    .map(([name, inner]) => `${name}: ${describe(inner)}`)
    .join("; ");
}
