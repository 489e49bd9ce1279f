// Rows of Pendo's become lines for COPY. Every cell is read here, once; what does not fit its type is counted, and told of as
// far as anybody reads it.
import { isUsableId, readId } from "../pendo/read-id.ts";
import type { TraitValue } from "../pipeline/records.ts";
import { type JsonObject, toStorableText } from "../platform/json.ts";
import { rowsLookedAt } from "./pendo-reports.ts";
import { readCell } from "./read-cell.ts";
import { mostProblems } from "./report-problems-table.ts";
import type { StagedColumn } from "./staged-columns.ts";

export type RowCounts = {
  rows: number;
  /** Rows that are nobody's already by what their id column says. */
  withoutId: number;
  /** Cells that do not fit their type. */
  typeErrors: number;
  /** The columns that rows had, in the order in which they came. */
  columns: string[];
  /** Those of them that only rows have that nobody looked at when the report was set up. */
  lateColumns: string[];
};

export type RowWriter = {
  /** A line for each row: row_number, id, reason, misfits, and its cells in a list. */
  write: (rows: readonly JsonObject[]) => string;
  counts: () => RowCounts;
};

/** Bytes of a text that becomes a value. */
const longestText = 32 * 1024;
/** Columns that are told of; those that become traits always are. */
const mostColumns = 2_000;
const nothing = "\\N";

export function createRowWriter(idColumn: string, columns: readonly StagedColumn[]): RowWriter {
  let rows = 0;
  let withoutId = 0;
  let typeErrors = 0;
  let problems = 0;
  const seen = new Set<string>();
  const lateColumns: string[] = [];
  const used = new Set([idColumn, ...columns.map(({ column }) => column)]);

  function writeRow(row: JsonObject): string {
    rows += 1;
    for (const column in row) {
      if (seen.has(column) || (seen.size >= mostColumns && !used.has(column))) continue;
      seen.add(column);
      if (rows > rowsLookedAt) lateColumns.push(column);
    }
    const { id, reason } = readRowId(row, idColumn);
    if (reason !== null) {
      withoutId += 1;
      problems += 1;
    }
    let misfits: Record<number, string | [string] | null> | undefined;
    const cells: (TraitValue | null)[] = [];
    for (let place = 0; place < columns.length; place += 1) {
      const { column, type } = columns[place]!;
      const reading = readCell(Object.hasOwn(row, column) ? row[column] : undefined, type);
      const fits = reading.outcome === "value" && !isTooLong(reading.value);
      cells.push(fits ? reading.value : null);
      if (fits || reading.outcome === "none") continue;
      typeErrors += 1;
      problems += 1;
      misfits ??= {};
      misfits[place] = problems > mostProblems ? null : showMisfit(reading);
    }
    const told = misfits === undefined ? nothing : escapeText(JSON.stringify(misfits));
    return `${rows}\t${id === null ? nothing : escapeText(id)}\t${reason ?? nothing}\t${told}\t${escapeText(JSON.stringify(cells))}\n`;
  }

  return {
    write(given) {
      let lines = "";
      for (const row of given) lines += writeRow(row);
      return lines;
    },
    counts: () => ({
      rows,
      withoutId,
      typeErrors,
      columns: [...seen].map(toStorableText),
      lateColumns: lateColumns.map(toStorableText),
    }),
  };
}

type UnidentifiedReason = "no-id" | "nobody" | "id-unusable";

/** As ids of webhooks are read: exactly as they came, or nobody's. */
function readRowId(row: JsonObject, column: string): { id: string | null; reason: UnidentifiedReason | null } {
  const { text, identifies } = readId(Object.hasOwn(row, column) ? row[column] : undefined);
  if (text === null || text.trim() === "") return { id: text, reason: "no-id" };
  if (identifies === null) return { id: toStorableText(text), reason: "nobody" };
  if (!isUsableId(identifies)) return { id: toStorableText(identifies.slice(0, mostShown)), reason: "id-unusable" };
  return { id: identifies, reason: null };
}

const mostShown = 200;

function isTooLong(value: unknown): boolean {
  if (typeof value === "string") return value.length > longestText / 4 && Buffer.byteLength(value) > longestText;
  return Array.isArray(value) && Buffer.byteLength(JSON.stringify(value)) > longestText;
}

/** In a list, where the cell would fit and is too long. */
function showMisfit(
  reading: { outcome: "misfit"; text: string } | { outcome: "value"; value: unknown },
): string | [string] {
  if (reading.outcome === "misfit") return reading.text;
  const text = typeof reading.value === "string" ? reading.value : JSON.stringify(reading.value);
  return [`${text.slice(0, mostShown).toWellFormed()}…`];
}

const special = /[\\\t\n\r]/;
const escapes: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escapeText(text: string): string {
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => escapes[character]!) : text;
}
