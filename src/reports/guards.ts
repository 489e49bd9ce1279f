// Whether a report still looks like itself. One that lost half of its rows or a column is more likely broken than right, and a
// run that believed it could not be taken back: so it stops before anything is changed, and a person says whether it is right.
import { rowsLookedAt } from "./pendo-reports.ts";
import type { ReportColumn } from "./report.ts";
import type { ReportRun } from "./report-runs-table.ts";

export type Seen = Pick<ReportRun, "number" | "rowsRead" | "columnsSeen">;

export type Surprise = {
  sentence: string;
  /** No row says anything of anybody. */
  isEverythingGone: boolean;
};

/**
 * `before`: the last done run, or, when a person has confirmed a stopped one, that one: what that person has seen is no surprise
 * any more. Resolves to why the run must stop; undefined: it may go on.
 */
export function findSurprise(
  report: { idColumn: string; columns: readonly ReportColumn[] },
  now: { rows: number; columns: readonly string[] },
  before: Seen | undefined,
): Surprise | undefined {
  const rowsBefore = before?.rowsRead ?? 0;
  const ofBefore = `run ${before?.number}`;
  const of = (sentence: string, isEverythingGone = false) => ({ sentence, isEverythingGone });
  if (now.rows === 0)
    return rowsBefore === 0
      ? undefined
      : of(
          `The report has no rows, and had ${count(rowsBefore)} in ${ofBefore}. Nothing was changed; if that is right, confirm it.`,
          true,
        );
  const gone = listUsed(report).filter((column) => !now.columns.includes(column) && isExpected(column, before));
  if (gone.length > 0) {
    const names = gone.map((column) => JSON.stringify(column)).join(", ");
    const sentence = `No row has ${gone.length === 1 ? `the column ${names}` : `the columns ${names}`}${rowsBefore > 0 ? " any more" : ""}. Nothing was changed; if that is right, confirm it, or choose other columns.`;
    return of(sentence, gone.includes(report.idColumn));
  }
  if (now.rows < rowsBefore / 2)
    return of(
      `The report has ${count(now.rows)} rows, fewer than half of the ${count(rowsBefore)} in ${ofBefore}. Nothing was changed; if that is right, confirm it.`,
    );
  return undefined;
}

/** What a person has to know before the run is confirmed, where values that vanish are cleared. `values`: what the report has given by now. */
export function describeLoss({ isEverythingGone }: Surprise, values: number): string {
  const given = `${count(values)} ${values === 1 ? "value" : "values"} that the report has given`;
  return isEverythingGone
    ? `Values that vanish are cleared: confirming it takes away all ${given}.`
    : `Values that vanish are cleared: confirming it takes away those that are no longer there, of ${given}.`;
}

/**
 * Columns that nothing is made of and that nobody was shown when the report was set up: of a first run those that only rows behind
 * the first ones have, later those that the last done run did not have. In a sentence; undefined: there are none.
 */
export function describeNewColumns(
  report: { idColumn: string; columns: readonly ReportColumn[] },
  now: { columns: readonly string[]; lateColumns: readonly string[] },
  lastDone: Pick<ReportRun, "columnsSeen"> | undefined,
): string | undefined {
  const used = listUsed(report);
  const found = lastDone ? now.columns.filter((column) => !lastDone.columnsSeen?.includes(column)) : now.lateColumns;
  const fresh = found.filter((column) => !used.includes(column));
  if (fresh.length === 0) return undefined;
  const more = fresh.length > mostNamed ? ` and ${count(fresh.length - mostNamed)} more` : "";
  const names = `${fresh
    .slice(0, mostNamed)
    .map((column) => JSON.stringify(column))
    .join(", ")}${more}`;
  const where = lastDone ? "that were not there before" : `that the first ${rowsLookedAt} rows do not have`;
  return `The report has columns ${where}: ${names}. They become no traits until they are chosen.`;
}

const mostNamed = 10;

function listUsed({ idColumn, columns }: { idColumn: string; columns: readonly ReportColumn[] }): string[] {
  const used = columns.flatMap(({ column, latestBy }) => (latestBy === null ? [column] : [column, latestBy]));
  return [...new Set([idColumn, ...used])];
}

/** A column that was not there before either is no surprise. */
function isExpected(column: string, before: Seen | undefined): boolean {
  return !before?.rowsRead || (before.columnsSeen ?? []).includes(column);
}

const count = (number: number) => number.toLocaleString("en-US");
