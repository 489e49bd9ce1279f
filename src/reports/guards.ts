// Whether a report still looks like itself. One that lost half of its rows or a column is more likely broken than right, and a
// run that believed it could not be taken back: so it stops before anything is changed, and a person says whether it is right.
import type { ReportColumn } from "./report.ts";
import type { ReportRun } from "./report-runs-table.ts";

export type Seen = Pick<ReportRun, "number" | "rowsRead" | "columnsSeen">;

/**
 * `before`: the last done run, or, when a person has confirmed a stopped one, that one: what that person has seen is no surprise
 * any more. Resolves to why the run must stop, in a sentence; undefined: it may go on.
 */
export function findSurprise(
  report: { idColumn: string; columns: readonly ReportColumn[] },
  now: { rows: number; columns: readonly string[] },
  before: Seen | undefined,
): string | undefined {
  const rowsBefore = before?.rowsRead ?? 0;
  const ofBefore = `run ${before?.number}`;
  if (now.rows === 0)
    return rowsBefore === 0
      ? undefined
      : `The report has no rows, and had ${count(rowsBefore)} in ${ofBefore}. Nothing was changed; if that is right, confirm it.`;
  const gone = listUsed(report).filter((column) => !now.columns.includes(column) && isExpected(column, before));
  if (gone.length > 0) {
    const names = gone.map((column) => JSON.stringify(column)).join(", ");
    return `No row has ${gone.length === 1 ? `the column ${names}` : `the columns ${names}`} any more. Nothing was changed; if that is right, confirm it, or choose other columns.`;
  }
  if (now.rows < rowsBefore / 2)
    return `The report has ${count(now.rows)} rows, fewer than half of the ${count(rowsBefore)} in ${ofBefore}. Nothing was changed; if that is right, confirm it.`;
  return undefined;
}

function listUsed({ idColumn, columns }: { idColumn: string; columns: readonly ReportColumn[] }): string[] {
  const used = columns.flatMap(({ column, latestBy }) => (latestBy === null ? [column] : [column, latestBy]));
  return [...new Set([idColumn, ...used])];
}

/** A column that was not there before either is no surprise. */
function isExpected(column: string, before: Seen | undefined): boolean {
  return !before?.rowsRead || (before.columnsSeen ?? []).includes(column);
}

const count = (number: number) => number.toLocaleString("en-US");
