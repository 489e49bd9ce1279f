// What a cell of a report says as a value of its column's type. A cell that does not fit is told of and never guessed at: a
// number that would lose digits, a day in the order of some country, a yes that says 1 in letters.
import type { TraitType, TraitValue } from "../pipeline/records.ts";
import { type Json, toStorableText } from "../platform/json.ts";
import { readDateText, readListText, readNumberText, readYesNoText, toList } from "../platform/text-values.ts";

export type CellReading =
  | { outcome: "value"; value: TraitValue }
  /** Missing, null, empty or blank. */
  | { outcome: "none" }
  /** `text`: what it says, for people to see. */
  | { outcome: "misfit"; text: string };

const none: CellReading = { outcome: "none" };
/** Characters of a cell that are shown. */
const mostShown = 200;

export function readCell(cell: Json | undefined, type: TraitType): CellReading {
  if (cell === undefined || cell === null) return none;
  if (typeof cell === "string" && cell.trim() === "") return none;
  const value = readers[type](cell);
  return value === undefined ? { outcome: "misfit", text: showCell(cell) } : { outcome: "value", value };
}

const readers: Record<TraitType, (cell: Exclude<Json, null>) => TraitValue | undefined> = {
  number: readNumber,
  "yes-no": readYesNo,
  date: readDate,
  list: (cell) => (typeof cell === "string" ? readListText(cell.trim()) : toList(cell)),
  text: readText,
};

/** Digits that a number cannot hold arrive as text (see parseJsonExactly), and do not fit. A zero below zero is zero. */
function readNumber(cell: Json): number | undefined {
  if (typeof cell === "number") return Number.isFinite(cell) ? cell + 0 : undefined;
  if (typeof cell !== "string") return undefined;
  const text = cell.trim();
  return readNumberText(text) ?? readLongNumber(text);
}

const longNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e\+?\d{1,3})?$/i;
/** Characters; the largest number has 309 digits. */
const longestNumber = 400;
/** From here on JSON is written with an exponent; below, one is a way to write ids: 1e3. */
const exponentsFrom = 1e21;

/** More digits than are always kept, where they are kept: a CSV writes 3.3333333333333335 as its JSON does, and both 1e+21. */
function readLongNumber(text: string): number | undefined {
  if (text.length > longestNumber || !longNumber.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || (/e/i.test(text) && Math.abs(value) < exponentsFrom)) return undefined;
  return toDigits(String(value)) === toDigits(text) ? value : undefined;
}

/** The same for all ways to write a number: 1.50 and 15e-1 are both 15e-1. */
function toDigits(text: string): string {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = `${whole}${fraction}`.replace(/^(-?)0+/, "$1");
  const kept = digits.replace(/0+$/, "");
  return `${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
}

function readYesNo(cell: Json): boolean | undefined {
  if (typeof cell === "boolean") return cell;
  if (typeof cell === "string") return readYesNoText(cell.trim());
  if (cell === 1) return true;
  return cell === 0 ? false : undefined;
}

function readDate(cell: Json): string | undefined {
  if (typeof cell === "number") return readEpoch(cell);
  if (typeof cell !== "string") return undefined;
  const text = cell.trim();
  const number = readNumberText(text);
  return number === undefined ? readDateText(text) : readEpoch(number);
}

/** Below this, a number is seconds; from it on, milliseconds. As milliseconds, and a thousandth of it as seconds, it is 1973-03-03. */
const secondsBelow = 1e11;
/** 20261120 is a day without its hyphens, 45000 one of a spreadsheet's, 0 is never: no number of seconds since 1970. */
const firstSeconds = 1e8;
/** As far as 2500; behind it are microseconds, and 20261120150000. */
const lastMilliseconds = Date.UTC(2500, 0, 1);

/** A time in seconds or milliseconds since 1970, if it can be one. */
function readEpoch(number: number): string | undefined {
  const at = number < secondsBelow ? Math.round(number * 1000) : Math.round(number);
  return number >= firstSeconds && at < lastMilliseconds ? new Date(at).toISOString() : undefined;
}

function readText(cell: Json): string | undefined {
  if (typeof cell === "string") return toStorableText(cell);
  return typeof cell === "number" || typeof cell === "boolean" ? String(cell) : undefined;
}

/** The beginning of it. */
export function showCell(cell: Json): string {
  return toStorableText((typeof cell === "string" ? cell : writeCell(cell)).slice(0, mostShown));
}

/** What nests too deep to be written is still no reason for a run to fail. */
function writeCell(cell: Json): string {
  try {
    return JSON.stringify(cell);
  } catch {
    return Array.isArray(cell) ? "[…]" : "{…}";
  }
}
