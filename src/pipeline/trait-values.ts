// Words about values of traits: which type a value of JSON has, and whether it is of the type that a workspace has set.
import { type Json, type JsonObject, toStorableText } from "../platform/json.ts";
import { readDateText, toList } from "../platform/text-values.ts";
import type { TraitSaid, TraitType, TraitValue } from "./records.ts";

/** What people, imports and the API may set at once. */
export const traitLimits = {
  /** Names of one record. */
  names: 500,
  /** Characters of a name. */
  nameLength: 200,
  /** Bytes of a value as JSON. */
  valueBytes: 32 * 1024,
};

export const traitTypes: readonly TraitType[] = ["number", "text", "yes-no", "date", "list"];

/** The types that a workspace has set for traits of one kind of record, by name. A trait without one has whatever its value looks like. */
export type TraitTypes = ReadonlyMap<string, TraitType>;

/** What an object of name → value says, or every reason why it cannot be taken. */
export function readTraits(said: JsonObject, types: TraitTypes): { traits: TraitSaid[] } | { problems: string[] } {
  const entries = Object.entries(said);
  if (entries.length > traitLimits.names)
    return { problems: [`${entries.length} traits at once are too many; ${traitLimits.names} are the most.`] };
  const readings = entries.map(([name, value]) => readTrait(name, value, types.get(name)));
  const problems = readings.filter((reading) => typeof reading === "string");
  return problems.length > 0 ? { problems } : { traits: readings.filter((reading) => typeof reading !== "string") };
}

/** A text says what is wrong with it. */
function readTrait(name: string, value: Json, type: TraitType | undefined): TraitSaid | string {
  const problem = findLimitProblem(name, value);
  if (problem) return problem;
  if (value === null) return { name, type: null, value: null };
  const quoted = JSON.stringify(name);
  if (isRounded(value) || (Array.isArray(value) && value.some(isRounded)))
    return `The number of ${quoted} has more digits than are kept exactly: send it as text, in quotes.`;
  const typed = recogniseValue(value);
  if (!typed)
    return `The value of ${quoted} is no number, text, yes or no, date or list of texts and numbers: ${showValue(value)}.`;
  if (type === undefined || type === typed.type) return { name, ...typed };
  if (type === "text" && typeof value === "string") return { name, type, value: toStorableText(value) };
  return explainMisfit(name, type, value);
}

export function findLimitProblem(name: string, value: Json): string | undefined {
  if (name === "") return "A trait has no name.";
  const quoted = JSON.stringify(name.slice(0, traitLimits.nameLength));
  if (name.length > traitLimits.nameLength)
    return `The name that begins with ${quoted} is longer than ${traitLimits.nameLength} characters.`;
  if (Buffer.byteLength(JSON.stringify(value)) > traitLimits.valueBytes)
    return `The value of ${quoted} is longer than ${traitLimits.valueBytes / 1024} KB.`;
  return undefined;
}

export type TypedValue = { type: TraitType; value: TraitValue };

/** Undefined: it is an object, or a list of something else than texts and numbers. */
function recogniseValue(value: Exclude<Json, null>): TypedValue | undefined {
  if (typeof value === "number") return { type: "number", value };
  if (typeof value === "boolean") return { type: "yes-no", value };
  if (typeof value === "string") return recogniseText(value);
  const list = toList(value);
  return list && { type: "list", value: list };
}

/** JSON has no dates: a text that is one in ISO 8601 is a date. */
function recogniseText(text: string): TypedValue {
  const date = readDateText(text);
  return date === undefined ? { type: "text", value: toStorableText(text) } : { type: "date", value: date };
}

/** Whoever parsed it may have lost digits. */
function isRounded(value: Json): boolean {
  return typeof value === "number" && (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER);
}

const described: Record<TraitType, string> = {
  number: "a number",
  text: "a text",
  "yes-no": "a yes or no",
  date: "a date",
  list: "a list of texts and numbers",
};

/** Why a value is refused whose trait has a type. */
export function explainMisfit(name: string, type: TraitType, value: Json): string {
  return `The trait ${JSON.stringify(name)} is ${described[type]} in this workspace, and ${showValue(value)} is none.`;
}

const mostShown = 60;

function showValue(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}
