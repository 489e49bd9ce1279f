// A report is a rule that makes rows, not a store of them: a million rows cost nothing until they are asked for.
import type { Json, JsonObject } from "../../world/types.ts";
import { hashNumbers, hashText } from "../hash-text.ts";
import type { PersonKind } from "../records/people.ts";

export type Cell = {
  /** Place of the row among all that the report ever has. */
  row: number;
  /** Numbers that look random, the same for the same row in every version of the report. */
  draw: (limit: number) => number;
  /** The same, but different for a fifth of the rows in each new version. */
  drawChanging: (limit: number) => number;
};

export type Column = {
  /** Key of the rows in JSON. */
  field: string;
  /** Undefined leaves the key out. */
  make: (cell: Cell) => Json | undefined;
  /** Rows and CSV do without it. It keeps its place, from which the values of the others follow. */
  isGone?: boolean;
};

/**
 * What the answer with its rows looks like: nothing but a list, a list in an object, or only CSV, so that JSON is
 * answered with 406. Pendo's is said to be the first.
 */
export const reportShapes = ["list", "results", "rows", "csv"] as const;
export type ReportShape = (typeof reportShapes)[number];

export type Report = {
  id: string;
  name: string;
  level: PersonKind;
  type: string;
  isShared: boolean;
  /** Not listed, and no longer to be had. */
  isDeleted: boolean;
  shape: ReportShape;
  /** Funnels, paths and their like are listed but have no results. */
  hasResults: boolean;
  size: number;
  columns: readonly Column[];
  /** Whether rows change, go and come from one version to the next. */
  isChanging: boolean;
};

/** Of the rows of a version, one in so many is gone in the next, and as many new ones are there. */
const lifetime = 50;
const changeEvery = 5;

/** Version 1 has the rows 0 to size − 1. */
export function* listReportRows(report: Report, version: number): Iterable<JsonObject> {
  const salt = hashText(report.id);
  const newRows = Math.round(report.size / lifetime);
  const rowCount = report.isChanging ? report.size + (version - 1) * newRows : report.size;
  for (let row = 0; row < rowCount; row += 1) {
    const bornIn = row < report.size ? 1 : 2 + Math.floor((row - report.size) / newRows);
    if (report.isChanging && version > bornIn + (hashNumbers(salt, row) % lifetime)) continue;
    yield createRow(report, salt, row, version);
  }
}

function createRow(report: Report, salt: number, row: number, version: number): JsonObject {
  const step = report.isChanging ? Math.floor((version + (hashNumbers(salt, row, 1) % changeEvery)) / changeEvery) : 0;
  const values: JsonObject = {};
  for (const [place, { field, make, isGone }] of report.columns.entries()) {
    if (isGone) continue;
    const value = make({
      row,
      draw: (limit) => hashNumbers(salt, row, place) % limit,
      drawChanging: (limit) => hashNumbers(salt, row, place, step) % limit,
    });
    if (value !== undefined) values[field] = value;
  }
  return values;
}

/** Names of the columns that are there. */
export function listFields(report: Report): string[] {
  return report.columns.flatMap(({ field, isGone }) => (isGone ? [] : [field]));
}

export function nameType(level: PersonKind): string {
  return level === "visitor" ? "Visitor Report" : "Account Report";
}
