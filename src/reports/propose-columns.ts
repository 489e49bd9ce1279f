// What the first rows of a report suggest: which column says whose a row is, and what the others become. A proposal, which a
// person may change: nothing is synced by it before.
import type { RecordKind, TraitType } from "../pipeline/records.ts";
import { type Json, toStorableText } from "../platform/json.ts";
import { readNumberText } from "../platform/text-values.ts";
import type { FirstRows, PendoReport } from "./pendo-reports.ts";
import { readCell, showCell } from "./read-cell.ts";
import { type Combine, longestTraitName, type ReportColumn, type ReportIdKind } from "./report.ts";

type ProposedColumn = ReportColumn & {
  /** Of the rows looked at, how many have something in it. */
  filled: number;
  /** The first different things in it, for people to see. */
  examples: string[];
};

export type ReportProposal = {
  /** Null: no column is named like Pendo's ids. */
  idColumn: string | null;
  idKind: ReportIdKind | null;
  level: RecordKind;
  /** Every column, the id column too. */
  columns: ProposedColumn[];
};

/** Which of Pendo's ids a column of this name holds: visitorId, Visitor ID, account_id. */
export function findIdKind(column: string): ReportIdKind | undefined {
  const name = column.toLowerCase().replace(/[^a-z]/g, "");
  return { visitorid: "visitor" as const, accountid: "account" as const }[name];
}

/** `accountLevel`: what an account of Pendo is here. */
export function proposeColumns(
  { columns, rows }: FirstRows,
  about: { pendoLevel: PendoReport["level"]; accountLevel: "account" | "organization" },
): ReportProposal {
  const order = about.pendoLevel === "account" ? (["account", "visitor"] as const) : (["visitor", "account"] as const);
  const idKind = order.find((kind) => columns.some((column) => findIdKind(column) === kind)) ?? null;
  const idColumn = columns.find((column) => findIdKind(column) === idKind) ?? null;
  const isAboutAccounts = (idKind ?? about.pendoLevel) === "account";
  return {
    idColumn,
    idKind,
    level: isAboutAccounts ? about.accountLevel : "user",
    columns: columns.map((column, place) =>
      proposeColumn(
        column,
        place,
        rows.map((row) => (Object.hasOwn(row, column) ? row[column] : undefined)),
      ),
    ),
  };
}

const mostExamples = 3;

function proposeColumn(column: string, place: number, cells: readonly (Json | undefined)[]): ProposedColumn {
  const filled = cells.filter((cell) => readCell(cell, "text").outcome !== "none") as Json[];
  const type = proposeType(column, filled);
  return {
    column,
    trait: proposeTrait(column, place),
    type,
    combine: proposeCombine(type),
    latestBy: null,
    filled: filled.length,
    examples: [...new Set(filled.map(showCell))].slice(0, mostExamples),
  };
}

/** A name that can be kept, whatever Pendo calls the column. */
export function proposeTrait(column: string, place: number): string {
  const name = column.trim() === "" ? `column ${place + 1}` : column.trim();
  return toStorableText(`pendo.${name}`.slice(0, longestTraitName)).trim();
}

export function proposeCombine(type: TraitType): Combine {
  return type === "number" ? "sum" : "latest";
}

/** The first type that all of them fit; where they do not agree, or there are none, text. */
function proposeType(column: string, filled: readonly Json[]): TraitType {
  const canBe = (type: TraitType) => filled.every((cell) => readCell(cell, type).outcome === "value");
  if (filled.length === 0) return "text";
  if (canBe("yes-no") && !filled.every((cell) => typeof cell === "number")) return "yes-no";
  if (canBe("date") && filled.every((cell) => !isNumeric(cell) || isTimeIn(column, cell))) return "date";
  if (canBe("number")) return "number";
  return canBe("list") ? "list" : "text";
}

function isNumeric(cell: Json): boolean {
  return typeof cell === "number" || (typeof cell === "string" && readNumberText(cell.trim()) !== undefined);
}

const soundsLikeTime = [/date|time|visit|seen|[^a-z](?:on|at)$|created|updated|login|since|until/i, /[a-z](?:At|On)$/];
/** What is counted or measured is no time, whatever else its name says: timeOnPage, numVisits. */
const soundsLikeAmount = /num|count|days|hours|minutes|seconds|total|average|duration|time(?:On|Spent)|spent/i;

/** Milliseconds between 2000 and 2100, in a column that is named like it: a number alone may be anything. */
function isTimeIn(column: string, cell: Json): boolean {
  const at = Number(cell);
  return (
    soundsLikeTime.some((sound) => sound.test(column)) &&
    !soundsLikeAmount.test(column) &&
    at >= Date.UTC(2000, 0, 1) &&
    at < Date.UTC(2100, 0, 1)
  );
}
